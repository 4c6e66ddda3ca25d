import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { LookupFields, RegistrationFields } from '../../../src/agent/fields.ts'
import { Intake, lineResults, type NumberedFault } from '../../../src/agent/ingest/intake.ts'
import { LineReader } from '../../../src/agent/ingest/line-reader.ts'
import { until } from '../../support/until.ts'

const MAX_LINE = 300
const lookup = (service: string, more: object = {}): string => JSON.stringify({ kind: 'lookup', service, outcome: 'SUCCESS', ...more })

/** An intake whose agent holds what it is given until it is let go. */
function bench(queueLimit = 1_000) {
  const lookups: LookupFields[] = []
  const registrations: RegistrationFields[] = []
  let letGo: (() => void) | undefined
  const intake = new Intake({ maxLineBytes: MAX_LINE, source: 'ingest', queueLimit }, {
    recordLookup: event => lookups.push(event),
    recordRegistration: event => registrations.push(event),
    flush: () => new Promise(resolve => { letGo = resolve }),
  })
  return {
    intake, lookups, registrations,
    letGo: () => letGo?.(),
    counts: () => Object.fromEntries(lineResults.map(result => [result, intake.count(result)])),
    body: (...lines: string[]) => intake.body(Buffer.from(lines.join('\n'))),
  }
}

describe('a body', () => {
  it('gives its events, and the faults of its other lines by their number', () => {
    const { body, lookups, registrations, counts } = bench()
    const bad = '{"kind":"lookup","service":"cart","outcome":"OK"}'
    const registration = '{"kind":"registration","service":"pay","operation":"REGISTER","outcome":"SUCCESS","source":"etcd"}'
    expect(body(lookup('cart'), '', bad, registration, 'x'.repeat(MAX_LINE + 1), '')).toEqual({
      accepted: 2, rejected: 2, faults: [
        { line: 3, field: 'outcome', expected: 'one of UNKNOWN, SUCCESS, EMPTY, FAILURE', found: "'OK'" },
        { line: 5, field: '', expected: 'a line of 300 bytes at most', found: 'a longer one' },
      ],
    })
    expect(lookups).toMatchObject([{ service: 'cart', source: 'ingest', client: '' }])
    expect(registrations).toMatchObject([{ service: 'pay', source: 'etcd' }])
    expect(counts()).toEqual({ accepted: 2, blank: 1, faulty: 2, full: 0, too_many: 0 })
  })

  it('is told a hundred faults at most', () => {
    const taken = bench().body(...Array.from({ length: 300 }, () => '{}'))
    expect(taken).toMatchObject({ accepted: 0, rejected: 300 })
    expect(taken).toHaveProperty('faults.length', 100)
  })

  it('is taken as a whole or, where the queue has no room for it, not at all', () => {
    const { body, lookups, counts } = bench(3)
    expect(body(lookup('a'), lookup('b'))).toMatchObject({ accepted: 2 })
    expect(body(lookup('c'), lookup('d'))).toBe('full')
    expect(body(lookup('e'))).toMatchObject({ accepted: 1 })
    expect(lookups.map(({ service }) => service)).toEqual(['a', 'b', 'e'])
    expect(counts()).toMatchObject({ accepted: 3, full: 2 })
  })

  it('is taken again once what was before it is sent', async () => {
    const { body, letGo } = bench(2)
    body(lookup('a'), lookup('b'))
    expect(body(lookup('c'))).toBe('full')
    letGo()
    expect(await until(() => body(lookup('c')) !== 'full', { message: 'there is room again' })).toBe(true)
  })

  it('with more lines than ever have room is told so', () => {
    const { intake, body, counts } = bench(2)
    expect(body(lookup('a'), lookup('b'), lookup('c'))).toBe('too_many_lines')
    expect(intake.body(Buffer.alloc(10_001, '\n'))).toBe('too_many_lines')
    expect(counts()).toMatchObject({ accepted: 0, too_many: 10_004 })
  })
})

describe('a stream', () => {
  it('is read line by line, and no faster than there is room', async () => {
    const { intake, lookups, letGo } = bench(2)
    const input = new PassThrough()
    const faults: NumberedFault[] = []
    const reader = new LineReader({ input, intake, maxLineBytes: MAX_LINE, onFault: fault => faults.push(fault) })
    const read = new AbortController()
    const reading = reader.read().finally(() => read.abort())
    input.end(`${lookup('a')}\n{}\n${lookup('b')}\n${lookup('c')}`)
    await until(() => lookups.length === 2, { message: 'two events are taken' })
    expect([read.signal.aborted, faults]).toEqual([false, [{ line: 2, field: 'kind', expected: 'lookup or registration', found: 'nothing' }]])
    await until(() => { letGo(); return read.signal.aborted }, { message: 'the rest is read' })
    await reading
    expect(lookups.map(({ service }) => service)).toEqual(['a', 'b', 'c'])
  })

  it('that is stopped ends where it is', async () => {
    const { intake, lookups } = bench()
    const input = new PassThrough()
    const reader = new LineReader({ input, intake, maxLineBytes: MAX_LINE, onFault: () => undefined })
    const reading = reader.read()
    input.write(`${lookup('a')}\n${lookup('half').slice(0, 10)}`)
    await until(() => lookups.length === 1, { message: 'the event is taken' })
    reader.stop()
    await expect(reading).resolves.toBeUndefined()
    expect(lookups).toHaveLength(1)
  })

  it('that breaks is an error', async () => {
    const input = new PassThrough()
    const reading = new LineReader({ input, intake: bench().intake, maxLineBytes: MAX_LINE, onFault: () => undefined }).read()
    input.destroy(new Error('EIO'))
    await expect(reading).rejects.toThrow('EIO')
  })
})

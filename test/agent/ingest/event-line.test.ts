import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readEventLine, type LineFault, type ReadEvent } from '../../../src/agent/ingest/event-line.ts'
import { boundsFault } from '../../../src/contract/bounds.ts'
import { createEncoder } from '../../../src/contract/codec.ts'
import { eventDefaults, type LookupEvent, type RegistrationEvent } from '../../../src/contract/events.ts'

const lookup = { kind: 'lookup', service: 'cart', outcome: 'SUCCESS' }
const registration = { kind: 'registration', service: 'cart', operation: 'REGISTER', outcome: 'SUCCESS' }

function eventOf(line: unknown): ReadEvent | undefined {
  const read = readEventLine(Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)))
  return 'event' in read ? read.event : undefined
}

function faultsOf(line: unknown): LineFault[] {
  const read = readEventLine(Buffer.isBuffer(line) ? line : Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)))
  return 'faults' in read ? read.faults : []
}

describe('a line', () => {
  it('is the event that its fields say, with the schema’s defaults and nothing of the agent’s', () => {
    const { agentId: _a, sequence: _s, ...defaults } = eventDefaults.lookup
    const event = eventOf({ ...lookup, client: 'batch', durationMicros: 1_500, weight: 3, occurredAt: 1_795_424_140_000 })
    expect(event?.kind).toBe('lookup')
    expect(event?.fields).toMatchObject({
      ...defaults, source: undefined, service: 'cart', outcome: 'SUCCESS', client: 'batch', durationMicros: 1_500, weight: 3, occurredAt: 1_795_424_140_000,
    })
    expect(eventOf({ ...registration, instance: '10.0.0.1:80', status: 'PASSING', leaseMillis: 30_000 })?.fields)
      .toMatchObject({ operation: 'REGISTER', instance: '10.0.0.1:80', status: 'PASSING', leaseMillis: 30_000, occurredAt: undefined })
  })

  it('may begin with a byte order mark and end with a carriage return', () => {
    expect(eventOf(`\uFEFF${JSON.stringify(lookup)}\r`)?.fields.service).toBe('cart')
  })

  it.each([
    ['{"kind":', { field: '', expected: 'a JSON object', found: '\'{"kind":\'' }],
    ['[1]', { field: '', expected: 'a JSON object', found: 'an array' }],
    ['null', { field: '', expected: 'a JSON object', found: 'null' }],
    [{ service: 'cart' }, { field: 'kind', expected: 'lookup or registration', found: 'nothing' }],
    [{ ...lookup, kind: 'agent' }, { field: 'kind', expected: 'lookup or registration', found: "'agent'" }],
    [{ ...lookup, outcome: 'OK' }, { field: 'outcome', expected: 'one of UNKNOWN, SUCCESS, EMPTY, FAILURE', found: "'OK'" }],
    [{ ...lookup, service: '' }, { field: 'service', expected: 'a name of 1 to 256 bytes', found: "''" }],
    [{ ...lookup, client: 'é'.repeat(129) }, { field: 'client', expected: 'text of 256 bytes at most', found: `'${'é'.repeat(40)}…'` }],
    [{ ...lookup, weight: -1 }, { field: 'weight', expected: 'a whole number, 0 to 10000', found: '-1' }],
    [{ ...lookup, weight: '1' }, { field: 'weight', expected: 'a whole number, 0 to 10000', found: "'1'" }],
    [{ ...lookup, durationMicros: 1.5 }, { field: 'durationMicros', expected: 'a whole number, -1 at the lowest', found: '1.5' }],
    [{ ...lookup, zone: null }, { field: 'zone', expected: 'text of 256 bytes at most', found: 'null' }],
    [{ ...lookup, zone: {} }, { field: 'zone', expected: 'text of 256 bytes at most', found: 'an object' }],
    [{ kind: 'lookup', service: 'cart' }, { field: 'outcome', expected: 'one of UNKNOWN, SUCCESS, EMPTY, FAILURE', found: 'nothing' }],
  ])('such as %j is told what is wrong with it', (line, fault) => {
    expect(faultsOf(line)).toEqual([fault])
  })

  it('is told each fault, up to eight, also of fields that there are not or that are the agent’s', () => {
    const faults = faultsOf({ kind: 'registration', service: '', outcome: 1, namepsace: 'shop', agentId: 'a/b' })
    expect(faults.map(({ field }) => field)).toEqual(['service', 'outcome', 'namepsace', 'agentId', 'operation'])
    expect(faults[2]?.expected).toBe('left out: a registration has no such field, or the agent fills it in')
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`f${index}`, 1]))
    expect(faultsOf({ ...lookup, ...many })).toHaveLength(8)
    expect(faultsOf('{"kind":"lookup","service":"a","outcome":"SUCCESS","__proto__":{"client":"x"}}').map(({ field }) => field)).toEqual(['__proto__'])
  })

  it('of other bytes than UTF-8 is told so', () => {
    expect(faultsOf(Buffer.from([0x22, 0xff, 0x22]))).toEqual([{ field: '', expected: 'UTF-8', found: 'other bytes' }])
  })

  it('is an event that the contract takes, or told its faults, whatever its fields are', () => {
    const value = fc.oneof(fc.constantFrom<unknown>('SUCCESS', 'PASSING', 'cart', '', 0, 1, -1, 10_001, 2 ** 31, 2 ** 60, 1.5, null, true), fc.jsonValue())
    const fields = Object.keys({ ...eventDefaults.lookup, ...eventDefaults.registration })
    const line = fc.record({
      kind: fc.constantFrom('lookup', 'registration'), outcome: fc.constantFrom('SUCCESS', 'EMPTY'), operation: fc.constant('REGISTER'),
      service: fc.constantFrom('cart', ''), more: fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 3 }),
    }).map(({ kind, operation, more, ...rest }) => ({ kind, ...rest, ...(kind === 'registration' ? { operation } : {}), ...more }))
    let taken = 0
    fc.assert(fc.property(line, told => {
      const read = readEventLine(Buffer.from(JSON.stringify(told)))
      if ('faults' in read) return read.faults.length > 0
      taken += 1
      const { kind, fields: given } = read.event
      const event = { ...eventDefaults[kind], ...JSON.parse(JSON.stringify(given)) as object }
      const whole = event as LookupEvent & RegistrationEvent
      return boundsFault(kind, whole) === null && createEncoder(kind)(whole).length > 10
    }), { numRuns: 2_000 })
    expect(taken).toBeGreaterThan(100)
  })
})

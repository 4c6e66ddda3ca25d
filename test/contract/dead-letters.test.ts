import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutLetter, isReplayed, letterRecord, readLetter, sizeOfRecord, type DeadLetter } from '../../src/contract/dead-letters.ts'
import { DEAD_LETTER_MAX_MESSAGE_BYTES, INPUT_MAX_MESSAGE_BYTES } from '../../src/contract/topics.ts'
import { encodeBatch } from '../../src/kafka/batch-encoder.ts'

const bytes = fc.option(fc.uint8Array({ maxLength: 60 }).map(each => Buffer.from(each)))
const name = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 9 }), fc.constantFrom('discovery-topic', 'discovery-offset', 'discovery-cut', 'discovery-replayed'))
const headers = fc.array(fc.tuple(name, bytes), { maxLength: 6 })
const letters: fc.Arbitrary<DeadLetter> = fc.record({
  topic: fc.constantFrom('discovery.lookups.v1', 'x.discovery.agents.v1'), partition: fc.nat(), offset: fc.maxSafeNat(), timestamp: fc.maxSafeNat(),
  reason: fc.constantFrom('malformed', 'empty'), detail: fc.string({ maxLength: 100 }).map(text => Buffer.from(text).toString()),
  key: bytes, value: bytes, headers, batchOf: fc.nat(), cutFrom: fc.nat(),
})
const letter = (fields: Partial<DeadLetter> = {}): DeadLetter => ({
  topic: 'discovery.lookups.v1', partition: 3, offset: 4, timestamp: 5, reason: 'malformed', detail: '', key: null, value: null, headers: [], batchOf: 0, cutFrom: 0, ...fields,
})

describe('a dead letter', () => {
  it('is read back as it was written, whatever headers the record brought', () => {
    fc.assert(fc.property(letters, given => { expect(readLetter(letterRecord(given))).toEqual(given) }))
  })

  it('says where it came from by its first headers, whatever the record’s own say', () => {
    const forged: DeadLetter['headers'] = [['discovery-topic', Buffer.from('elsewhere')], ['trace', null]]
    const record = letterRecord(letter({ detail: 'ends early', headers: forged }))
    expect(record.headers.map(([header, value]) => [header, value?.toString() ?? null])).toEqual([
      ['discovery-topic', 'discovery.lookups.v1'], ['discovery-partition', '3'], ['discovery-offset', '4'], ['discovery-timestamp', '5'],
      ['discovery-reason', 'malformed'], ['discovery-detail', 'ends early'], ['discovery-topic', 'elsewhere'], ['trace', null],
    ])
    expect(readLetter(record)).toMatchObject({ topic: 'discovery.lookups.v1', headers: forged })
  })

  it('of a batch says how many records nobody could read', () => {
    const record = letterRecord(letter({ reason: 'batch_too_large', batchOf: 12, value: Buffer.from('batch') }))
    expect(record.headers.map(([header, value]) => [header, value?.toString()])).toContainEqual(['discovery-batch-records', '12'])
    expect(readLetter(record)).toMatchObject({ batchOf: 12, value: Buffer.from('batch') })
  })

  it.each([
    ['without headers', []],
    ['without an offset', [['discovery-topic', Buffer.from('a')], ['discovery-partition', Buffer.from('1')], ['discovery-timestamp', Buffer.from('1')]]],
  ] as const)('is not what a record is %s', (_, given) => {
    expect(readLetter({ key: null, value: null, headers: given })).toBeNull()
  })

  it('of a record that fills a batch of the inputs fits into its topic, with a detail of any length', () => {
    const full = INPUT_MAX_MESSAGE_BYTES - encodeBatch([{ key: 'k', value: null, headers: [['h', Buffer.alloc(100)]] }], 0).length
    const record = { key: Buffer.from('k'), value: Buffer.alloc(full - 4), headers: [['h', Buffer.alloc(100)]] as const }
    expect(encodeBatch([record], 0).length).toBeGreaterThan(INPUT_MAX_MESSAGE_BYTES - 4)
    const written = letterRecord(letter({ ...record, topic: 't'.repeat(249), detail: 'd'.repeat(100_000) }))
    expect(encodeBatch([written], 0).length).toBeLessThan(DEAD_LETTER_MAX_MESSAGE_BYTES)
  })
})

describe('a letter that is cut', () => {
  it('has no more of the record than it may, says how much there was, and is whole where it fits', () => {
    fc.assert(fc.property(letters.map(each => ({ ...each, cutFrom: 0 })), fc.nat({ max: 400 }), (given, most) => {
      const cut = cutLetter(given, most)
      const size = sizeOfRecord(given)
      expect(sizeOfRecord(cut)).toBeLessThanOrEqual(most)
      expect(cut).toEqual(size <= most ? given : { ...cut, cutFrom: size, topic: given.topic, offset: given.offset })
      expect(cutLetter(cut, Math.floor(most / 2)).cutFrom).toBe(size <= Math.floor(most / 2) ? 0 : size)
    }))
  })

  it('keeps key and headers, and the beginning of the value, as long as those are the lesser part', () => {
    const given = letter({ key: Buffer.from('shop/cart'), value: Buffer.from('abcdefghij'.repeat(10)), headers: [['a', Buffer.from('b')]] })
    expect(cutLetter(given, 60)).toEqual({ ...given, value: Buffer.from('abcdefghij'.repeat(10).slice(0, 39)), cutFrom: 121 })
    expect(cutLetter(given, 0)).toEqual({ ...given, key: Buffer.alloc(0), headers: [], value: Buffer.alloc(0), cutFrom: 121 })
  })
})

it('a record is a replay if a header says so, of whatever value', () => {
  expect([isReplayed([]), isReplayed([['Discovery-Replayed', null]]), isReplayed([['a', null], ['discovery-replayed', null]])]).toEqual([false, false, true])
})

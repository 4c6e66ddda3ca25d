import { createRequire } from 'node:module'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NewRecord } from '../../src/checkpoint/log.ts'
import { encodeBatch } from '../../src/kafka/batch-encoder.ts'
import { batchesOf } from '../../src/kafka/record-batch.ts'
import { decodeSet, encodeBatch as encodeByKafkajs } from './record-sets.ts'

interface KafkajsRecord { key: Buffer | null; value: Buffer | null; headers: Record<string, Buffer>; offset: string; timestamp: string }

const require = createRequire(import.meta.url)
const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object
const decodeByKafkajs = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: object) => Promise<{ records: KafkajsRecord[] }>

const checksumByKafkajs = require('kafkajs/src/protocol/recordBatch/crc32C') as (bytes: Buffer) => number

const TIME = 1_700_000_000_123
const CHECKED = 21
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 90 }), fc.string({ unit: 'binary-ascii', maxLength: 90 }))
const value = fc.oneof(fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)), fc.constant(null))
/** kafkajs takes `toString` and the like for headers that are there already. */
const headerName = fc.string({ minLength: 1, maxLength: 9 }).filter(given => !(given in {}))
const record: fc.Arbitrary<NewRecord> = fc.oneof(
  fc.record({ key: text, value }),
  fc.record({ key: text, value, headers: fc.dictionary(headerName, text, { maxKeys: 3 }) }),
)
const records = fc.array(record, { minLength: 1, maxLength: 150 })

/** A text as UTF-8 has it: without halves of surrogate pairs. */
const asUtf8 = (given: string): string => Buffer.from(given).toString()
const plain = ({ key, value: given, headers = {} }: NewRecord, index: number) => ({
  offset: index, time: TIME, key: asUtf8(key), value: given?.toString('hex') ?? null,
  headers: Object.entries(headers).map(([name, said]) => [asUtf8(name), asUtf8(said)]),
})

describe('a batch', () => {
  it('is read back as it was by our own reader', () => {
    fc.assert(fc.property(records, given => {
      const batch = encodeBatch(given, TIME)
      expect(batchesOf(batch)).toEqual([
        { start: 0, end: batch.length, baseOffset: 0, next: given.length, attributes: 0, producerId: -1, count: given.length },
      ])
      const read = decodeSet(batch).map(({ offset, appendTime, key, value: bytes, headers }) => ({
        offset, time: appendTime, key: String(key), value: bytes?.toString('hex') ?? null, headers: headers.map(([name, said]) => [name, String(said)]),
      }))
      expect(read).toEqual(given.map((each, index) => plain(each, index)))
    }), { numRuns: 60 })
  })

  it('is read back as it was where keys are bytes or none, and headers come twice or without a value', () => {
    const named = fc.array(fc.tuple(text.map(asUtf8), value), { maxLength: 4 })
    const raw = fc.array(fc.record({ key: value, value, headers: named }), { minLength: 1, maxLength: 20 })
    fc.assert(fc.property(raw, given => {
      expect(decodeSet(encodeBatch(given, TIME)).map(each => ({ key: each.key, value: each.value, headers: each.headers }))).toEqual(given)
    }), { numRuns: 60 })
  })

  it('is read back as it was by kafkajs', async () => {
    await fc.assert(fc.asyncProperty(records, async given => {
      const { records: all } = await decodeByKafkajs(new Decoder(encodeBatch(given, TIME)))
      const read = all.map(({ offset, timestamp, key, value: bytes, headers }) => ({
        offset: Number(offset), time: Number(timestamp), key: String(key ?? ''), value: bytes?.toString('hex') ?? null,
        headers: Object.entries(headers).map(([name, said]) => [name, String(said)]),
      }))
      expect(read).toEqual(given.map((each, index) => plain(each, index)))
    }), { numRuns: 60 })
  })

  it('is what kafkajs writes from the number of its records on, to the byte', async () => {
    await fc.assert(fc.asyncProperty(records, async given => {
      const theirs = await encodeByKafkajs({
        firstOffset: 0, firstTimestamp: TIME, maxTimestamp: TIME,
        records: given.map(({ key, value: bytes, headers }) => ({ key: Buffer.from(key), value: bytes, ...(headers === undefined ? {} : { headers: buffersOf(headers) }) })),
      })
      const ours = encodeBatch(given, TIME)
      expect(ours.subarray(57)).toEqual(theirs.subarray(57))
      expect(ours.subarray(CHECKED, 51)).toEqual(theirs.subarray(CHECKED, 51))
      // Java's producers write -1 where kafkajs writes 0: epoch and sequence of no producer.
      expect(ours.subarray(51, 57)).toEqual(Buffer.alloc(6, 0xff))
      expect(ours.readUInt32BE(17)).toBe(checksumByKafkajs(ours.subarray(CHECKED)))
    }), { numRuns: 60 })
  })
})

function buffersOf(headers: Readonly<Record<string, string>>): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(headers).map(([name, said]) => [name, Buffer.from(said)]))
}

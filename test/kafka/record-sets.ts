import { createRequire } from 'node:module'
import { withUnreadable, type KeyedRecord, type UnreadableBatch } from '../../src/checkpoint/log.ts'
import { crc32c } from '@node-rs/crc32'
import { batchesOf } from '../../src/kafka/record-batch.ts'
import { BatchRecords } from '../../src/kafka/record-cursor.ts'

const require = createRequire(import.meta.url)

export interface TestRecord {
  key: Buffer | null
  value: Buffer | null
  headers?: Record<string, Buffer | Buffer[]>
  /** Milliseconds after the batch's first. */
  timestampDelta?: number
  /** Default: its place in the batch. */
  offsetDelta?: number
}

export interface TestBatch {
  firstOffset: number
  records: readonly TestRecord[]
  /** kafkajs' number for it; default: none. */
  compression?: number
  /** Default: that of the last record. */
  lastOffsetDelta?: number
  firstTimestamp?: number
  maxTimestamp?: number
  transactional?: boolean
  producerId?: number
}

interface Encoded {
  buffer: Buffer
}

const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as { RecordBatch: (batch: object) => Promise<Encoded> }
const Record = require('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => Encoded

/** A batch as kafkajs writes it. */
export async function encodeBatch({ records, lastOffsetDelta = records.length - 1, ...batch }: TestBatch): Promise<Buffer> {
  const encoded = records.map((record, index) => Record({ offsetDelta: index, ...record }))
  return (await RecordBatch({ firstTimestamp: 0, maxTimestamp: 0, ...batch, lastOffsetDelta: Math.max(0, lastOffsetDelta), records: encoded })).buffer
}

/** The record set with a batch's attributes changed: kafkajs writes no control batches and no append time. */
export function withAttributes(batch: Buffer, attributes: number): Buffer {
  const copy = Buffer.from(batch)
  copy.writeInt16BE(copy.readInt16BE(21) | attributes, 21)
  return checked(copy)
}

/** The same batch, with the checksum of what it now holds: damage that a writer has made. */
export function checked(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

/** All records of a set at or above an offset, whatever transaction they are in. */
export function decodeSet(set: Buffer, from = 0): KeyedRecord[] {
  return [...new BatchRecords({ set, batches: batchesOf(set), from, end: Infinity })]
}

/** A batch as it was sent, and of gzip that is none: its records cannot be read. */
export async function unreadableBatch(firstOffset: number, count: number): Promise<Buffer> {
  const records = Array.from({ length: count }, () => ({ key: null, value: Buffer.from('value') }))
  const set = await encodeBatch({ firstOffset, records, compression: GZIP, firstTimestamp: FIRST_TIMESTAMP })
  return checked(set.fill(0x55, RECORDS_AT))
}
export const FIRST_TIMESTAMP = 1_700_000_000_000
const GZIP = 1
const RECORDS_AT = 61

/** Whole batches, to be read. */
export function recordsIn(set: Buffer): BatchRecords {
  return new BatchRecords({ set, batches: batchesOf(set), from: 0, end: Infinity })
}

/** The records of a set, and in its place what cannot be read. */
export function readSet(set: Buffer, { from = 0, end = Infinity } = {}): (KeyedRecord | UnreadableBatch)[] {
  return [...withUnreadable(new BatchRecords({ set, batches: batchesOf(set), from, end }))]
}

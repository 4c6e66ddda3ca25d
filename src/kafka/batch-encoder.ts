import { crc32c } from '@node-rs/crc32'
import type { RecordHeaders } from '../contract/dead-letters.ts'

// Message format v2 (KIP-98; kafka.apache.org/documentation, "Record Batch"): the other half of record-batch.ts. kafkajs takes ten times as
// long, with several objects for each record.

const OVERHEAD = 61
/** Base offset and length; the length counts what follows. */
const PREFIX = 12
/** What the checksum is over begins here. */
const CHECKED = 21
const CHECKSUM_AT = 17
const MAGIC = 2
/** No producer, epoch, sequence or leader's epoch. */
const NONE = -1
const LOW_BITS = 0x80
type Named = readonly (readonly [string, string | Buffer | null])[]
const NO_HEADERS: Named = []

/** A record to be written. Headers may be given as a list, where names may come twice. */
export interface WritableRecord {
  key: string | Buffer | null
  value: Buffer | null
  headers?: Readonly<Record<string, string>> | RecordHeaders
}

/** All records as one batch of a time, in milliseconds since the epoch: not compressed, not numbered, in no transaction. */
export function encodeBatch(records: readonly WritableRecord[], time: number): Buffer {
  const sizes = records.map((record, index) => sizesOf(record, index))
  const bytes = Buffer.allocUnsafeSlow(sizes.reduce((sum, { whole }) => sum + sizeOfVarint(whole) + whole, OVERHEAD))
  let at = writeHeader(bytes, { count: records.length, time })
  for (let index = 0; index < records.length; index++) {
    at = writeRecord(bytes, at, { record: records[index] as WritableRecord, size: sizes[index] as Sizes, index })
  }
  bytes.writeUInt32BE(crc32c(bytes.subarray(CHECKED)), CHECKSUM_AT)
  return bytes
}

/** All but the checksum, which is over what comes after it. */
function writeHeader(bytes: Buffer, { count, time }: { count: number; time: number }): number {
  bytes.writeBigInt64BE(0n, 0) // the broker sets the offset
  bytes.writeInt32BE(bytes.length - PREFIX, 8)
  bytes.writeInt32BE(NONE, 12)
  bytes[16] = MAGIC
  bytes.writeInt16BE(0, CHECKED)
  bytes.writeInt32BE(count - 1, 23)
  bytes.writeBigInt64BE(BigInt(time), 27)
  bytes.writeBigInt64BE(BigInt(time), 35)
  bytes.writeBigInt64BE(BigInt(NONE), 43)
  bytes.writeInt16BE(NONE, 51)
  bytes.writeInt32BE(NONE, 53)
  bytes.writeInt32BE(count, 57)
  return OVERHEAD
}

interface Sizes {
  /** Of a record, without its length, which comes first. */
  whole: number
  key: number
}

function sizesOf({ key, value, headers }: WritableRecord, index: number): Sizes {
  const named = entriesOf(headers)
  const keySize = sizeOf(key)
  let whole = 2 + sizeOfVarint(index) + sizeOfBytes(keySize) + sizeOfBytes(value?.length ?? NONE) + sizeOfVarint(named.length)
  for (const [name, text] of named) whole += sizeOfBytes(Buffer.byteLength(name)) + sizeOfBytes(sizeOf(text))
  return { whole, key: keySize }
}

interface Sized {
  record: WritableRecord
  size: Sizes
  index: number
}

function writeRecord(bytes: Buffer, start: number, { record: { key, value, headers }, size, index }: Sized): number {
  let at = writeVarint(bytes, start, size.whole)
  bytes[at++] = 0 // attributes, none of which is in use
  bytes[at++] = 0 // as old as the batch
  at = writeVarint(bytes, at, index)
  at = writeVarint(bytes, at, size.key)
  at = writeContent(bytes, at, { content: key, size: size.key })
  at = writeVarint(bytes, at, value?.length ?? NONE)
  if (value !== null) {
    bytes.set(value, at)
    at += value.length
  }
  const named = entriesOf(headers)
  at = writeVarint(bytes, at, named.length)
  for (const [name, content] of named) at = writeSized(bytes, writeSized(bytes, at, name), content)
  return at
}

function entriesOf(headers: WritableRecord['headers']): Named {
  if (headers === undefined) return NO_HEADERS
  return isList(headers) ? headers : Object.entries(headers)
}

function isList(headers: NonNullable<WritableRecord['headers']>): headers is RecordHeaders {
  return Array.isArray(headers)
}

/** -1: null. */
function sizeOf(content: string | Buffer | null): number {
  if (content === null) return NONE
  return typeof content === 'string' ? Buffer.byteLength(content) : content.length
}

function writeSized(bytes: Buffer, start: number, content: string | Buffer | null): number {
  const size = sizeOf(content)
  return writeContent(bytes, writeVarint(bytes, start, size), { content, size })
}

function writeContent(bytes: Buffer, at: number, { content, size }: { content: string | Buffer | null; size: number }): number {
  if (content === null) return at
  // a text of as many bytes as characters: they are these
  if (typeof content === 'string') return at + bytes.write(content, at, size === content.length ? 'latin1' : 'utf8')
  bytes.set(content, at)
  return at + size
}

/** A length of -1 is that of null. */
function sizeOfBytes(length: number): number {
  return sizeOfVarint(length) + Math.max(0, length)
}

/** Zigzag, seven bits to a byte; a batch has no number of more than 31 bits. */
function sizeOfVarint(number: number): number {
  const zigzag = zigzagOf(number)
  return zigzag < LOW_BITS ? 1 : Math.ceil((32 - Math.clz32(zigzag)) / 7)
}

function writeVarint(bytes: Buffer, start: number, number: number): number {
  let at = start
  let rest = zigzagOf(number)
  while (rest >= LOW_BITS) {
    bytes[at++] = rest & 0x7f | LOW_BITS
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

function zigzagOf(number: number): number {
  return (number << 1 ^ number >> 31) >>> 0
}

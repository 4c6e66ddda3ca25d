import { crc32c } from '@node-rs/crc32'

// Message format v2 (kafka.apache.org/documentation, "Record Batch"), written once and sent often: kafkajs would take more of the two cores
// for producing than what is measured takes for reading.

const OVERHEAD = 61
const CHECKED = 21
const CHECKSUM_AT = 17
const MAGIC = 2
const NONE = -1

export interface Keyed {
  key: Buffer
  value: Buffer
}

/** One record batch, not compressed, and where each of its values begins in it. */
export interface LeanBatch {
  bytes: Buffer
  valuesAt: readonly number[]
}

export function leanBatch(records: readonly Keyed[]): LeanBatch {
  const parts: Buffer[] = [Buffer.alloc(OVERHEAD)]
  const valuesAt: number[] = []
  let at = OVERHEAD
  for (const [index, { key, value }] of records.entries()) {
    const head = Buffer.concat([Buffer.from([0, 0]), varint(index), varint(key.length), key, varint(value.length)])
    const length = varint(head.length + value.length + 1)
    parts.push(length, head, value, Buffer.from([0]))
    valuesAt.push(at + length.length + head.length)
    at += length.length + head.length + value.length + 1
  }
  const bytes = Buffer.concat(parts)
  writeHeader(bytes, records.length)
  return { bytes, valuesAt }
}

/** Writes the time (milliseconds since the epoch) and the checksum: after every change of what is in it. */
export function seal(bytes: Buffer, time: number): void {
  bytes.writeBigInt64BE(BigInt(time), 27)
  bytes.writeBigInt64BE(BigInt(time), 35)
  bytes.writeUInt32BE(crc32c(bytes.subarray(CHECKED)), CHECKSUM_AT)
}

/** Zigzag and seven bits to a byte, as Avro's long: so many bytes at least, by which numbers can be changed in place. */
export function writeLong(bytes: Buffer, at: number, { number, width }: { number: number; width: number }): void {
  let rest = number * 2
  for (let index = 0; index < width - 1; index++) {
    bytes[at + index] = rest % 128 | 128
    rest = Math.floor(rest / 128)
  }
  bytes[at + width - 1] = rest
}

function writeHeader(bytes: Buffer, count: number): void {
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes.writeInt32BE(NONE, 12)
  bytes[16] = MAGIC
  bytes.writeInt32BE(count - 1, 23)
  bytes.writeBigInt64BE(BigInt(NONE), 43)
  bytes.writeInt16BE(NONE, 51)
  bytes.writeInt32BE(NONE, 53)
  bytes.writeInt32BE(count, 57)
}

function varint(number: number): Buffer {
  const bytes: number[] = []
  let rest = number * 2
  for (; rest >= 128; rest >>>= 7) bytes.push(rest & 127 | 128)
  return Buffer.from([...bytes, rest])
}

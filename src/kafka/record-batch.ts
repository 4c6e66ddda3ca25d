import { crc32c } from '@node-rs/crc32'
import { UnreadableBatch } from '../checkpoint/log.ts'
import { decompress, TooMuchError } from './compression.ts'
import { KafkaError } from './errors.ts'

// Message format v2 (KIP-98; kafka.apache.org/documentation, "Record Batch"). The lean twin of kafkajs's decoder: half of its time, no
// Long per number, and it tells where a set of empty batches ends, which kafkajs does not.

const MAGIC_END = 17
/** What follows is in the checksum, which lies before. */
const CHECKED = 21
const OVERHEAD = 61
/** Base offset and length; the length counts what follows. */
const PREFIX = 12
const CODEC = 0x07
const APPEND_TIME = 0x08
const TRANSACTIONAL = 0x10
const CONTROL = 0x20

/** A whole batch in a record set. */
export interface BatchHeader {
  /** Bytes in the set. */
  start: number
  end: number
  baseOffset: number
  /** Where the next batch begins at the earliest; also behind a batch whose last records, or all, were compacted away. */
  next: number
  attributes: number
  producerId: number
  /** Records in it. */
  count: number
}

/** The records of a batch, decompressed, and where they stand in the log. */
export interface RecordFrame {
  bytes: Buffer
  count: number
  baseOffset: number
  lastOffset: number
  /** Milliseconds since the epoch; added to each record's delta. */
  firstTimestamp: number
  /** If the broker set the time: that of all records. */
  appendTime: number | null
}

/** A transaction that ended in nothing, by a Fetch answer: its producer's records from `firstOffset` to its marker do not count. */
export interface AbortedTransaction {
  producerId: number
  firstOffset: number
}

/** The whole batches of a record set, in order; a partial one at the end is left out. Throws `bad_batch`. */
export function batchesOf(set: Buffer): BatchHeader[] {
  const batches: BatchHeader[] = []
  let lowest = 0
  for (let at = 0; at + MAGIC_END <= set.length;) {
    const header = headerAt(set, at)
    if (header === null) break
    if (header.baseOffset < lowest) throw damaged(`offset ${header.baseOffset} follows ${lowest - 1}`)
    lowest = header.next
    batches.push(header)
    at = header.end
  }
  return batches
}

function headerAt(set: Buffer, start: number): BatchHeader | null {
  const magic = set[start + 16]
  if (magic !== 2) throw damaged(`message format ${magic}, not 2: let its writers use Kafka 0.11's or newer`)
  const length = set.readInt32BE(start + 8)
  if (length < OVERHEAD - PREFIX) throw damaged(`${length} bytes are no batch`)
  const end = start + PREFIX + length
  if (end > set.length) return null
  const baseOffset = int64(set, start)
  const lastDelta = set.readInt32BE(start + 23)
  const next = baseOffset + lastDelta + 1
  if (baseOffset < 0 || lastDelta < 0 || !Number.isSafeInteger(next)) throw damaged(`offsets from ${baseOffset} to ${next - 1}`)
  const count = set.readInt32BE(start + 57)
  if (count < 0) throw damaged(`${count} records`)
  return { start, end, baseOffset, next, attributes: set.readInt16BE(start + 21), producerId: int64(set, start + 43), count }
}

/**
 * The batches whose records do not count for a reader of committed data: control batches, and those of aborted transactions. `aborted` as
 * the Fetch answer that brought the batches gives it.
 */
export function uncountedBatches(batches: readonly BatchHeader[], aborted: readonly AbortedTransaction[]): Set<BatchHeader> {
  const coming = aborted.toSorted((a, b) => b.firstOffset - a.firstOffset)
  const open = new Set<number>()
  return new Set(batches.filter(batch => {
    for (let first = coming.at(-1); first !== undefined && first.firstOffset < batch.next; first = coming.at(-1)) {
      open.add(first.producerId)
      coming.pop()
    }
    const isControl = (batch.attributes & CONTROL) !== 0
    if (isControl) open.delete(batch.producerId)
    return isControl || ((batch.attributes & TRANSACTIONAL) !== 0 && open.has(batch.producerId))
  }))
}

/**
 * What is needed to read the batch's records. Throws `bad_batch` where they are not those that the checksum was made of; and an
 * {@link UnreadableBatch} where they are, and cannot be decompressed, or come to too much.
 */
export function enterBatch(set: Buffer, batch: BatchHeader): RecordFrame {
  const { start, end, attributes, baseOffset, next, count } = batch
  const isWhole = crc32c(set.subarray(start + CHECKED, end)) === set.readUInt32BE(start + CHECKED - 4)
  if (!isWhole) throw damaged(`the batch at offset ${baseOffset} has not the checksum that it should have`)
  if (count > next - baseOffset) throw unreadable(set, batch, { code: 'batch_unreadable', fault: `it says ${count} records, and has not as many offsets` })
  return {
    bytes: count === 0 ? set.subarray(end, end) : recordBytes(set, batch),
    count,
    baseOffset,
    lastOffset: next - 1,
    firstTimestamp: int64(set, start + 27),
    appendTime: (attributes & APPEND_TIME) === 0 ? null : int64(set, start + 35),
  }
}

function recordBytes(set: Buffer, batch: BatchHeader): Buffer {
  const codec = batch.attributes & CODEC
  try {
    return decompress(codec, set.subarray(batch.start + OVERHEAD, batch.end))
  } catch (cause) {
    const isTooMuch = cause instanceof TooMuchError
    const fault = isTooMuch ? cause.message : `its compression (${codec}) is damaged or unknown`
    throw unreadable(set, batch, { code: isTooMuch ? 'batch_too_large' : 'batch_unreadable', fault, cause })
  }
}

interface Unreadable {
  code: UnreadableBatch['code']
  fault: string
  cause?: unknown
  /** The first offset of those that are lost, and how many there may be; otherwise all of the batch. */
  offset?: number
  count?: number
}

/** The error about a batch whose checksum is right: it is as it was sent. */
export function unreadable(set: Buffer, batch: BatchHeader, { code, fault, cause, offset = batch.baseOffset, count = batch.count }: Unreadable): UnreadableBatch {
  const { start, end, next, attributes } = batch
  const appendTime = int64(set, start + ((attributes & APPEND_TIME) === 0 ? 27 : 35))
  return new UnreadableBatch({
    code, fault, offset, next, count: Math.min(count, next - batch.baseOffset), appendTime, bytes: set.subarray(start, end),
  }, { cause })
}

/** Without BigInt; exact up to 2^53. */
function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4)
}

/** The error about bytes that Kafka does not write. */
export function damaged(what: string, options?: ErrorOptions): KafkaError {
  return new KafkaError('bad_batch', `a record batch cannot be read: ${what}; look at the broker's log for damage, and who else writes there`, options)
}

import { recordAt, type KeyedRecord, type RecordCursor, type Records } from '../checkpoint/log.ts'
import type { RecordHeaders } from '../contract/dead-letters.ts'
import { enterBatch, unreadable, type BatchHeader, type RecordFrame } from './record-batch.ts'

const NO_HEADERS: RecordHeaders = []
const NO_BYTES = Buffer.alloc(0)
const NO_BATCH: BatchHeader = { start: 0, end: 0, baseOffset: 0, next: 0, attributes: 0, producerId: 0, count: 0 }
/** A varint of more is none: ten bytes hold 64 bits. */
const HIGHEST_FACTOR = 2 ** 63

/** Some batches of a record set. */
export interface BatchRange {
  set: Buffer
  /** Those whose records count. */
  batches: readonly BatchHeader[]
  /** Only records from this offset on, and below `end`. */
  from: number
  end: number
}

/**
 * The records of batches as they were fetched, decompressed and decoded while they are read. Reading throws `bad_batch`, and an UnreadableBatch,
 * which ends the iteration, while a cursor goes on behind it.
 */
export class BatchRecords implements Records {
  readonly count: number
  readonly #range: BatchRange

  constructor(range: BatchRange) {
    this.#range = range
    this.count = range.batches.reduce((sum, { count }) => sum + count, 0)
  }

  cursor(): RecordCursor {
    return new BatchCursor(this.#range)
  }

  *[Symbol.iterator](): Generator<KeyedRecord> {
    const cursor = this.cursor()
    while (cursor.advance()) yield recordAt(cursor)
  }
}

/** Message format v2, record by record (kafka.apache.org/documentation, "Record"). Reads nothing outside of a batch. */
class BatchCursor implements RecordCursor {
  offset = -1
  appendTime = 0
  bytes: Buffer = NO_BYTES
  keyStart = -1
  keyEnd = -1
  valueStart = -1
  valueEnd = -1
  headersStart = 0
  readonly #range: BatchRange
  #nextBatch = 0
  #batch = NO_BATCH
  #frame: RecordFrame = { bytes: NO_BYTES, count: 0, baseOffset: 0, lastOffset: 0, firstTimestamp: 0, appendTime: null }
  #left = 0
  #at = 0
  /** Where the record ends. */
  #stop = 0

  constructor(range: BatchRange) {
    this.#range = range
  }

  get headersEnd(): number {
    return this.#stop
  }

  advance(): boolean {
    const { from, end } = this.#range
    do {
      if (this.offset >= end - 1) return false
      while (this.#left === 0) if (!this.#enterNext()) return false
      this.#readRecord()
      this.#left--
    } while (this.offset < from)
    return this.offset < end
  }

  headers(): RecordHeaders {
    this.#at = this.headersStart
    const count = this.#varint()
    if (count === 0) return NO_HEADERS
    const headers: [string, Buffer | null][] = []
    for (let index = 0; index < count; index++) {
      const nameEnd = this.#lengthTo(this.#stop)
      const name = this.bytes.toString('utf8', this.#at, nameEnd)
      this.#at = nameEnd
      const valueEnd = this.#lengthTo(this.#stop)
      headers.push([name, valueEnd < 0 ? null : this.bytes.subarray(this.#at, valueEnd)])
      if (valueEnd >= 0) this.#at = valueEnd
    }
    return headers
  }

  #enterNext(): boolean {
    const { batches, set, from, end } = this.#range
    const batch = batches[this.#nextBatch++]
    if (batch === undefined || batch.baseOffset >= end) return false
    if (batch.next <= from) return true
    this.#batch = batch
    this.#frame = enterBatch(set, batch)
    this.bytes = this.#frame.bytes
    this.#left = this.#frame.count
    this.#stop = 0
    this.offset = batch.baseOffset - 1
    return true
  }

  #readRecord(): void {
    const { baseOffset, lastOffset, firstTimestamp, appendTime } = this.#frame
    this.#at = this.#stop
    this.#stop = this.#lengthTo(this.bytes.length)
    if (this.#stop < 0) this.#fail('a record has no length')
    this.#at += 1 // its attributes, none of which is in use
    const time = this.#varint()
    const offset = baseOffset + this.#varint()
    if (offset <= this.offset || offset > lastOffset) this.#fail('a record has an offset that is not its batch\'s')
    this.appendTime = appendTime ?? firstTimestamp + time
    this.keyEnd = this.#lengthTo(this.#stop)
    this.keyStart = this.keyEnd < 0 ? -1 : this.#at
    if (this.keyEnd > 0) this.#at = this.keyEnd
    this.valueEnd = this.#lengthTo(this.#stop)
    this.valueStart = this.valueEnd < 0 ? -1 : this.#at
    if (this.valueEnd > 0) this.#at = this.valueEnd
    this.headersStart = this.#at
    if (this.#at !== this.#stop - 1 || this.bytes[this.#at] !== 0) this.#passHeaders()
    this.offset = offset
  }

  /** Whoever asks for them later can rely on them. */
  #passHeaders(): void {
    if (this.#at >= this.#stop) this.#fail('a record is longer than it says')
    const count = this.#varint()
    if (count < 0) this.#fail('a record has less than no headers')
    for (let left = count; left > 0; left--) {
      const nameEnd = this.#lengthTo(this.#stop)
      if (nameEnd < 0) this.#fail('a header has no name')
      this.#at = nameEnd
      const valueEnd = this.#lengthTo(this.#stop)
      if (valueEnd >= 0) this.#at = valueEnd
    }
    if (this.#at !== this.#stop) this.#fail('a record goes on behind its headers')
  }

  /** The records that were read before count. */
  #fail(fault: string): never {
    const count = this.#left
    this.#left = 0
    throw unreadable(this.#range.set, this.#batch, { code: 'batch_unreadable', fault, offset: this.offset + 1, count })
  }

  /** Reads a length; gives where what it measures ends; -1 for a length of -1, which is null. */
  #lengthTo(limit: number): number {
    const length = this.#varint()
    if (length === -1) return -1
    const end = this.#at + length
    if (length < 0 || end > limit) this.#fail('something ends outside its bounds')
    return end
  }

  /** Zigzag, least significant seven bits first. Exact up to 2^53, which no offset, time or length reaches. */
  #varint(): number {
    const { bytes } = this
    const first = this.#at < bytes.length ? bytes[this.#at++] as number : this.#outside()
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    const second = this.#at < bytes.length ? bytes[this.#at++] as number : this.#outside()
    const both = (first & 0x7f) | (second & 0x7f) << 7
    return second < 0x80 ? (both >>> 1) ^ -(both & 1) : this.#longVarint(both)
  }

  #longVarint(low: number): number {
    let value = low
    for (let factor = 2 ** 14; ; factor *= 128) {
      if (factor > HIGHEST_FACTOR) this.#fail('a number has no end')
      const byte = this.#at < this.bytes.length ? this.bytes[this.#at++] as number : this.#outside()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) break
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  #outside(): never {
    return this.#fail('it ends within a record')
  }
}

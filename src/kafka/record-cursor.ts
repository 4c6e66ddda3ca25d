import type { KeyedRecord } from '../checkpoint/log.ts'
import { KafkaError } from './errors.ts'

const NO_HEADERS: KeyedRecord['headers'] = []
/** A varint of more is none: ten bytes hold 64 bits. */
const HIGHEST_FACTOR = 2 ** 63

/** Where the records of a batch stand in the log. */
export interface RecordFrame {
  baseOffset: number
  lastOffset: number
  /** Milliseconds since the epoch; added to each record's delta. */
  firstTimestamp: number
  /** If the broker set the time: that of all records. */
  appendTime: number | null
}

/** Reads the records of one batch, decompressed. Throws `bad_batch` rather than read outside of them. */
export class RecordCursor {
  readonly #bytes: Buffer
  readonly #frame: RecordFrame
  #at = 0
  /** Offsets rise within a batch. */
  #last: number

  constructor(bytes: Buffer, frame: RecordFrame) {
    this.#bytes = bytes
    this.#frame = frame
    this.#last = frame.baseOffset - 1
  }

  /** The next record; null if its offset is below `from`. */
  next(from: number): KeyedRecord | null {
    const stop = this.#length(this.#bytes.length, 'a record')
    this.#at += 1 // its attributes, none of which is in use
    const time = this.#varint()
    const offset = this.#frame.baseOffset + this.#varint()
    if (offset <= this.#last || offset > this.#frame.lastOffset) throw damaged('a record has an offset that is not its batch\'s')
    this.#last = offset
    const record = offset < from ? null : this.#record(offset, { time, stop })
    if (this.#at > stop) throw damaged('a record is longer than it says')
    this.#at = stop
    return record
  }

  #record(offset: number, { time, stop }: { time: number; stop: number }): KeyedRecord {
    const key = this.#bytesOrNull(stop)
    const value = this.#bytesOrNull(stop)
    const headers = this.#varint()
    return {
      offset,
      appendTime: this.#frame.appendTime ?? this.#frame.firstTimestamp + time,
      key,
      value,
      headers: headers === 0 ? NO_HEADERS : this.#headers(headers, stop),
    }
  }

  #headers(count: number, stop: number): KeyedRecord['headers'] {
    const headers: [string, Buffer | null][] = []
    for (let index = 0; index < count; index++) {
      const nameEnd = this.#length(stop, 'a header\'s name')
      const name = this.#bytes.toString('utf8', this.#at, nameEnd)
      this.#at = nameEnd
      headers.push([name, this.#bytesOrNull(stop)])
    }
    return headers
  }

  #bytesOrNull(stop: number): Buffer | null {
    const length = this.#varint()
    if (length === -1) return null
    const start = this.#at
    const end = start + length
    if (length < 0 || end > stop) throw damaged('a key or value ends outside its record')
    this.#at = end
    return this.#bytes.subarray(start, end)
  }

  /** Reads a length; gives where what it measures ends. */
  #length(limit: number, what: string): number {
    const length = this.#varint()
    const end = this.#at + length
    if (length < 0 || end > limit) throw damaged(`${what} ends outside its bounds`)
    return end
  }

  /** Zigzag, least significant seven bits first. Exact up to 2^53, which no offset, time or length reaches. */
  #varint(): number {
    let byte = this.#byte()
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1)
    let value = byte & 0x7f
    for (let factor = 128; ; factor *= 128) {
      if (factor > HIGHEST_FACTOR) throw damaged('a number has no end')
      byte = this.#byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) break
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  #byte(): number {
    const byte = this.#at < this.#bytes.length ? this.#bytes[this.#at] : undefined
    if (byte === undefined) throw damaged('it ends within a record')
    this.#at += 1
    return byte
  }
}

/** The error about bytes that Kafka does not write. */
export function damaged(what: string, options?: ErrorOptions): KafkaError {
  return new KafkaError('bad_batch', `a record batch cannot be read: ${what}; look at the broker's log for damage, and who else writes there`, options)
}

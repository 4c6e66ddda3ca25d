import type { RejectReason } from '../contract/bounds.ts'
import type { RecordHeaders } from '../contract/dead-letters.ts'

/** One record as it was fetched. Key, value and headers are views into the fetched bytes: copy what is to be kept. */
export interface KeyedRecord {
  offset: number
  /** Milliseconds since the epoch, by the broker. */
  appendTime: number
  key: Buffer | null
  value: Buffer | null
  /** None for nearly all records. */
  headers: RecordHeaders
}

/** Stands on one record after the other and tells of the one it stands on, so that nothing is made for each. */
export interface RecordCursor {
  readonly offset: number
  /** Milliseconds since the epoch, by the broker. */
  readonly appendTime: number
  /** What key and value lie in, until the next record. */
  readonly bytes: Buffer
  /** -1: the record has no key. */
  readonly keyStart: number
  readonly keyEnd: number
  /** -1: the record has no value. */
  readonly valueStart: number
  readonly valueEnd: number
  /** The headers as they are written, their number first: one byte if there are none. */
  readonly headersStart: number
  readonly headersEnd: number
  /**
   * Moves to the next record; false behind the last. Throws where the bytes are damaged; and an {@link UnreadableBatch} where they are as they
   * were sent, and no records: called again, it goes on behind them.
   */
  advance: () => boolean
  headers: () => RecordHeaders
}

/** Records in the order of the log, each time from the first on: by a cursor, or as objects where that is fast enough. */
export interface Records extends Iterable<KeyedRecord> {
  /** How many there are, before they are read: perhaps fewer. */
  readonly count: number
  cursor: () => RecordCursor
}

/** Records between two offsets that nobody can read, since whoever sent their batch made it so: fetching it again brings the same. */
export class UnreadableBatch extends Error {
  override readonly name = 'UnreadableBatch'
  readonly code: Extract<RejectReason, `batch_${string}`>
  /** The first of them, and where the next batch begins. */
  readonly offset: number
  readonly next: number
  /** How many there are, as the batch says. */
  readonly count: number
  /** Milliseconds since the epoch, by the broker. */
  readonly appendTime: number
  /** The whole batch as it was fetched: a view. */
  readonly bytes: Buffer

  constructor({ code, fault, offset, next, count, appendTime, bytes }: Omit<UnreadableBatch, keyof Error | 'countFrom'> & { fault: string }, options?: ErrorOptions) {
    super(`${count} record${count === 1 ? '' : 's'} from offset ${offset} on cannot be read: ${fault}`, options)
    this.code = code
    this.offset = offset
    this.next = next
    this.count = count
    this.appendTime = appendTime
    this.bytes = bytes
  }

  /** How many of them are at or above an offset, at most. */
  countFrom(offset: number): number {
    return offset <= this.offset ? this.count : Math.max(0, Math.min(this.count, this.next - offset))
  }
}

/** A stretch of one partition of a log, as a reader without a group gets it. */
export interface ReadStretch {
  partition: number
  records: Records
  /** Where the next stretch begins: compaction and transactions leave offsets without records, so not always one after the last. */
  next: number
  /** The log's end when it was asked (no record of an open transaction lies below it), and its earliest offset. */
  high: number
  low: number
}

/** A record to append. */
export interface NewRecord {
  key: string
  /** Null: a tombstone. */
  value: Buffer | null
  headers?: Readonly<Record<string, string>>
}

/**
 * Appends to one partition of the checkpoint topic: all records as one batch, whole or not at all, or it cannot tell which, and rejects. It
 * always settles within seconds.
 */
export interface CheckpointLog {
  append: (partition: number, records: readonly NewRecord[]) => Promise<void>
}

/** The record that a cursor stands on. */
export function recordAt(cursor: RecordCursor): KeyedRecord {
  const { offset, appendTime, bytes, keyStart, keyEnd, valueStart, valueEnd } = cursor
  return {
    offset, appendTime,
    key: keyStart < 0 ? null : bytes.subarray(keyStart, keyEnd),
    value: valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd),
    headers: cursor.headers(),
  }
}

/** All records of a log's stretch, and in its place what cannot be read. */
export function* withUnreadable(records: Records): Generator<KeyedRecord | UnreadableBatch> {
  const cursor = records.cursor()
  for (;;) {
    try {
      if (!cursor.advance()) return
    } catch (error) {
      if (!(error instanceof UnreadableBatch)) throw error
      yield error
      continue
    }
    yield recordAt(cursor)
  }
}

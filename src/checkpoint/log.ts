/** One record as it was fetched. Key, value and headers are views into the fetched bytes: copy what is to be kept. */
export interface KeyedRecord {
  offset: number
  /** Milliseconds since the epoch, by the broker. */
  appendTime: number
  key: Buffer | null
  value: Buffer | null
  /** Empty for nearly all records. */
  headers: readonly (readonly [name: string, value: Buffer | null])[]
}

/** A stretch of one partition of a log, as a reader without a group gets it. */
export interface ReadStretch {
  partition: number
  records: readonly KeyedRecord[]
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

import type { Records } from '../checkpoint/log.ts'

/** An input partition. */
export interface Partition {
  topic: string
  partition: number
}

/** One record as it stands in the log. `appendTime`: milliseconds since the epoch, by the broker. */
export interface LogRecord {
  offset: number
  appendTime: number
  value: Buffer | null
}

/** A stretch of a partition's log that was read. */
export interface Stretch extends Partition {
  /** The offset that was asked for: no record between it and the first one here exists. */
  fetchedOffset: number
  /** Where the next stretch begins. Transactions leave offsets that hold no record for us: their markers, and what was aborted. */
  next: number
  /** Where the log ended then. */
  high: number
}

/** What one fetch brought of one partition, in the order of the log. */
export interface RecordBatch extends Stretch {
  records: Records
}

/** Where a partition's log begins and ends: `low` is the earliest offset there is, `high` the next one to be written. */
export interface LogBounds extends Partition {
  low: number
  high: number
  /** Kafka's id of the topic: another topic of the same name has another one. Absent: not known. */
  topicId?: string | undefined
}

export function partitionKey({ topic, partition }: Partition): string {
  return `${topic}/${partition}`
}

import type { LogBounds, LogRecord, Partition } from './records.ts'

/** Where the records of owned partitions come from. What is asked is tried until it is answered, or the signal aborts. */
export interface InputSource {
  /** Stops handing over records of a partition. */
  hold: (partition: Partition) => void
  /** Hands over the records of a partition from that offset on. */
  readFrom: (partition: Partition, offset: number) => void
  bounds: (partition: Partition, signal: AbortSignal) => Promise<LogBounds>
  /** How many partitions a topic has. */
  partitions: (topic: string, signal: AbortSignal) => Promise<number>
  /** Null if the log does not hold it. */
  recordAt: (at: Partition & { offset: number }, signal: AbortSignal) => Promise<LogRecord | null>
  /** The offset that the group has committed for a partition; null if it has none. It only tells that somebody has counted before. */
  committed: (partition: Partition, signal: AbortSignal) => Promise<number | null>
}

import type { Ingested } from '../aggregator/aggregator.ts'
import type { LogBounds, Partition, RecordBatch } from '../aggregator/records.ts'

/** Who takes what is read of the inputs. */
export interface RecordSink {
  /** Takes over an assignment, all of whose partitions are held. `signal` aborts when others may have been given them. */
  assign: (assigned: readonly Partition[], signal: AbortSignal) => void
  /** Also told of stretches without a record: transactions leave such. Rejects if the stretch cannot be folded now. */
  ingest: (batch: RecordBatch) => Promise<Ingested>
  noteBounds: (bounds: readonly LogBounds[], askedAt: number) => void
  /** Writes what has not been written, before the partitions are given up. */
  write: () => Promise<void>
  /** How far partitions are counted for good. */
  acknowledged: () => readonly (Partition & { offset: number })[]
}

/** Who is told how the membership in the group goes. Ages are milliseconds since the request was sent. */
export interface Membership {
  joined: (age: number) => void
  left: () => void
  heartbeat: (age: number) => void
}

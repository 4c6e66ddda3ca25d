import type { Ingested } from '../aggregator/aggregator.ts'
import type { LogBounds, Partition, RecordBatch, Stretch } from '../aggregator/records.ts'

/** Who takes what the consumer reads. */
export interface RecordSink {
  /** Takes over an assignment; returns where to read each partition from. */
  assign: (assigned: readonly LogBounds[]) => readonly (Partition & { offset: number })[]
  ingest: (batch: RecordBatch) => Promise<Ingested>
  pass: (stretch: Stretch) => void
  noteBounds: (bounds: readonly LogBounds[], askedAt: number) => void
}

/** Who is told how the membership in the group goes. Ages are milliseconds since the request was sent. */
export interface Membership {
  joined: (age: number) => void
  left: () => void
  heartbeat: (age: number) => void
}

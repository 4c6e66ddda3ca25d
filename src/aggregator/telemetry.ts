import type { RejectReason } from '../contract/bounds.ts'

/**
 * What the aggregator tells of its own work; it knows nothing of how that is exposed.
 *
 * It is healthy while, for each topic, records read = folded + rejected + lost, and lag falls or stays near zero. `rejected` and `lost`
 * are never part of any other family: what they count is missing there.
 */
export interface Telemetry {
  /** A batch was decoded and folded. `bytes`: of message values; `seconds`: time it took. */
  batchFolded: (batch: { topic: string; records: number; bytes: number; seconds: number }) => void
  /** A record was set aside as no event. */
  rejected: (topic: string, reason: RejectReason) => void
  /** Records that the log no longer held when we came to read them. */
  lost: (topic: string, records: number) => void
  /** Records between what is folded and the end of an owned partition. */
  lag: (topic: string, partition: number, records: number) => void
  /** A partition is no longer ours: another replica tells its lag. */
  forgetLag: (topic: string, partition: number) => void
  /** How many partitions of a topic this replica owns. */
  owned: (topic: string, partitions: number) => void
  /** The consumer group gave partitions out anew. */
  rebalanced: () => void
  /** The consumer stopped on an error; it is started again if that can help. */
  crashed: () => void
}

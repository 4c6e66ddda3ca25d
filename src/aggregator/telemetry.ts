import type { RejectReason } from '../contract/bounds.ts'
import type { Partition } from './records.ts'

/** What came of a batch. */
export interface Folded {
  records: number
  /** Of their values. */
  bytes: number
  /** Agents whose numbers had to make room for others': a repetition of theirs would count. */
  forgottenAgents: number
}

/**
 * What the aggregator tells of its own work; it knows nothing of how that is exposed.
 *
 * It is healthy while, for each topic, records read = folded + rejected + lost, and lag falls or stays near zero. `lost` is never part of
 * any other family: what it counts is missing there.
 */
export interface Telemetry {
  /** A batch was decoded and folded. `seconds`: time it took. */
  batchFolded: (batch: Folded & { topic: string; seconds: number }) => void
  /** Records were set aside as no events; one, unless it is said how many. */
  rejected: (topic: string, reason: RejectReason, records?: number) => void
  /** Dead letters that the topic has acknowledged. */
  lettersStored: (topic: string, letters: readonly { reason: string }[]) => void
  /** Records that were set aside and not stored: above the bound on their rate, or refused by the topic in any form. */
  lettersDropped: (topic: string, records: number) => void
  /** The schema of a message was not asked for, since too many were that brought nothing; the message was set aside. */
  schemaNotAsked: () => void
  /** Records that the log no longer held when we came to read them. */
  lost: (topic: string, records: number) => void
  /** How far an owned partition is folded: records up to its end, and up to when (milliseconds since the epoch) all is counted. */
  lag: (partition: Partition, records: number, completeUntil: number) => void
  /** A partition is no longer ours: another replica tells of it. */
  disowned: (partition: Partition) => void
  /** How many partitions of a topic this replica owns. */
  owned: (topic: string, partitions: number) => void
  /** The consumer group gave partitions out anew. */
  rebalanced: () => void
  /** The consumer stopped on an error; it is started again if that can help. */
  crashed: () => void
  /** A partition was taken over: its state is there, `seconds` after it was assigned. */
  takenOver: (partition: Partition, seconds: number) => void
  /** A checkpoint was acknowledged. `seconds`: from when it was taken. */
  checkpointed: (checkpoint: { topic: string; partition: number; records: number; bytes: number; seconds: number }) => void
  /** A checkpoint was not acknowledged; it is sent again. */
  checkpointFailed: (topic: string) => void
  /** Somebody else has claimed a partition that is ours. */
  superseded: (topic: string) => void
  /** On taking over, the cells were not those that the progress was written with. */
  digestMismatch: (partition: Partition) => void
  /** On taking over, the input was not the one that was counted. */
  inputMismatch: (partition: Partition) => void
  /** A record of the checkpoint topic that cannot be read. */
  unreadable: () => void
}

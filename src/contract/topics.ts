import type { EventKind } from './events.ts'

export interface TopicNames {
  registrations: string
  lookups: string
  agents: string
  checkpoints: string
  deadLetters: string
}

/** The contract's topics, each name behind `prefix` (which may be empty). A second deployment has a checkpoint topic of its own. */
export function topicNames(prefix: string, checkpointTopic?: string): TopicNames {
  return {
    registrations: `${prefix}discovery.registrations.v1`,
    lookups: `${prefix}discovery.lookups.v1`,
    agents: `${prefix}discovery.agents.v1`,
    checkpoints: checkpointTopic ?? `${prefix}discovery.checkpoints.v1`,
    deadLetters: `${prefix}discovery.dead-letters.v1`,
  }
}

/** The input topics and what each carries. */
export function inputTopics(names: TopicNames): { topic: string; kind: EventKind; shard: string }[] {
  return [
    { topic: names.registrations, kind: 'registration', shard: 'registrations' },
    { topic: names.lookups, kind: 'lookup', shard: 'lookups' },
    { topic: names.agents, kind: 'agent', shard: 'agents' },
  ]
}

export interface TopicSpec {
  topic: string
  partitions: number
  replicationFactor: number
  /** Topic configuration that the contract asks for; what it is silent on is the operator's. */
  config: Record<string, string>
}

const MEBIBYTE = 1_048_576
/** Largest record batch of an input topic, in bytes. */
export const INPUT_MAX_MESSAGE_BYTES = MEBIBYTE
/** How much more the dead-letter topic takes than the inputs: a letter carries a whole record, and headers of ours. */
export const DEAD_LETTER_EXTRA_BYTES = 65_536
export const DEAD_LETTER_MAX_MESSAGE_BYTES = INPUT_MAX_MESSAGE_BYTES + DEAD_LETTER_EXTRA_BYTES

/**
 * Largest record batch of a checkpoint topic, in bytes: a checkpoint is one batch, and one that is too large for the topic could never be
 * written. Far above Kafka's default, so that a checkpoint is seldom flushed early for its size.
 */
export const CHECKPOINT_MAX_MESSAGE_BYTES = 8 * MEBIBYTE
/** A checkpoint stays readable for at least this long after a newer one. Milliseconds. */
export const CHECKPOINT_MIN_COMPACTION_LAG_MS = 120_000
/** A superseded checkpoint is gone within about this time, so that a start has little to read. Milliseconds. */
export const CHECKPOINT_MAX_COMPACTION_LAG_MS = 600_000
/** Only closed segments are compacted. Milliseconds. */
export const CHECKPOINT_SEGMENT_MS = 60_000
/** A reader that starts must meet every tombstone before it is dropped, however slowly it reads. Milliseconds. */
export const CHECKPOINT_DELETE_RETENTION_MS = 86_400_000

/** How many replicas must have a record before it is acknowledged: from three replicas on, one may be lost and nothing with it. */
export function minInsyncReplicas(replicationFactor: number): number {
  return replicationFactor >= 3 ? 2 : 1
}

/** What `discovery-metrics topics` creates and holds a cluster to. */
export function topicSpecs(names: TopicNames, size: { partitions: number; replicationFactor: number }): TopicSpec[] {
  const durable = {
    'message.timestamp.type': 'LogAppendTime',
    'unclean.leader.election.enable': 'false',
    'min.insync.replicas': String(minInsyncReplicas(size.replicationFactor)),
  }
  const input = { ...durable, 'cleanup.policy': 'delete', 'max.message.bytes': String(INPUT_MAX_MESSAGE_BYTES) }
  const compacted = {
    'cleanup.policy': 'compact',
    'min.compaction.lag.ms': String(CHECKPOINT_MIN_COMPACTION_LAG_MS),
    'max.compaction.lag.ms': String(CHECKPOINT_MAX_COMPACTION_LAG_MS),
    'segment.ms': String(CHECKPOINT_SEGMENT_MS),
    'delete.retention.ms': String(CHECKPOINT_DELETE_RETENTION_MS),
    'max.message.bytes': String(CHECKPOINT_MAX_MESSAGE_BYTES),
  }
  return [
    { topic: names.registrations, ...size, config: input },
    { topic: names.lookups, ...size, config: input },
    { topic: names.agents, ...size, config: input },
    { topic: names.checkpoints, ...size, config: { ...durable, ...compacted } },
    { topic: names.deadLetters, ...size, config: { ...input, 'max.message.bytes': String(DEAD_LETTER_MAX_MESSAGE_BYTES) } },
  ]
}

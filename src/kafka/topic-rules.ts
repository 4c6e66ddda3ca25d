import {
  CHECKPOINT_DELETE_RETENTION_MS, CHECKPOINT_MAX_COMPACTION_LAG_MS, CHECKPOINT_MAX_MESSAGE_BYTES, CHECKPOINT_MIN_COMPACTION_LAG_MS,
  CHECKPOINT_SEGMENT_MS, DEAD_LETTER_EXTRA_BYTES, INPUT_MAX_MESSAGE_BYTES, minInsyncReplicas,
} from '../contract/topics.ts'
import { MOST_LETTER_BYTES } from '../aggregator/dead-letters.ts'
import { partitionDifferences } from './partition-counts.ts'
import { alterCommand, type Severity, type TopicDifference, type TopicFacts, type TopicRole } from './topic-facts.ts'

/** What a setting has to be, or had better be. */
interface Expectation {
  name: string
  severity: Severity
  wanted: string
  holds: (value: string) => boolean
  /** The value that mends it. */
  set: string
  why: string
}

/**
 * In what the topics differ from the contract; what is stricter than it is fine. The partition counts are held against each other, so that
 * no configured size is needed. `replicationFactor`: how many replicas are recommended.
 */
export function differencesOf(facts: readonly TopicFacts[], replicationFactor = 1): TopicDifference[] {
  const partitions = partitionDifferences(facts)
  const largest = largestInput(facts)
  return facts.flatMap(each => [
    ...partitions.filter(({ topic }) => topic === each.topic), ...replicaDifference(each, replicationFactor), ...settingDifferences(each, largest),
  ])
}

function replicaDifference({ topic, replicas }: TopicFacts, wanted: number): TopicDifference[] {
  if (replicas >= wanted) return []
  const mend = `move ${topic} to ${wanted} replicas with kafka-reassign-partitions`
  const why = replicas === 1 ? 'while its one broker is away nothing is read or written' : 'fewer brokers may fail'
  const what = 'replication factor'
  return [{ topic, what, is: String(replicas), wanted: `${wanted} or more`, why, mend, severity: 'recommendation' }]
}

function settingDifferences(facts: TopicFacts, largest: number): TopicDifference[] {
  const { topic, settings } = facts
  if (settings === null) return [notAllowed(topic)]
  return expectationsOf(facts, largest).flatMap(({ name, holds, ...expectation }) => {
    const is = settings.get(name)
    if (is === undefined) return expectation.severity === 'rule' ? [notTold({ topic, what: name, ...expectation })] : []
    return holds(is) ? [] : [{ topic, what: name, is, mend: alterCommand(topic, [`${name}=${expectation.set}`]), ...expectation }]
  })
}

/** Not to be taken for a broken rule: many a cluster gives its users no DescribeConfigs. */
function notAllowed(topic: string): TopicDifference {
  return {
    topic, what: 'settings', is: 'not readable', wanted: 'readable', severity: 'unchecked',
    why: 'Kafka does not allow us DescribeConfigs, so nobody knows whether the rules are kept',
    mend: `kafka-acls --bootstrap-server … --add --allow-principal User:… --operation DescribeConfigs --topic ${topic}`,
  }
}

function notTold({ topic, what, wanted, why }: Pick<TopicDifference, 'topic' | 'what' | 'wanted' | 'why'>): TopicDifference {
  return { topic, what, is: 'not told', wanted, why, severity: 'unchecked', mend: `ask who runs the brokers for ${what} of ${topic}` }
}

function expectationsOf({ role, replicas, settings }: TopicFacts, largest: number): Expectation[] {
  const minLag = Number(settings?.get('min.compaction.lag.ms') ?? 0)
  const own: Record<TopicRole, () => Expectation[]> = {
    input: () => [notCompacted('compaction would remove events'), ...inputSize],
    checkpoints: () => checkpointSettings(minLag),
    deadLetters: () => [notCompacted('a compacted topic refuses letters without a key'), deadLetterSize(largest)],
  }
  return [...durableSettings(role), ...insyncSettings(role, replicas), ...own[role]()]
}

function durableSettings(role: TopicRole): Expectation[] {
  const severity = severityFor(role)
  const clock: Record<TopicRole, string> = {
    input: 'leases and delays are reckoned from the broker’s clock',
    checkpoints: 'what may be compacted is reckoned from the broker’s clock',
    deadLetters: 'tells when a letter was set aside',
  }
  const lost = role === 'deadLetters' ? 'letters' : 'counted records'
  return [
    exactly('message.timestamp.type', 'LogAppendTime', { severity, why: clock[role] }),
    exactly('unclean.leader.election.enable', 'false', { severity, why: `a leader that missed ${lost} could take over` }),
  ]
}

function insyncSettings(role: TopicRole, replicas: number): Expectation[] {
  const name = 'min.insync.replicas'
  const set = minInsyncReplicas(replicas)
  const tooMany = 'more than there are replicas: many brokers then take no writes'
  const tooFew = 'what one broker acknowledged is lost with that broker'
  return [
    { ...atMost(name, replicas, { severity: 'rule', why: tooMany }), set: String(set) },
    atLeast(name, set, { severity: severityFor(role), why: tooFew }),
  ]
}

/** Dead letters feed no count. */
function severityFor(role: TopicRole): Severity {
  return role === 'deadLetters' ? 'recommendation' : 'rule'
}

function checkpointSettings(minLag: number): Expectation[] {
  const severity = 'rule'
  // Kafka refuses a longest lag below the shortest one.
  const maxLag = Math.max(CHECKPOINT_MAX_COMPACTION_LAG_MS, minLag)
  const slow = 'a start has more to read'
  return [
    exactly('cleanup.policy', 'compact', { severity, why: 'deletion by age would lose counts' }),
    atLeast('min.compaction.lag.ms', CHECKPOINT_MIN_COMPACTION_LAG_MS, {
      severity, why: 'a value that a late one hides has to be written again in time',
    }),
    {
      ...atLeast('max.compaction.lag.ms', CHECKPOINT_MIN_COMPACTION_LAG_MS, { severity, why: 'may not be below min.compaction.lag.ms' }),
      set: String(CHECKPOINT_MAX_COMPACTION_LAG_MS),
    },
    atLeast('delete.retention.ms', CHECKPOINT_DELETE_RETENTION_MS, { severity, why: 'a tombstone must outlive a slow reader’s start' }),
    atLeast('max.message.bytes', CHECKPOINT_MAX_MESSAGE_BYTES, { severity, why: 'a checkpoint is one batch, and has to fit' }),
    atMost('max.compaction.lag.ms', maxLag, { severity: 'recommendation', why: slow }),
    atMost('segment.ms', CHECKPOINT_SEGMENT_MS, { severity: 'recommendation', why: `only closed segments are compacted: ${slow}` }),
  ]
}

const inputSize: readonly Expectation[] = [
  atLeast('max.message.bytes', INPUT_MAX_MESSAGE_BYTES, { severity: 'recommendation', why: 'agents send batches of up to this size' }),
  atMost('max.message.bytes', MOST_LETTER_BYTES, { severity: 'recommendation', why: 'of a larger record a dead letter holds only a part' }),
]

/** `largest`: the most that an input takes. */
function deadLetterSize(largest: number): Expectation {
  return atLeast('max.message.bytes', largest + DEAD_LETTER_EXTRA_BYTES, { severity: 'rule', why: 'a record that an input takes would be cut' })
}

/** The inputs' largest max.message.bytes, as far as it is told; the contract's at least. */
function largestInput(facts: readonly TopicFacts[]): number {
  const told = facts.map(({ role, settings }) => role === 'input' ? Number(settings?.get('max.message.bytes') ?? 0) : 0)
  return Math.max(INPUT_MAX_MESSAGE_BYTES, ...told)
}

type Reason = Pick<Expectation, 'severity' | 'why'>

function notCompacted(why: string): Expectation {
  return { name: 'cleanup.policy', wanted: 'delete', set: 'delete', holds: value => !isCompacted(value), severity: 'rule', why }
}

function isCompacted(policies: string): boolean {
  return policies.split(',').some(policy => policy.trim() === 'compact')
}

function exactly(name: string, wanted: string, reason: Reason): Expectation {
  return { name, wanted, set: wanted, holds: value => value === wanted, ...reason }
}

function atLeast(name: string, least: number, reason: Reason): Expectation {
  return { name, wanted: `${least} or more`, set: String(least), holds: value => Number(value) >= least, ...reason }
}

function atMost(name: string, most: number, reason: Reason): Expectation {
  return { name, wanted: `${most} or less`, set: String(most), holds: value => Number(value) <= most, ...reason }
}

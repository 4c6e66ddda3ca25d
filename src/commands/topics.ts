import type { Command } from 'commander'
import type { Logger } from 'pino'
import { boolean, readOptions, wholeNumber, type OptionSpec, type OptionValues } from '../config.ts'
import { topicNames, topicSpecs, type TopicNames } from '../contract/topics.ts'
import { brokerCount, connectAdmin } from '../kafka/admin.ts'
import { kafkaRules, kafkaOptions } from '../kafka/options.ts'
import { partitionDifferences, settledCount, wayOut } from '../kafka/partition-counts.ts'
import type { TopicFacts } from '../kafka/topic-facts.ts'
import { differencesOf } from '../kafka/topic-rules.ts'
import { createMissingTopics, readTopics } from '../kafka/topics.ts'
import { logOptions } from '../logging.ts'
import { isWell, reportOf, type Outcome, type Refusal } from './topics-report.ts'

const AUTO = 'auto'
const DEFAULT_PARTITIONS = 4
const DEFAULT_REPLICAS = 3

export const topicsOptions = {
  ...kafkaOptions,
  ...logOptions,
  'topics.partitions': {
    help: `Partitions of each new topic; ${AUTO}: as many as the topics have that exist, otherwise ${DEFAULT_PARTITIONS}`,
    placeholder: '<number>', fallback: AUTO, parse: numberOrAuto(10_000),
  },
  'topics.replication-factor': {
    help: `Replicas of each new partition; ${AUTO}: ${DEFAULT_REPLICAS}, or as many as there are brokers if these are fewer`,
    placeholder: '<number>', fallback: AUTO, parse: numberOrAuto(100),
  },
  check: { help: 'Change nothing; exit with 1 if anything differs', placeholder: '[true|false]', fallback: 'false', parse: boolean },
} satisfies Record<string, OptionSpec<unknown>>

type TopicsOptions = OptionValues<typeof topicsOptions>

export function readTopicsOptions(command: Command): TopicsOptions {
  return readOptions(command, topicsOptions, kafkaRules)
}

/** Null is for `auto`. */
function numberOrAuto(highest: number): (text: string) => number | null {
  const number = wholeNumber(1, highest)
  return text => text === AUTO ? null : number(text)
}

interface Outlet {
  log: Logger
  print: (line: string) => void
}

/**
 * Creates the topics that are missing and says what differs from the contract. Resolves with the exit code: 1 if a topic is missing or
 * breaks a rule, or what was asked for is refused; with `check` also if anything else differs.
 */
export async function topics(options: TopicsOptions, { log, print }: Outlet): Promise<number> {
  const names = topicNames(options['kafka.topic-prefix'], options['kafka.checkpoint-topic'] || undefined)
  const asked = options['topics.partitions']
  const admin = await connectAdmin(options, log)
  try {
    const before = await readTopics(admin, names)
    const replicationFactor = options['topics.replication-factor'] ?? Math.min(DEFAULT_REPLICAS, await brokerCount(admin))
    const size = { partitions: asked ?? settledCount(before) ?? DEFAULT_PARTITIONS, replicationFactor }
    const refusal = refusalOf(before, { asked, complete: missingOf(before, names).length === 0 })
    const created = options.check || refusal !== null ? [] : await createMissingTopics(admin, topicSpecs(names, size))
    for (const topic of created) print(`created ${topic}: ${size.partitions} partitions, ${size.replicationFactor} replicas`)
    const facts = created.length === 0 ? before : await readTopics(admin, names)
    const differences = differencesOf(facts, replicationFactor)
    const outcome: Outcome = { refusal, missing: missingOf(facts, names), differences, check: options.check }
    for (const line of reportOf(outcome, { brokers: options['kafka.brokers'], user: options['kafka.sasl.username'] })) print(line)
    return isWell(outcome) ? 0 : 1
  } finally {
    await admin.disconnect()
  }
}

function missingOf(facts: readonly TopicFacts[], names: TopicNames): string[] {
  return Object.values(names).filter((name: string) => !facts.some(({ topic }) => topic === name))
}

/** Why nothing may be created: whatever its partition count were, it would be wrong. */
function refusalOf(facts: readonly TopicFacts[], { asked, complete }: { asked: number | null; complete: boolean }): Refusal | null {
  const settled = settledCount(facts)
  if (partitionDifferences(facts).length > 0) {
    return complete ? null : { what: 'nothing is created while the topics that exist have different numbers of partitions', mend: '' }
  }
  if (asked === null || settled === null || asked === settled) return null
  const what = `--topics.partitions=${asked}, but the topics that exist have ${settled}`
  return { what, mend: `leave --topics.partitions out to go on with ${settled}\n${wayOut(asked)}` }
}

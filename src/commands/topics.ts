import type { Logger } from 'pino'
import { boolean, readOptions, wholeNumber, type OptionSpec, type OptionValues } from '../config.ts'
import { topicNames, topicSpecs } from '../contract/topics.ts'
import { connectAdmin } from '../kafka/admin.ts'
import { kafkaRules, kafkaOptions } from '../kafka/options.ts'
import { createMissingTopics, topicDifferences, type TopicDifference } from '../kafka/topics.ts'
import { logOptions } from '../logging.ts'
import type { Command } from 'commander'

export const topicsOptions = {
  ...kafkaOptions,
  ...logOptions,
  'topics.partitions': { help: 'Partitions of each topic', placeholder: '<number>', fallback: '4', parse: wholeNumber(1, 10_000) },
  'topics.replication-factor': { help: 'Replicas of each partition', placeholder: '<number>', fallback: '1', parse: wholeNumber(1, 100) },
  check: { help: 'Change nothing; exit with 1 if anything differs', placeholder: '[true|false]', fallback: 'false', parse: boolean },
} satisfies Record<string, OptionSpec<unknown>>

type TopicsOptions = OptionValues<typeof topicsOptions>

export function readTopicsOptions(command: Command): TopicsOptions {
  return readOptions(command, topicsOptions, kafkaRules)
}

/** Creates the topics that are missing and says what differs from the contract. Resolves with the exit code: 1 if anything differs. */
export async function topics(options: TopicsOptions, { log, print }: { log: Logger; print: (line: string) => void }): Promise<number> {
  const names = topicNames(options['kafka.topic-prefix'], options['kafka.checkpoint-topic'] || undefined)
  const size = { partitions: options['topics.partitions'], replicationFactor: options['topics.replication-factor'] }
  const specs = topicSpecs(names, size)
  const admin = await connectAdmin(options, log)
  try {
    const created = options.check ? [] : await createMissingTopics(admin, specs)
    for (const topic of created) print(`created ${topic}: ${size.partitions} partitions, ${size.replicationFactor} replicas`)
    const differences = await topicDifferences(admin, specs)
    for (const difference of differences) print(describe(difference))
    if (differences.length === 0) print(`all ${specs.length} topics are as they should be`)
    return differences.length === 0 ? 0 : 1
  } finally {
    await admin.disconnect()
  }
}

function describe({ topic, what, is, wanted, mend }: TopicDifference): string {
  return `${topic}: ${what} is ${is}, should be ${wanted}; to mend it: ${mend}`
}

import { randomBytes } from 'node:crypto'
import { loadavg } from 'node:os'
import type { Kafka } from 'kafkajs'
import { pino } from 'pino'
import { findBroker } from '../broker/find.ts'
import { topicNames, topicSpecs, type TopicNames, type TopicSpec } from '../src/contract/topics.ts'
import { createKafka } from '../src/kafka/client.ts'
import { kafkaOptions, type KafkaSettings } from '../src/kafka/options.ts'
import { createMissingTopics } from '../src/kafka/topics.ts'
import { until } from '../test/support/until.ts'
import { rounded } from './pairs.ts'

export const PARTITIONS = 4

/** A broker with topics of a benchmark's own. */
export interface Site {
  brokers: readonly string[]
  kafka: Kafka
  topicPrefix: string
  topics: TopicNames
  /** Creates topics as `discovery-metrics topics` would, changed by `change`. */
  create: (names: TopicNames, change?: (spec: TopicSpec) => TopicSpec) => Promise<void>
}

export async function withSite<T>(work: (site: Site) => Promise<T>): Promise<T> {
  const broker = await findBroker({ onProgress: text => console.error(text) })
  try {
    const { brokers } = broker
    const kafka = createKafka(settingsFor(brokers), pino({ level: 'silent' }))
    const topicPrefix = `bench-${randomBytes(4).toString('hex')}.`
    return await work({ brokers, kafka, topicPrefix, topics: topicNames(topicPrefix), create: (names, change) => create(kafka, names, change) })
  } finally {
    await broker.stop()
  }
}

/** As `serve` has them if only the brokers are given. */
export function settingsFor(brokers: readonly string[]): KafkaSettings {
  const fallbacks = Object.entries(kafkaOptions).map(([flag, { fallback, parse }]) => [flag, parse(fallback)])
  return { ...Object.fromEntries(fallbacks) as KafkaSettings, 'kafka.brokers': [...brokers] }
}

/** How busy the machine is, over the last minute: figures of a busy one say little. */
export function load(): number {
  return rounded(loadavg()[0] ?? Number.NaN)
}

async function create(kafka: Kafka, names: TopicNames, change: (spec: TopicSpec) => TopicSpec = spec => spec): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    await createMissingTopics(admin, topicSpecs(names, { partitions: PARTITIONS, replicationFactor: 1 }).map(change))
    for (const topic of Object.values(names) as string[]) {
      await until(() => admin.fetchTopicOffsets(topic), { message: `topic ${topic} has leaders` }) // what is sent before that is refused
    }
  } finally {
    await admin.disconnect()
  }
}

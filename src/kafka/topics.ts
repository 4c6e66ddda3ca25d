import { setTimeout as delay } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'
import type { TopicSpec } from '../contract/topics.ts'
import { KafkaError } from './errors.ts'

/** One way in which a topic is not what the contract asks for. */
export interface TopicDifference {
  topic: string
  what: string
  is: string
  wanted: string
  /** What to do about it. */
  mend: string
}

/** How long a topic just created may take to get its leaders, and how often to look. Milliseconds. */
const LEADERS_MS = 30_000
const LOOK_EVERY_MS = 100

/** Creates the topics that are missing; resolves with their names once they can be used. Changes nothing about those that exist. */
export async function createMissingTopics(admin: Admin, specs: readonly TopicSpec[]): Promise<string[]> {
  const existing = new Set(await admin.listTopics())
  const missing = specs.filter(({ topic }) => !existing.has(topic))
  if (missing.length === 0) return []
  const topics = missing.map(({ topic, partitions, replicationFactor, config }) => ({
    topic,
    numPartitions: partitions,
    replicationFactor,
    configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
  }))
  try {
    await admin.createTopics({ waitForLeaders: false, topics })
  } catch (cause) {
    throw new KafkaError('topic_refused', `Kafka does not create the topics: ${refusals(cause).join('; ')}`, { cause })
  }
  await waitForLeaders(admin, missing.map(({ topic }) => topic))
  return missing.map(({ topic }) => topic)
}

/** kafkajs 2.2.4 would wait too, but gives up on the first broker that has not heard of a topic yet. */
async function waitForLeaders(admin: Admin, topics: string[]): Promise<void> {
  const end = performance.now() + LEADERS_MS
  for (;;) {
    if (await admin.fetchTopicMetadata({ topics }).then(haveLeaders, () => false)) return
    if (performance.now() > end) {
      throw new KafkaError('topic_refused', `no leaders within ${LEADERS_MS / 1_000} s for ${topics.join(', ')}: see the brokers' logs`)
    }
    await delay(LOOK_EVERY_MS)
  }
}

function haveLeaders({ topics }: Awaited<ReturnType<Admin['fetchTopicMetadata']>>): boolean {
  return topics.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0))
}

/** kafkajs keeps what Kafka says of each topic in a list of errors. */
function refusals(error: unknown): string[] {
  const { errors = [error] } = error as { errors?: readonly unknown[] }
  return errors.map(each => {
    const { topic, message = String(each) } = each as { topic?: string; message?: string }
    return topic === undefined ? message : `${topic}: ${message}`
  })
}

/** Compares the cluster's topics with the contract. */
export async function topicDifferences(admin: Admin, specs: readonly TopicSpec[]): Promise<TopicDifference[]> {
  const existing = new Set(await admin.listTopics())
  const present = specs.filter(({ topic }) => existing.has(topic))
  const missing = specs.filter(({ topic }) => !existing.has(topic)).map(({ topic }): TopicDifference =>
    ({ topic, what: 'topic', is: 'missing', wanted: 'there', mend: 'run `discovery-metrics topics`' }))
  if (present.length === 0) return missing
  return [...missing, ...(await sizeDifferences(admin, present)), ...(await configDifferences(admin, present))]
}

async function sizeDifferences(admin: Admin, specs: readonly TopicSpec[]): Promise<TopicDifference[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: specs.map(({ topic }) => topic) })
  return specs.flatMap(({ topic, partitions, replicationFactor }) => {
    const found = topics.find(({ name }) => name === topic)?.partitions ?? []
    const replicas = Math.min(...found.map(partition => partition.replicas.length))
    return [
      ...difference({ topic, what: 'partitions', is: String(found.length), wanted: String(partitions) },
        'give --topics.partitions the number that is there, or make the topic anew: partitions cannot be added to counts that exist'),
      ...difference({ topic, what: 'replication factor', is: String(replicas), wanted: String(replicationFactor) },
        'give --topics.replication-factor the number that is there, or reassign the partitions with kafka-reassign-partitions'),
    ]
  })
}

async function configDifferences(admin: Admin, specs: readonly TopicSpec[]): Promise<TopicDifference[]> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: specs.map(({ topic: name, config }) =>
      ({ type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames: Object.keys(config) })),
  })
  return specs.flatMap(({ topic, config }) => {
    const entries = resources.find(({ resourceName }) => resourceName === topic)?.configEntries ?? []
    return Object.entries(config).flatMap(([name, wanted]) => {
      const is = entries.find(entry => entry.configName === name)?.configValue ?? 'not set'
      return difference({ topic, what: name, is, wanted }, `kafka-configs --bootstrap-server … --alter --topic ${topic} --add-config ${name}=${wanted}`)
    })
  })
}

function difference(found: Omit<TopicDifference, 'mend'>, mend: string): TopicDifference[] {
  return found.is === found.wanted ? [] : [{ ...found, mend }]
}

import { setTimeout as delay } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'
import { inputTopics, type TopicNames, type TopicSpec } from '../contract/topics.ts'
import { KafkaError } from './errors.ts'
import { partitionDifferences } from './partition-counts.ts'
import type { TopicDifference, TopicFacts, TopicRole } from './topic-facts.ts'
import { differencesOf } from './topic-rules.ts'

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

/** The contract's topics as the cluster has them; those that it does not have are left out. */
export async function readTopics(admin: Admin, names: TopicNames): Promise<TopicFacts[]> {
  const existing = new Set(await admin.listTopics())
  const present = rolesOf(names).filter(({ topic }) => existing.has(topic))
  if (present.length === 0) return []
  const { topics } = await admin.fetchTopicMetadata({ topics: present.map(({ topic }) => topic) })
  const facts = await Promise.all(present.map(async ({ topic, role }) => {
    const partitions = topics.find(({ name }) => name === topic)?.partitions ?? []
    const replicas = Math.min(...partitions.map(each => each.replicas.length))
    return { topic, role, partitions: partitions.length, replicas, settings: await readSettings(admin, topic), empty: false }
  }))
  if (partitionDifferences(facts).length === 0) return facts
  return Promise.all(facts.map(async each => ({ ...each, empty: await isEmpty(admin, each.topic) })))
}

/**
 * The rules that the topics break: counts can be wrong, or the service cannot run, until they are mended. Topics that are missing break
 * none here, see `missingTopics`; nor do settings that we may not read. Rejects with kafkajs' error where Kafka does not answer, and where
 * a topic is gone that this client once asked the offsets of: kafkajs 2.2.4 asks for it for ever.
 */
export async function brokenRules(admin: Admin, names: TopicNames): Promise<TopicDifference[]> {
  return differencesOf(await readTopics(admin, names)).filter(({ severity }) => severity === 'rule')
}

function rolesOf(names: TopicNames): { topic: string; role: TopicRole }[] {
  return [
    ...inputTopics(names).map(({ topic }) => ({ topic, role: 'input' as const })),
    { topic: names.checkpoints, role: 'checkpoints' },
    { topic: names.deadLetters, role: 'deadLetters' },
  ]
}

/** Asked topic by topic: one that we may not read fails the whole request. */
async function readSettings(admin: Admin, name: string): Promise<ReadonlyMap<string, string> | null> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name }],
    })
    return new Map(resources.flatMap(({ configEntries }) => configEntries.map(entry => [entry.configName, entry.configValue] as const)))
  } catch (error) {
    const { type = '' } = error as { type?: string }
    if (type.endsWith('_AUTHORIZATION_FAILED')) return null
    throw error
  }
}

async function isEmpty(admin: Admin, topic: string): Promise<boolean> {
  return (await admin.fetchTopicOffsets(topic)).every(({ high }) => Number(high) === 0)
}

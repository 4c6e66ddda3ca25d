import type { Admin } from 'kafkajs'
import type { Logger } from 'pino'
import { partitionKey, type LogBounds, type Partition } from '../aggregator/records.ts'
import { commandPatience, createKafka } from './client.ts'
import { KafkaError } from './errors.ts'
import type { KafkaSettings } from './options.ts'

/** A connected admin client for a command. Rejects with `unreachable` within half a minute. */
export async function connectAdmin(settings: KafkaSettings, log: Logger): Promise<Admin> {
  const admin = createKafka(settings, log, commandPatience).admin()
  try {
    await admin.connect()
    await admin.listTopics() // kafkajs 2.2.4 takes a broker that says nothing for connected
    return admin
  } catch (cause) {
    await admin.disconnect() // an open connection would keep the process alive
    const reason = cause instanceof Error ? cause.message : String(cause)
    const where = settings['kafka.brokers'].join(', ')
    const message = `Kafka cannot be reached at ${where}: ${reason}; is it running, and is --kafka.brokers right?`
    throw new KafkaError('unreachable', message, { cause })
  }
}

/** Beginning and end of the logs of all partitions of the topics. */
export async function topicBounds(admin: Admin, topics: readonly string[]): Promise<LogBounds[]> {
  const bounds = await Promise.all(topics.map(async topic =>
    (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({ topic, partition, low: Number(low), high: Number(high) }))))
  return bounds.flat()
}

/** The same for the given partitions only. */
export async function partitionBounds(admin: Admin, partitions: readonly Partition[]): Promise<LogBounds[]> {
  const wanted = new Set(partitions.map(partitionKey))
  const bounds = await topicBounds(admin, [...new Set(partitions.map(({ topic }) => topic))])
  return bounds.filter(partition => wanted.has(partitionKey(partition)))
}

/** Which of the topics the cluster does not have. */
export async function missingTopics(admin: Admin, topics: readonly string[]): Promise<string[]> {
  const existing = new Set(await admin.listTopics())
  return topics.filter(topic => !existing.has(topic))
}

/** How many brokers the cluster has now. */
export async function brokerCount(admin: Admin): Promise<number> {
  return (await admin.describeCluster()).brokers.length
}

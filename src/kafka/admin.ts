import type { Admin } from 'kafkajs'
import { partitionKey, type LogBounds, type Partition } from '../aggregator/records.ts'

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

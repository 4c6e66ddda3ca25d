import type { Admin, Kafka } from 'kafkajs'
import type { InputSource } from '../aggregator/source.ts'
import { partitionBounds, topicBounds } from './admin.ts'
import type { Availability } from './availability.ts'
import { retryForever } from './backoff.ts'
import type { InputReader } from './input-reader.ts'
import { readRecord } from './log-range.ts'
import type { TopicIdentity } from './topic-identity.ts'

const READ_TIMEOUT_MS = 10_000

export interface InputSourceOptions {
  kafka: Kafka
  admin: Admin
  reader: InputReader
  groupId: string
  identity: TopicIdentity
  availability: Availability
  random: () => number
}

/** The inputs, partition by partition. What Kafka does not answer is asked again until it does. */
export function inputSource({ kafka, admin, reader, groupId, identity, availability, random }: InputSourceOptions): InputSource {
  const asked = <T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> =>
    retryForever(attempt, { signal, random, onFailure: error => availability.away('inputs', error) })
      .finally(() => availability.back('inputs'))
  return {
    hold: partition => reader.hold(partition),
    readFrom: (partition, offset) => reader.readFrom(partition, offset),
    bounds: (partition, signal) => asked(async () => {
      const [bounds] = await partitionBounds(admin, [partition])
      if (bounds === undefined) throw new Error(`there is no partition ${partition.partition} of topic ${partition.topic}`)
      const ids = await identity.idsOf([partition.topic])
      return { ...bounds, topicId: ids.get(partition.topic) }
    }, signal),
    partitions: (topic, signal) => asked(async () => (await topicBounds(admin, [topic])).length, signal),
    recordAt: ({ topic, partition, offset }, signal) =>
      asked(() => readRecord({ kafka, topic, partition, offset, timeoutMs: READ_TIMEOUT_MS, random }), signal),
    committed: ({ topic, partition }, signal) => asked(async () => {
      const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] })
      const offset = Number(committed?.partitions.find(each => each.partition === partition)?.offset ?? -1)
      return offset < 0 ? null : offset
    }, signal),
  }
}

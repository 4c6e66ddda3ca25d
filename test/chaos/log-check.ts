import { Kafka, logLevel } from 'kafkajs'
import { inputTopics, topicNames } from '../../src/contract/topics.ts'

/** Whether each partition holds exactly as many records as were sent to it: nothing lost, nothing twice. What does not, one line each. */
export async function logFaults(brokers: readonly string[], prefix: string, sent: ReadonlyMap<string, number>): Promise<string[]> {
  const admin = new Kafka({ clientId: 'chaos-check', brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    const faults: string[] = []
    for (const { topic, shard } of inputTopics(topicNames(prefix))) {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        const records = sent.get(`${shard}-${partition}`) ?? 0
        if (Number(high) !== records) faults.push(`${topic} partition ${partition} holds ${high} records, ${records} were sent`)
      }
    }
    return faults
  } finally {
    await admin.disconnect()
  }
}

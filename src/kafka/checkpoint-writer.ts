import type { Kafka } from 'kafkajs'
import type { CheckpointLog } from '../checkpoint/log.ts'
import { TopicWriter, type TopicWriterOptions } from './topic-writer.ts'

export type CheckpointWriter = CheckpointLog & Pick<TopicWriter, 'connect' | 'disconnect'>

/** A {@link TopicWriter} of the checkpoint topic. */
export function createCheckpointWriter(kafka: Kafka, topic: string, options: TopicWriterOptions = {}): CheckpointWriter {
  return new TopicWriter(kafka, topic, { what: 'a checkpoint', ...options })
}

import { CodedError } from '../coded-error.ts'

export const kafkaErrorCodes = [
  /** No broker answers in time, or none lets us in. */
  'unreachable',
  /** Kafka does not create a topic as asked. */
  'topic_refused',
  /** A record batch as Kafka never writes it, or in a message format older than v2. */
  'bad_batch',
  /** More than the topic takes as one batch (max.message.bytes). */
  'batch_too_large',
  /** A topic ends before what was already read of it: it was deleted and made anew, or has lost records. */
  'log_truncated',
  /** There is more to read, or a request to answer, and for too long nothing came. */
  'stalled',
  /** The topics have other numbers of partitions than when counting began. */
  'partitions_changed',
  /** kafkajs is not inside as the version that we have pinned. */
  'library_changed',
] as const
export type KafkaErrorCode = (typeof kafkaErrorCodes)[number]

export class KafkaError extends CodedError<KafkaErrorCode> {
  override readonly name = 'KafkaError'
}

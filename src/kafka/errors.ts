export const kafkaErrorCodes = [
  /** No broker answers in time, or none lets us in. */
  'unreachable',
  /** Kafka does not create a topic as asked. */
  'topic_refused',
] as const
export type KafkaErrorCode = (typeof kafkaErrorCodes)[number]

export class KafkaError extends Error {
  override readonly name = 'KafkaError'
  readonly code: KafkaErrorCode

  constructor(code: KafkaErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

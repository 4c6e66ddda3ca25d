import type { ProducerBatch, ProducerConfig } from 'kafkajs'

/** What the agent needs of kafkajs' `Producer`. */
export interface EventProducer {
  connect(): Promise<void>
  sendBatch(batch: ProducerBatch): Promise<unknown>
  disconnect(): Promise<void>
}

/** What the agent needs of the host's kafkajs client, `new Kafka(…)`. */
export interface KafkaClient {
  producer(config: ProducerConfig): EventProducer
}

/**
 * Trap: with retries of its own, kafkajs 2.2.4 resolves a `sendBatch` although messages were never sent, if one broker answered before
 * another failed and leadership moved in between. So its retries are off, and the agent's begin anew each time.
 */
export const producerConfig: ProducerConfig = { allowAutoTopicCreation: false, retry: { retries: 0 } }

/** What an error of `sendBatch` means for the batch. */
export type SendVerdict = 'retry' | 'too-large' | 'refused'

const tooLarge = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])
// kafkajs calls its lock's time-outs final, but they only say that a broker was slow.
const transient = new Set(['KafkaJSLockTimeout', 'KafkaJSTimeout'])

/** Judges by the root cause: kafkajs wraps what can be retried in "number of retries exceeded", which says that it cannot. */
export function sendVerdict(error: unknown): SendVerdict {
  let verdict: SendVerdict = 'refused'
  let next: unknown = error
  for (let depth = 0; depth < 8 && typeof next === 'object' && next !== null; depth++) {
    const { type, name, retriable, cause } = next as { type?: unknown; name?: unknown; retriable?: unknown; cause?: unknown }
    if (typeof type === 'string' && tooLarge.has(type)) return 'too-large'
    if (typeof name === 'string' && transient.has(name)) return 'retry'
    if (typeof retriable === 'boolean') verdict = retriable ? 'retry' : 'refused'
    next = cause
  }
  return verdict
}

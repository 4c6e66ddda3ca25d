import { Kafka, logLevel } from 'kafkajs'
import { createMissingTopics } from '../../src/kafka/topics.ts'

const topic = 'kept'

/** A client's view of one broker: texts in and out of one topic. */
export class Messages {
  readonly #brokers: string[]

  constructor(brokers: string[]) {
    this.#brokers = brokers
  }

  async createTopic(): Promise<void> {
    const admin = this.#client(5).admin()
    await admin.connect()
    await createMissingTopics(admin, [{ topic, partitions: 1, replicationFactor: 1, config: {} }])
    await admin.disconnect()
  }

  /** Tries once. */
  async send(value: string): Promise<void> {
    const producer = this.#client(0).producer()
    try {
      await producer.connect()
      await producer.send({ topic, messages: [{ value }] })
    } finally {
      await producer.disconnect()
    }
  }

  /** The first texts of the topic. */
  async read(count: number): Promise<string[]> {
    const values: string[] = []
    const consumer = this.#client(5).consumer({ groupId: 'readers' })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        // Else it comes back by itself, as it does from a coordinator that is still loading.
        if (!payload.restart) reject(payload.error)
      })
      void consumer.run({
        eachMessage: ({ message }) => {
          values.push(String(message.value))
          if (values.length === count) resolve()
          return Promise.resolve()
        },
      })
    })
    await consumer.disconnect()
    return values
  }

  #client(retries: number): Kafka {
    return new Kafka({ brokers: this.#brokers, logLevel: logLevel.NOTHING, requestTimeout: 2000, retry: { retries } })
  }
}

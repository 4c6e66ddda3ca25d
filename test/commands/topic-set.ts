import { Kafka, logLevel, type Admin, type Producer } from 'kafkajs'
import { createEncoder } from '../../src/contract/codec.ts'
import { eventDefaults, messageKey, type LookupEvent } from '../../src/contract/events.ts'
import { topicNames, topicSpecs, type TopicNames } from '../../src/contract/topics.ts'
import { createMissingTopics } from '../../src/kafka/topics.ts'

/** The contract's topics under a prefix of their own, and a client that writes to them. */
export class TopicSet {
  readonly names: TopicNames
  readonly admin: Admin
  readonly #producer: Producer
  readonly #partitions: number
  readonly #encode = createEncoder('lookup')

  constructor({ brokers, prefix, partitions = 4 }: { brokers: readonly string[]; prefix: string; partitions?: number }) {
    const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
    this.names = topicNames(prefix)
    this.admin = kafka.admin()
    // On a topic just created one partition may not take records yet; what is then sent again must not stand in the others twice.
    this.#producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
    this.#partitions = partitions
  }

  async open(): Promise<this> {
    await Promise.all([this.admin.connect(), this.#producer.connect()])
    return this
  }

  async create(): Promise<void> {
    await createMissingTopics(this.admin, topicSpecs(this.names, { partitions: this.#partitions, replicationFactor: 1 }))
  }

  /** Sends look-ups, each of the service's name, by the contract's key. */
  async lookups(events: readonly Partial<LookupEvent>[]): Promise<void> {
    await this.values(events.map(event => this.lookup(event)))
  }

  lookup(fields: Partial<LookupEvent>): { key: string; value: Buffer } {
    const plain = { namespace: 'shop', service: 'cart', clientNamespace: 'shop', client: 'web', outcome: 'SUCCESS' } as const
    const event = { ...eventDefaults.lookup, ...plain, ...fields }
    return { key: messageKey(event), value: this.#encode(event) }
  }

  /** Sends messages as they are to the look-ups' topic. */
  async values(messages: readonly { key?: string; partition?: number; value: Buffer | null }[]): Promise<void> {
    await this.#producer.send({ topic: this.names.lookups, messages: [...messages] })
  }

  /** Deletes the topics, and what is written to them is gone. */
  async close(): Promise<void> {
    const existing = new Set(await this.admin.listTopics())
    await this.admin.deleteTopics({ topics: Object.values(this.names).filter(topic => existing.has(topic)) })
    await this.#producer.disconnect()
    await this.admin.disconnect()
  }
}

import type { ProducerBatch, ProducerConfig } from 'kafkajs'
import { Rejection } from '../../src/contract/bounds.ts'
import { Decoder } from '../../src/contract/codec.ts'
import type { AgentReport, DiscoveryEvent, LookupEvent, RegistrationEvent } from '../../src/contract/events.ts'
import type { EventProducer, KafkaClient } from '../../src/agent/producer.ts'

/** What a broker does with a batch: it takes it, or a part of it, or nothing; and then answers with success or an error, or never. */
export type Broker = (batch: ProducerBatch, take: (part?: ProducerBatch) => void) => Promise<void>

export const taking: Broker = (_, take) => Promise.resolve(take())

/** An error as kafkajs throws them. */
export function kafkaError(fields: { retriable: boolean; type?: string; name?: string }): Error {
  return Object.assign(new Error(fields.type ?? 'failed'), fields)
}

/** A kafkajs client whose producer hands every batch to `broker`; `log` is what was taken, in order. */
export class FakeKafka implements KafkaClient {
  broker: Broker = taking
  connecting: () => Promise<void> = () => Promise.resolve()
  readonly configs: ProducerConfig[] = []
  readonly attempts: ProducerBatch[] = []
  readonly log: { topic: string; key: string; event: DiscoveryEvent }[] = []
  /** Sends of events, reports aside, that had no answer yet: now, and at most. */
  underWay = 0
  mostUnderWay = 0
  connects = 0
  disconnects = 0
  readonly #decoders = {
    lookups: new Decoder('lookup'), registrations: new Decoder('registration'), agents: new Decoder('agent'),
  }

  producer(config: ProducerConfig): EventProducer {
    this.configs.push(config)
    return {
      connect: () => {
        this.connects += 1
        return this.connecting()
      },
      sendBatch: batch => this.#send(batch),
      disconnect: () => {
        this.disconnects += 1
        return Promise.resolve()
      },
    }
  }

  get lookups(): LookupEvent[] {
    return this.#events('lookups') as LookupEvent[]
  }

  get registrations(): RegistrationEvent[] {
    return this.#events('registrations') as RegistrationEvent[]
  }

  get reports(): AgentReport[] {
    return this.#events('agents') as AgentReport[]
  }

  #events(word: string): DiscoveryEvent[] {
    return this.log.filter(({ topic }) => topic.includes(word)).map(({ event }) => event)
  }

  async #send(batch: ProducerBatch): Promise<void> {
    this.attempts.push(batch)
    const events = batch.topicMessages?.some(({ topic }) => !topic.includes('agents')) === true ? 1 : 0
    this.underWay += events
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay)
    try {
      await this.broker(batch, (part = batch) => this.#take(part))
    } finally {
      this.underWay -= events
    }
  }

  #take({ topicMessages = [] }: ProducerBatch): void {
    for (const { topic, messages } of topicMessages) {
      for (const { key, value } of messages) this.log.push({ topic, key: String(key), event: this.#decode(topic, value) })
    }
  }

  #decode(topic: string, value: Buffer | string | null): DiscoveryEvent {
    const kind = (['lookups', 'registrations', 'agents'] as const).find(word => topic.includes(word)) ?? 'agents'
    const event = this.#decoders[kind].decode(Buffer.from(value ?? ''))
    if (event instanceof Rejection) throw new Error(`the agent sent what no reader takes: ${event.detail}`)
    return event
  }
}

/** The topics of a batch and how many messages each has. */
export function sizes({ topicMessages = [] }: ProducerBatch): Record<string, number> {
  return Object.fromEntries(topicMessages.map(({ topic, messages }) => [topic, messages.length]))
}

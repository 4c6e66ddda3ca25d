import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import type { LogBounds } from '../aggregator/records.ts'
import { missingTopics, topicBounds } from './admin.ts'
import { Availability } from './availability.ts'
import { retryForever } from './backoff.ts'
import { GroupConsumer, type Membership, type RecordSink } from './consumer.ts'

const BOUNDS_EVERY_MS = 5_000
const TOPICS_EVERY_MS = 2_000

export interface IntakeOptions {
  kafka: Kafka
  groupId: string
  sessionTimeout: number
  /** The topics to read. */
  inputs: readonly string[]
  /** The topics that must exist before anything is read. */
  required: readonly string[]
  sink: RecordSink & { noteBounds: (bounds: readonly LogBounds[], askedAt: number) => void }
  membership: Membership
  log: Logger
  onCrash: (error: Error, fatal: boolean) => void
}

/** All that comes from Kafka: waits for it and for the topics, reads as a member of the group, and asks now and then where the logs end. */
export class Intake {
  readonly #options: IntakeOptions
  readonly #availability: Availability
  readonly #admin: Admin
  readonly #consumer: GroupConsumer
  readonly #stopping = new AbortController()
  #missing: string[] = []

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#availability = new Availability(options.log)
    this.#admin = options.kafka.admin()
    this.#consumer = new GroupConsumer({ ...options, topics: options.inputs, admin: this.#admin, availability: this.#availability, random: Math.random })
  }

  /** Why nothing, or not everything, can be read now; empty if all is well. */
  reasons(): string[] {
    const { reason } = this.#availability
    const topics = this.#missing.length === 0 ? [] : [`missing topics: ${this.#missing.join(', ')}; create them with: discovery-metrics topics`]
    return [...(reason === null ? [] : [reason]), ...topics]
  }

  /** Runs until stopped. Rejects only on what cannot be mended by waiting. */
  async run(): Promise<void> {
    try {
      await this.#retry(() => this.#admin.connect())
      await this.#waitForTopics()
      await this.#consumer.start()
      await this.#followBounds()
    } catch (error) {
      if (!this.#stopping.signal.aborted) throw error
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#consumer.stop()
    await this.#admin.disconnect()
  }

  async #waitForTopics(): Promise<void> {
    const { required, log } = this.#options
    for (;;) {
      this.#missing = await this.#retry(() => missingTopics(this.#admin, required))
      this.#availability.back()
      if (this.#missing.length === 0) return
      log.warn(`waiting for ${this.#missing.length} missing topics: ${this.#missing.join(', ')}; create them with: discovery-metrics topics`)
      await this.#pause(TOPICS_EVERY_MS)
    }
  }

  async #followBounds(): Promise<void> {
    const { inputs, sink } = this.#options
    for (;;) {
      const askedAt = Date.now()
      const bounds = await this.#retry(() => topicBounds(this.#admin, inputs))
      this.#availability.back()
      sink.noteBounds(bounds, askedAt)
      await this.#pause(BOUNDS_EVERY_MS)
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return delay(milliseconds, undefined, { signal: this.#stopping.signal })
  }

  #retry<T>(attempt: () => Promise<T>): Promise<T> {
    return retryForever(attempt, { signal: this.#stopping.signal, random: Math.random, onFailure: error => this.#availability.away(error) })
  }
}

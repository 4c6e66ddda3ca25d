import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import { missingTopics, topicBounds } from './admin.ts'
import { Availability } from './availability.ts'
import { retryForever } from './backoff.ts'
import { GroupConsumer } from './consumer.ts'
import type { Membership, RecordSink } from './sink.ts'

const BOUNDS_EVERY_MS = 5_000
const TOPICS_EVERY_MS = 2_000
/** A farewell that Kafka does not answer in this time is none: the group notices when the session ends. */
const FAREWELL_MS = 5_000

export interface IntakeOptions {
  kafka: Kafka
  groupId: string
  sessionTimeout: number
  /** The topics to read. */
  inputs: readonly string[]
  /** The topics that must exist before anything is read. */
  required: readonly string[]
  sink: RecordSink
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
    const parts = { admin: this.#admin, availability: this.#availability, random: Math.random }
    this.#consumer = new GroupConsumer({ ...options, ...parts, topics: options.inputs })
  }

  /** Why nothing, or not everything, can be read now; empty if all is well. */
  reasons(): string[] {
    const { reason } = this.#availability
    const topics = this.#missing.length === 0 ? [] : [missingText(this.#missing)]
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

  /** Leaves the group, or lets it notice by itself where Kafka does not answer: nothing here needs its consent. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    const late = new AbortController()
    const farewell = Promise.all([this.#consumer.stop(), this.#admin.disconnect()]).then(() => true)
    const answered = await Promise.race([farewell, delay(FAREWELL_MS, false, { signal: late.signal })]).finally(() => late.abort())
    if (!answered) this.#options.log.warn('Kafka does not answer the farewell: the group gives our partitions away when the session ends')
  }

  async #waitForTopics(): Promise<void> {
    const { required, log } = this.#options
    for (let told = ''; ;) {
      this.#missing = await this.#retry(() => missingTopics(this.#admin, required))
      this.#availability.back('admin')
      if (this.#missing.length === 0) return
      const text = `waiting for ${missingText(this.#missing)}`
      if (text !== told) log.warn(text)
      told = text
      await this.#pause(TOPICS_EVERY_MS)
    }
  }

  async #followBounds(): Promise<void> {
    const { inputs, sink } = this.#options
    for (;;) {
      const askedAt = Date.now()
      const bounds = await this.#retry(() => topicBounds(this.#admin, inputs))
      this.#availability.back('admin')
      sink.noteBounds(bounds, askedAt)
      await this.#pause(BOUNDS_EVERY_MS)
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return delay(milliseconds, undefined, { signal: this.#stopping.signal })
  }

  #retry<T>(attempt: () => Promise<T>): Promise<T> {
    const onFailure = (error: unknown) => this.#availability.away('admin', error)
    return retryForever(attempt, { signal: this.#stopping.signal, random: Math.random, onFailure })
  }
}

function missingText(topics: readonly string[]): string {
  return `missing topics: ${topics.join(', ')}; create them with: discovery-metrics topics`
}

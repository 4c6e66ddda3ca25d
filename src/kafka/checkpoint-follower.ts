import type { Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import type { Partition } from '../aggregator/records.ts'
import type { ReadStretch } from '../checkpoint/log.ts'
import type { View } from '../checkpoint/view.ts'
import type { Availability } from './availability.ts'
import { KafkaError } from './errors.ts'
import { readLog } from './log-reader.ts'

const TELL_EVERY_MS = 2_000

export interface CheckpointFollowerOptions {
  kafka: Kafka
  topic: string
  partitions: number
  view: View
  availability: Availability
  log: Logger
  telemetry: FollowerTelemetry
}

/** What is told of reading the checkpoints. */
export interface FollowerTelemetry {
  /** All is read that was there at the start. */
  restored: (records: number, seconds: number) => void
  /** All is read that there was at a moment (milliseconds since the epoch). */
  viewed: (partition: Partition, completeUntil: number) => void
}

interface Reading {
  first: number
  next: number
  /** Where the log ended when this replica began to read it. */
  target: number
}

/** Reads the whole checkpoint topic into the view, and then whatever is added to it, for as long as the replica lives. */
export class CheckpointFollower {
  /** Resolves once all is read that was there at the start. */
  readonly restored: Promise<void>
  readonly #options: CheckpointFollowerOptions
  readonly #readings = new Map<number, Reading>()
  #records = 0
  #isRestored = false
  #restore: () => void = () => {}
  #began = performance.now()
  #told = performance.now()

  constructor(options: CheckpointFollowerOptions) {
    this.#options = options
    this.restored = new Promise(resolve => { this.#restore = resolve })
  }

  /** What the replica waits for; null once it is restored. */
  get reason(): string | null {
    return this.#isRestored ? null : `reading checkpoints: ${this.#progress}`
  }

  /** Reads until the signal aborts. Rejects if the topic was made anew while it was read. */
  async run(signal: AbortSignal): Promise<void> {
    const { kafka, topic, availability, log } = this.#options
    this.#began = performance.now()
    try {
      await readLog({
        kafka, topic, from: 'earliest', signal, random: Math.random,
        take: stretch => this.#take(stretch),
        onFailure: error => availability.away('checkpoints', error),
        onAnswer: () => availability.back('checkpoints'),
        onGap: gap => log.warn(gap, 'checkpoints were deleted before they were read: is the topic’s cleanup.policy anything but compact?'),
      })
    } catch (error) {
      if (!(error instanceof KafkaError && error.code === 'log_truncated')) throw error
      throw new KafkaError('log_truncated', `the checkpoint topic ${topic} was made anew while it was in use, and its counts are lost: ` +
        'counting begins anew at the earliest records of the inputs when this replica is started again', { cause: error })
    }
  }

  async #take(stretch: ReadStretch): Promise<void> {
    const { view, topic, telemetry } = this.#options
    const told = Date.now()
    await view.take(stretch)
    const { partition, next, high, records } = stretch
    if (next >= high) telemetry.viewed({ topic, partition }, told)
    if (this.#isRestored) return
    const reading = this.#readings.get(partition) ?? { first: records[Symbol.iterator]().next().value?.offset ?? next, next, target: high }
    reading.next = next
    this.#readings.set(partition, reading)
    this.#records += records.count
    this.#note()
  }

  #note(): void {
    const { partitions, log } = this.#options
    const readings = [...this.#readings.values()]
    if (readings.length >= partitions && readings.every(({ next, target }) => next >= target)) {
      this.#isRestored = true
      log.info(`checkpoints read: ${this.#progress}`)
      this.#options.telemetry.restored(this.#records, (performance.now() - this.#began) / 1_000)
      this.#restore()
    } else if (performance.now() - this.#told > TELL_EVERY_MS) {
      this.#told = performance.now()
      log.info(`reading checkpoints: ${this.#progress}`)
    }
  }

  get #progress(): string {
    const readings = [...this.#readings.values()]
    const done = readings.reduce((sum, { first, next, target }) => sum + Math.min(next, target) - first, 0)
    const all = readings.reduce((sum, { first, target }) => sum + target - first, 0)
    const share = readings.length < this.#options.partitions ? 0 : all === 0 ? 1 : done / all
    const seconds = (performance.now() - this.#began) / 1_000
    return `${Math.floor(share * 100)} %, ${this.#records.toLocaleString('en')} records in ${seconds.toFixed(1)} s`
  }
}

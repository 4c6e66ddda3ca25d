import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { EventKind } from '../../src/contract/events.ts'
import { ChaosError } from './errors.ts'

export interface ProducerSettings {
  seed: number
  rate: number
  partitions: number
  brokers: readonly string[]
  topics: Record<EventKind, string>
  totals: SharedArrayBuffer
}

/** What the producer knows at its end, when Kafka has all of it. */
export interface SentAll {
  /** What must be shown, series by series. */
  series: Map<string, number>
  /** Records by shard, those that are no events too. */
  records: Map<string, number>
  sent: number
  /** By family. */
  totals: Map<string, number>
}

/** The producer, in a thread of its own: what we do meanwhile does not hold it up, and no fault hits it. */
export class ProducerThread {
  readonly #worker: Worker
  readonly #death: Promise<never>

  private constructor(worker: Worker) {
    this.#worker = worker
    this.#death = once(worker, 'exit').then(([code]) => {
      throw new ChaosError('PRODUCER_FAILED', `the producer ended by itself (exit code ${String(code)})`)
    }, (cause: unknown) => {
      throw new ChaosError('PRODUCER_FAILED', `the producer failed: ${String(cause)}`, { cause })
    })
    this.#death.catch(() => {})
  }

  /** Resolves once it sends. */
  static async start(settings: ProducerSettings): Promise<ProducerThread> {
    const producer = new ProducerThread(new Worker(new URL('./producer-worker.ts', import.meta.url), { workerData: settings }))
    await producer.#next()
    return producer
  }

  /** Rejects with `PRODUCER_FAILED` when it dies. */
  get death(): Promise<never> {
    return this.#death
  }

  /** Resolves once Kafka has taken all that was begun. */
  async stop(): Promise<SentAll> {
    const last = this.#next()
    this.#worker.postMessage('stop', [])
    return (await last) as SentAll
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  async #next(): Promise<unknown> {
    const [message] = (await Promise.race([once(this.#worker, 'message'), this.#death])) as unknown[]
    return message
  }
}

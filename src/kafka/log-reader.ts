import type { Kafka } from 'kafkajs'
import type { ReadStretch } from '../checkpoint/log.ts'
import { retryForever } from './backoff.ts'
import { TopicCluster } from './cluster.ts'
import { KafkaError, type KafkaErrorCode } from './errors.ts'
import { runSession, type Gap } from './read-session.ts'
import { TakeError, type Position } from './tell-answer.ts'

const STALL_MS = 30_000
const MAX_BYTES = 50 * 1024 * 1024
const MAX_BYTES_PER_PARTITION = 8 * 1024 * 1024
/** A connection that served for so long had no lasting trouble: the next may be tried at once. */
const SETTLED_MS = 5_000
/** Trying again would end the same. */
const fatal: ReadonlySet<KafkaErrorCode> = new Set(['log_truncated', 'bad_batch', 'library_changed'])

export interface ReadLogOptions {
  kafka: Kafka
  topic: string
  /** The next offset of each partition to read; or all partitions that there are, from their earliest record. */
  from: ReadonlyMap<number, number> | 'earliest'
  /** Stops before these offsets, for partitions that are in it. */
  until?: ReadonlyMap<number, number>
  /**
   * Told each record that counts (none of a transaction that was aborted or is open) once and in order, and several times a second where
   * the log ends, if there is nothing new as well. Until it resolves, its partition's next stretch waits. What it throws ends the reading.
   */
  take: (stretch: ReadStretch) => void | Promise<void>
  signal: AbortSignal
  random: () => number
  /** Each failure that the reading goes on after, connected anew; code `stalled`: there was more, or an answer due, and nothing came. */
  onFailure: (error: unknown) => void
  /** Each connection's first answer: what failed before is over. */
  onAnswer?: () => void
  onGap?: (gap: Gap) => void
  /** Milliseconds. */
  stallAfterMs?: number
  maxBytes?: number
  maxBytesPerPartition?: number
}

/**
 * Reads a topic without a consumer group, whatever happens to its brokers. Resolves at the ends of `until`, or soon after the signal aborts,
 * when nothing is being told any more. Rejects with what `take` threw, and with a {@link KafkaError}: `log_truncated` (the topic ends below
 * a position), `bad_batch`, `library_changed`.
 */
export async function readLog(options: ReadLogOptions): Promise<void> {
  const reader = new LogReader(options)
  try {
    while (!(await retryForever(() => reader.attempt(), { ...options, onFailure: error => { reader.note(error) } })));
  } catch (error) {
    if (!options.signal.aborted) throw error
  }
  reader.throwIfLost()
}

class LogReader {
  readonly #options: ReadLogOptions
  #positions: Position[] | null
  #attempts = 0
  #lost: unknown = null

  constructor(options: ReadLogOptions) {
    this.#options = options
    this.#positions = options.from === 'earliest' ? null : [...options.from].map(([partition, next]) => this.#position(partition, next))
  }

  note(error: unknown): void {
    if (!this.#options.signal.aborted) this.#options.onFailure(error)
  }

  throwIfLost(): void {
    if (this.#lost !== null) throw this.#lost
  }

  /** One connection for as long as it serves. True: there is no more to do. Rejects to be called again after a pause. */
  async attempt(): Promise<boolean> {
    const began = performance.now()
    try {
      await this.#connection()
      return true
    } catch (error) {
      if (this.#isFatal(error)) return true
      if (performance.now() - began < SETTLED_MS) throw error
      this.note(error)
      return false
    }
  }

  #isFatal(error: unknown): boolean {
    if (error instanceof TakeError) this.#lost = error.cause
    else if (error instanceof KafkaError && fatal.has(error.code)) this.#lost = error
    return this.#lost !== null
  }

  async #connection(): Promise<void> {
    const { kafka, topic, signal, stallAfterMs = STALL_MS } = this.#options
    const cluster = await TopicCluster.open(kafka, topic, { signal, timeoutMs: stallAfterMs, attempt: this.#attempts++ })
    const abort = (): void => { cluster.close(signal.reason as Error) }
    signal.addEventListener('abort', abort, { once: true })
    try {
      this.#positions ??= await this.#earliest(cluster)
      await runSession(cluster, this.#positions, {
        maxBytes: MAX_BYTES, maxBytesPerPartition: MAX_BYTES_PER_PARTITION, onAnswer: () => {}, onGap: () => {}, ...this.#options, stallAfterMs,
      })
    } finally {
      signal.removeEventListener('abort', abort)
      cluster.close()
    }
  }

  async #earliest(cluster: TopicCluster): Promise<Position[]> {
    const bounds = await cluster.bounds([...cluster.leaders().values()].flat())
    return [...bounds].map(([partition, { low }]) => this.#position(partition, low))
  }

  #position(partition: number, next: number): Position {
    return { partition, next, end: this.#options.until?.get(partition) ?? Infinity }
  }
}

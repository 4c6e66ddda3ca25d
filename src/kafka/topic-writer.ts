import type { Kafka } from 'kafkajs'
import { encodeBatch, type WritableRecord } from './batch-encoder.ts'
import { within } from './bounded.ts'
import { TopicCluster } from './cluster.ts'
import { KafkaError } from './errors.ts'

const ATTEMPT_MS = 5_000
/** What Kafka says of a batch that is too large for the topic, or for the broker. */
const tooLarge: ReadonlySet<unknown> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

export interface TopicWriterOptions {
  attemptMs?: number
  /** What a batch is, for people. */
  what?: string
}

/**
 * Appends to a topic, each call as one record batch in one attempt that every in-sync replica has to acknowledge. An attempt ends within
 * `attemptMs`, and the next connects anew after a failure. It rejects with a {@link KafkaError}: `batch_too_large` (never appended, and
 * never will be), or `unreachable` (appended, or not, or later still).
 */
export class TopicWriter {
  readonly #topic: string
  readonly #attemptMs: number
  readonly #what: string
  readonly #connections: Connections

  constructor(kafka: Kafka, topic: string, { attemptMs = ATTEMPT_MS, what = 'a batch' }: TopicWriterOptions = {}) {
    this.#topic = topic
    this.#attemptMs = attemptMs
    this.#what = what
    this.#connections = new Connections(kafka, topic, attemptMs)
  }

  /** Connects, in one attempt. Need not be called: `append` connects as well. */
  async connect(): Promise<void> {
    await this.partitions()
  }

  /** At once; what is under way rejects. */
  async disconnect(): Promise<void> {
    this.#connections.stop()
  }

  /** How many partitions the topic has. */
  partitions(): Promise<number> {
    return this.#connections.use(async cluster => [...cluster.leaders().values()].flat().length)
  }

  async append(partition: number, records: readonly WritableRecord[]): Promise<void> {
    if (records.length === 0) return
    const givenUp = new AbortController()
    const request = { partition, batch: encodeBatch(records, Date.now()), timeoutMs: this.#attemptMs, signal: givenUp.signal }
    const place = `${this.#what} of ${records.length} records for topic ${this.#topic}, partition ${partition}`
    try {
      await this.#connections.use(cluster => cluster.produce(request))
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause)
      if (isTooLarge(cause)) throw new KafkaError('batch_too_large', `${place} is more than Kafka takes at once: ${said}; split it`, { cause })
      throw new KafkaError('unreachable', `${place} was not acknowledged, and may have been appended all the same: ${said}`, { cause })
    } finally {
      givenUp.abort()
    }
  }
}

/** One cluster for all appends, until one of them fails; the others finish on it. */
class Connections {
  readonly #kafka: Kafka
  readonly #topic: string
  readonly #attemptMs: number
  readonly #stopping = new AbortController()
  readonly #all = new Set<Connection>()
  #current: Connection | null = null
  #opened = 0

  constructor(kafka: Kafka, topic: string, attemptMs: number) {
    this.#kafka = kafka
    this.#topic = topic
    this.#attemptMs = attemptMs
  }

  /** Rejects after `attemptMs`, connecting included. */
  async use<T>(work: (cluster: TopicCluster) => Promise<T>): Promise<T> {
    const connection = (this.#current ??= this.#open())
    connection.users += 1
    try {
      return await within(connection.cluster.then(work), this.#attemptMs, () =>
        new KafkaError('unreachable', `Kafka gave no answer within ${this.#attemptMs / 1_000} s`))
    } catch (error) {
      if (!isTooLarge(error)) this.#retire(connection)
      throw error
    } finally {
      connection.users -= 1
      if (connection.users === 0 && connection !== this.#current) this.#close(connection)
    }
  }

  stop(): void {
    this.#stopping.abort(new KafkaError('unreachable', `the writer of topic ${this.#topic} was stopped`))
    for (const connection of this.#all) this.#close(connection)
  }

  #open(): Connection {
    const options = { signal: this.#stopping.signal, timeoutMs: this.#attemptMs, attempt: this.#opened++ }
    const connection = { cluster: TopicCluster.open(this.#kafka, this.#topic, options), users: 0 }
    this.#all.add(connection)
    return connection
  }

  #retire(connection: Connection): void {
    if (this.#current === connection) this.#current = null
  }

  #close(connection: Connection): void {
    this.#all.delete(connection)
    connection.cluster.then(opened => opened.close(), () => {})
  }
}

interface Connection {
  cluster: Promise<TopicCluster>
  users: number
}

function isTooLarge(error: unknown): boolean {
  return tooLarge.has((error as { type?: unknown }).type)
}

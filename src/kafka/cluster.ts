import { setTimeout as delay } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { untilAborted, within } from './bounded.ts'
import { KafkaError } from './errors.ts'
import { FETCH, fetchRequest, type FetchRequest } from './fetch-request.ts'
import { readFetchAnswer, type FetchAnswer } from './fetch-response.ts'
import {
  brokerError, checkedBroker, destroySockets, innerCluster, metadataRequest, type Attempt, type InnerBroker, type InnerCluster,
} from './inner-cluster.ts'
import { PRODUCE, produceRequest, readProduceAnswer, type ProducedBatch } from './produce-request.ts'
import { sendWhole } from './whole-request.ts'

/** kafkajs takes the next of its first addresses at each attempt. */
const CONNECT_ATTEMPTS = 6
const MAX_SEEDS = 16
const FIRST_PAUSE_MS = 50
/** kafkajs's connections to a broker: one for fetches, which wait long, and one for all else. */
const [OTHER, FETCHING] = [0, 1]

export interface OpenOptions {
  signal: AbortSignal
  timeoutMs: number
  attempt: number
}

export interface ProduceRequest extends Omit<ProducedBatch, 'topic'> {
  /** Given up: not to be sent any more. */
  signal: AbortSignal
}

/**
 * Connections to the brokers of one topic, for one use until the first trouble: then it is closed and another is opened, since kafkajs
 * keeps the rest of a broken answer for the next connection. `close` ends whatever is under way at once, also on a broker that hangs.
 */
export class TopicCluster {
  readonly topic: string
  readonly #cluster: InnerCluster
  readonly #closing = new AbortController()

  /**
   * Connects, and learns the topic's leaders. Rejects when `signal` aborts, and with `unreachable` after `timeoutMs`. `attempt`, counted up
   * by the caller, chooses which broker is asked first, lest one that hangs be asked for ever.
   */
  static async open(kafka: Kafka, topic: string, { signal, timeoutMs, attempt }: OpenOptions): Promise<TopicCluster> {
    signal.throwIfAborted()
    const cluster = new TopicCluster(kafka, topic)
    const abort = (): void => { cluster.close(signal.reason as Error) }
    const late = (): void => {
      cluster.close(new KafkaError('unreachable', `no broker told the leaders of topic ${topic} within ${timeoutMs / 1_000} s`))
    }
    const timer = setTimeout(late, timeoutMs)
    signal.addEventListener('abort', abort, { once: true })
    try {
      await cluster.#connect(attempt % MAX_SEEDS)
      return cluster
    } catch (error) {
      cluster.close()
      throw error
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
  }

  private constructor(kafka: Kafka, topic: string) {
    this.topic = topic
    this.#cluster = innerCluster(kafka)
    this.#cluster.brokerPool.retrier = attempt => this.#retry(attempt)
  }

  /** Aborts when it is closed, with the reason. */
  get closed(): AbortSignal {
    return this.#closing.signal
  }

  /** The partitions of the topic, by the node that leads them. */
  leaders(): Map<string, number[]> {
    const led = new Map<string, number[]>()
    for (const { partitionId, leader } of this.#cluster.findTopicPartitionMetadata(this.topic)) {
      led.set(String(leader), [...(led.get(String(leader)) ?? []), partitionId])
    }
    return led
  }

  /** The log's ends now: the earliest offset, and the high watermark. */
  async bounds(partitions: readonly number[]): Promise<Map<number, { low: number; high: number }>> {
    const [low, high] = [await this.#offsets(partitions, true), await this.#offsets(partitions, false)]
    return new Map(partitions.map(partition => [partition, { low: found(low, partition), high: found(high, partition) }]))
  }

  /** Fetches from the node that leads the partitions. Rejects with `stalled` after `timeoutMs` without an answer. */
  async fetch(node: string, request: Omit<FetchRequest, 'topic'>, timeoutMs: number): Promise<FetchAnswer> {
    const { connectionPool } = await this.#broker(node)
    this.throwIfClosed() // to send would connect anew, and nobody would close that
    const connection = await this.#untilClosed(connectionPool.getConnection(FETCHING))
    const asked = sendWhole(connection, { ...FETCH, body: [fetchRequest({ ...request, topic: this.topic })], requestTimeout: timeoutMs })
    const answered = asked.then(bytes => {
      const answer = readFetchAnswer(bytes)
      connection.requestQueue.maybeThrottle(answer.clientSideThrottleTime)
      return answer
    })
    // kafkajs has no time limit below that of all its requests.
    return within(this.#untilClosed(answered), timeoutMs, () =>
      new KafkaError('stalled', `no answer about topic ${this.topic} within ${timeoutMs / 1_000} s: see whether the broker hangs`))
  }

  /** The answer to a Metadata request, as bytes. */
  async askMetadata(body: Buffer, timeoutMs: number): Promise<Buffer> {
    const [node = ''] = this.leaders().keys()
    const { connectionPool } = await this.#broker(node)
    this.throwIfClosed()
    const response = { decode: async (bytes: Buffer) => bytes, parse: async (answer: Buffer) => answer }
    const answer = connectionPool.send({ request: metadataRequest(body), response, requestTimeout: timeoutMs })
    return within(this.#untilClosed(answer), timeoutMs, () => new KafkaError('stalled', `no answer about topics within ${timeoutMs / 1_000} s`))
  }

  /** One record batch, to the partition's leader. Rejects with what kafkajs makes of the broker's error. */
  async produce({ partition, batch, timeoutMs, signal }: ProduceRequest): Promise<void> {
    const node = [...this.leaders()].find(([, led]) => led.includes(partition))?.[0]
    if (node === undefined) throw new KafkaError('topic_refused', `topic ${this.topic} has no partition ${partition}`)
    const { connectionPool } = await this.#broker(node)
    signal.throwIfAborted()
    this.throwIfClosed()
    const connection = await this.#untilClosed(connectionPool.getConnection(OTHER))
    const request = { ...PRODUCE, body: produceRequest({ topic: this.topic, partition, batch, timeoutMs }), requestTimeout: timeoutMs }
    const { errorCode, clientSideThrottleTime } = readProduceAnswer(await this.#untilClosed(sendWhole(connection, request)))
    connection.requestQueue.maybeThrottle(clientSideThrottleTime)
    if (errorCode !== 0) throw brokerError(errorCode)
  }

  /** Learns the leaders anew. */
  refresh(): Promise<void> {
    return this.#untilClosed(this.#cluster.refreshMetadata())
  }

  close(reason: Error = new KafkaError('unreachable', `the connection to topic ${this.topic} was given up`)): void {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(reason)
    destroySockets(this.#cluster, reason)
  }

  /** Throws what it was closed for. */
  throwIfClosed(): void {
    this.#closing.signal.throwIfAborted()
  }

  async #connect(seed: number): Promise<void> {
    for (let count = 0; count <= seed; count++) await this.#cluster.brokerPool.createSeedBroker()
    const connected = this.#cluster.connect().then(() => this.#cluster.addMultipleTargetTopics([this.topic]))
    // Closed while it was connecting, it would open sockets that nobody closes.
    const settled = (): void => { if (this.#closing.signal.aborted) destroySockets(this.#cluster, this.#closing.signal.reason as Error) }
    connected.then(settled, settled)
    await this.#untilClosed(connected)
  }

  async #broker(nodeId: string): Promise<InnerBroker> {
    return checkedBroker(await this.#untilClosed(this.#cluster.findBroker({ nodeId })))
  }

  async #offsets(partitions: readonly number[], fromBeginning: boolean): Promise<Map<number, number>> {
    const topics = [{ topic: this.topic, partitions: partitions.map(partition => ({ partition })), fromBeginning }]
    const [answer] = await this.#untilClosed(this.#cluster.fetchTopicsOffset(topics))
    return new Map(answer?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
  }

  #untilClosed<T>(work: Promise<T>): Promise<T> {
    return untilAborted(work, this.#closing.signal)
  }

  /** kafkajs's own would go on after `close`, and for longer than our loops want. */
  async #retry<T>(attempt: Attempt<T>): Promise<T> {
    for (let count = 0; ; count++) {
      let final = count + 1 === CONNECT_ATTEMPTS
      try {
        return await new Promise((resolve, reject) => {
          const bail = (error: Error): void => { final = true; reject(error) }
          attempt(bail, count, 0).then(resolve, reject) // not resolve(attempt(…)): what bails resolves as well, later
        })
      } catch (error) {
        if (final) throw error
      }
      await delay(FIRST_PAUSE_MS * 2 ** count, undefined, { signal: this.#closing.signal })
    }
  }
}

function found(offsets: ReadonlyMap<number, number>, partition: number): number {
  const offset = offsets.get(partition)
  if (offset === undefined) throw new KafkaError('unreachable', `no offset was told for partition ${partition}: see whether it has a leader`)
  return offset
}

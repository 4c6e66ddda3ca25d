import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import type { Ingested } from '../aggregator/aggregator.ts'
import { partitionKey, type RecordBatch } from '../aggregator/records.ts'
import { partitionBounds } from './admin.ts'
import { announcingAssigner } from './assigner.ts'
import type { Availability } from './availability.ts'
import { retryForever } from './backoff.ts'
import { passedStretch, recordBatch } from './batches.ts'
import { isPassing } from './crash.ts'
import type { Membership, RecordSink } from './sink.ts'

const REBALANCE_TIMEOUT_MS = 60_000
const MAX_WAIT_MS = 250
/** A batch whose schema cannot be had now is tried again after this. */
const RETRY_BATCH_MS = 1_000
/** A consumer that kafkajs gave up, but we did not, runs again after this. */
const RERUN_MS = 1_000

export interface GroupConsumerOptions {
  kafka: Kafka
  admin: Admin
  groupId: string
  /** Milliseconds. */
  sessionTimeout: number
  topics: readonly string[]
  sink: RecordSink
  membership: Membership
  availability: Availability
  log: Logger
  /** The consumer stopped on an error; `fatal` if it will not start again by itself. */
  onCrash: (error: Error, fatal: boolean) => void
  random: () => number
}

/**
 * A kafkajs consumer group member that decides itself where to read from. After every GROUP_JOIN kafkajs starts all partitions, kept ones
 * too, at their committed offset, and there is none: so all are paused there, before the first fetch, and resumed after a seek.
 */
export class GroupConsumer {
  readonly #options: GroupConsumerOptions
  readonly #consumer: Consumer
  readonly #heartbeatInterval: number
  readonly #stopping = new AbortController()
  /** Partitions whose last batch could not be read. */
  readonly #stuck = new Set<string>()
  /** Aborts the take-over under way: what it would seek and show is no longer, or not yet, ours. */
  #generation = new AbortController()
  /** When the last heartbeat or SyncGroup was sent, and the last one that was answered without error. Milliseconds since the epoch. */
  #sentAt = Date.now()
  #answered = Date.now()

  constructor(options: GroupConsumerOptions) {
    this.#options = options
    this.#heartbeatInterval = Math.floor(options.sessionTimeout / 4)
    this.#consumer = options.kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeout,
      rebalanceTimeout: Math.max(REBALANCE_TIMEOUT_MS, options.sessionTimeout),
      heartbeatInterval: this.#heartbeatInterval,
      maxWaitTimeInMs: MAX_WAIT_MS,
      partitionAssigners: [announcingAssigner(() => this.#leave())],
      allowAutoTopicCreation: false,
    })
    this.#listen()
  }

  /** Joins the group and reads until stopped. Resolves once joined; Kafka may be away for as long as it likes. */
  async start(): Promise<void> {
    await this.#retry(async () => {
      await this.#consumer.connect()
      await this.#consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true })
    })
    await this.#run()
  }

  /** Finishes the batch under way, leaves the group and disconnects. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#leave()
    await this.#consumer.disconnect()
  }

  #run(): Promise<void> {
    return this.#consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: payload => this.#eachBatch(payload) })
  }

  #leave(): void {
    this.#generation.abort()
    this.#options.membership.left()
  }

  #listen(): void {
    const { membership, availability, sink } = this.#options
    const { events } = this.#consumer
    this.#consumer.on(events.REQUEST, ({ payload }) => {
      if (payload.apiName === 'Heartbeat' || payload.apiName === 'SyncGroup') this.#sentAt = payload.sentAt
    })
    this.#consumer.on(events.HEARTBEAT, () => {
      this.#answered = this.#sentAt
      membership.heartbeat(Date.now() - this.#answered)
      availability.back('consumer')
    })
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#answered = this.#sentAt
      void this.#takeOver(payload.memberAssignment)
    })
    this.#consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      const stretch = passedStretch(payload)
      if (stretch !== null) sink.pass(stretch)
    })
    this.#consumer.on(events.STOP, () => this.#leave())
    this.#consumer.on(events.CRASH, ({ payload }) => this.#crashed(payload))
  }

  #crashed({ error, restart }: { error: Error; restart: boolean }): void {
    const { availability, onCrash } = this.#options
    this.#leave()
    const rerun = !restart && isPassing(error)
    if (restart || rerun) availability.away('consumer', error)
    onCrash(error, !restart && !rerun)
    if (rerun) setTimeout(() => { if (!this.#stopping.signal.aborted) void this.#run() }, RERUN_MS).unref()
  }

  async #takeOver(assignment: Record<string, number[]>): Promise<void> {
    this.#generation.abort()
    const generation = new AbortController()
    this.#generation = generation
    const partitions = Object.entries(assignment).flatMap(([topic, ids]) => ids.map(partition => ({ topic, partition })))
    this.#consumer.pause(partitions.map(({ topic, partition }) => ({ topic, partitions: [partition] })))
    try {
      const bounds = await this.#retry(() => partitionBounds(this.#options.admin, partitions), generation.signal)
      if (generation.signal.aborted) return
      for (const { topic, partition, offset } of this.#options.sink.assign(bounds)) {
        this.#consumer.seek({ topic, partition, offset: String(offset) })
        this.#consumer.resume([{ topic, partitions: [partition] }])
      }
      this.#options.membership.joined(Date.now() - this.#answered)
      this.#options.availability.back('consumer')
      this.#options.log.info(`reading ${partitions.length} partitions of ${Object.keys(assignment).length} topics as a member of the group`)
    } catch (error) {
      if (!generation.signal.aborted) this.#options.onCrash(error instanceof Error ? error : new Error(String(error)), true)
    }
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    if (payload.isStale()) return
    const batch = recordBatch(payload.batch)
    try {
      const ingested = await this.#whileBeating(payload, () => this.#ingest(batch))
      if ('seek' in ingested) this.#consumer.seek({ topic: batch.topic, partition: batch.partition, offset: String(ingested.seek) })
      else payload.resolveOffset(payload.batch.lastOffset())
      this.#stuck.delete(partitionKey(batch))
    } catch (error) {
      this.#noteStuck(batch, error)
      const resume = payload.pause()
      setTimeout(resume, RETRY_BATCH_MS).unref()
    }
    await payload.heartbeat()
  }

  /** What is missing before a batch was deleted ahead of us, or kafkajs has lost its place: the log's bounds tell which. */
  async #ingest(batch: RecordBatch): Promise<Ingested> {
    const { sink, admin } = this.#options
    const ingested = await sink.ingest(batch)
    if (!('seek' in ingested)) return ingested
    const askedAt = Date.now()
    sink.noteBounds(await partitionBounds(admin, [batch]), askedAt)
    return sink.ingest(batch)
  }

  /** A schema registry may keep us waiting longer than the group would. A heartbeat that fails, fails again after the batch. */
  async #whileBeating<T>(payload: EachBatchPayload, work: () => Promise<T>): Promise<T> {
    const beats = setInterval(() => { payload.heartbeat().catch(() => {}) }, this.#heartbeatInterval)
    try {
      return await work()
    } finally {
      clearInterval(beats)
    }
  }

  #noteStuck(batch: RecordBatch, error: unknown): void {
    const { topic, partition } = batch
    if (this.#stuck.has(partitionKey(batch))) return
    this.#stuck.add(partitionKey(batch))
    this.#options.log.warn({ topic, partition, error }, 'a batch cannot be read now; trying again every second')
  }

  #retry<T>(attempt: () => Promise<T>, signal = this.#stopping.signal): Promise<T> {
    const { availability, random } = this.#options
    return retryForever(attempt, { signal, random, onFailure: error => availability.away('consumer', error) })
  }
}

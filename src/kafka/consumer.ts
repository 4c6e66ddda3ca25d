import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import type { Ingested } from '../aggregator/aggregator.ts'
import type { Partition, RecordBatch } from '../aggregator/records.ts'
import { partitionBounds } from './admin.ts'
import { announcingAssigner } from './assigner.ts'
import type { Availability } from './availability.ts'
import { retryForever } from './backoff.ts'
import { passedStretch, recordBatch } from './batches.ts'
import { isPassing } from './crash.ts'
import { Heartbeats } from './heartbeats.ts'
import type { Membership, RecordSink } from './sink.ts'
import { StuckPartitions } from './stuck-partitions.ts'

const REBALANCE_TIMEOUT_MS = 60_000
/** A member learns by its heartbeat that others have come or gone: the more, the sooner partitions move. */
const HEARTBEATS_PER_SESSION = 12
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
  readonly #stuck: StuckPartitions
  #sink: RecordSink | null = null
  /** Aborts the take-over under way: what it would seek and show is no longer, or not yet, ours. */
  #generation = new AbortController()
  readonly #heartbeats: Heartbeats

  constructor(options: GroupConsumerOptions) {
    this.#options = options
    this.#stuck = new StuckPartitions(options.log)
    this.#heartbeatInterval = Math.floor(options.sessionTimeout / HEARTBEATS_PER_SESSION)
    this.#consumer = options.kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeout,
      rebalanceTimeout: Math.max(REBALANCE_TIMEOUT_MS, options.sessionTimeout),
      heartbeatInterval: this.#heartbeatInterval,
      maxWaitTimeInMs: MAX_WAIT_MS,
      partitionAssigners: [announcingAssigner(() => this.#leave())],
      allowAutoTopicCreation: false,
    })
    this.#heartbeats = new Heartbeats(this.#consumer, () => {
      options.membership.heartbeat(this.#heartbeats.age)
      options.availability.back('consumer')
    })
    this.#listen()
  }

  /** Joins the group and reads into `sink` until stopped. Resolves once joined; Kafka may be away for as long as it likes. */
  async start(sink: RecordSink): Promise<void> {
    this.#sink = sink
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

  /** Stops handing over records of a partition. */
  hold({ topic, partition }: Partition): void {
    try {
      this.#consumer.pause([{ topic, partitions: [partition] }])
    } catch {} // one that has just crashed hands over none
  }

  /** Hands over the records of a partition from that offset on. */
  readFrom({ topic, partition }: Partition, offset: number): void {
    this.#consumer.seek({ topic, partition, offset: String(offset) })
    this.#consumer.resume([{ topic, partitions: [partition] }])
  }

  /** Tells the group how far partitions are read, for tools that show lag: nobody else minds if it fails. */
  async commit(offsets: readonly (Partition & { offset: number })[]): Promise<void> {
    await this.#consumer.commitOffsets(offsets.map(each => ({ ...each, offset: String(each.offset) }))).catch(() => {})
  }

  #run(): Promise<void> {
    return this.#consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: payload => this.#eachBatch(payload) })
  }

  #leave(): void {
    this.#generation.abort()
    this.#options.membership.left()
  }

  #listen(): void {
    const { events } = this.#consumer
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#heartbeats.answered()
      this.#takeOver(payload.memberAssignment)
    })
    this.#consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      const stretch = passedStretch(payload)
      if (stretch !== null) void this.#sink?.pass(stretch)
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

  #takeOver(assignment: Record<string, number[]>): void {
    const { membership, availability, log, onCrash } = this.#options
    this.#generation.abort()
    const generation = new AbortController()
    this.#generation = generation
    const partitions = Object.entries(assignment).flatMap(([topic, ids]) => ids.map(partition => ({ topic, partition })))
    for (const partition of partitions) this.hold(partition)
    try {
      membership.joined(this.#heartbeats.age)
      this.#sink?.assign(partitions, generation.signal)
      availability.back('consumer')
      log.info(`a member of the group with ${partitions.length} partitions of ${Object.keys(assignment).length} topics`)
    } catch (error) {
      onCrash(error instanceof Error ? error : new Error(String(error)), true)
    }
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    if (payload.isStale()) return
    const batch = recordBatch(payload.batch)
    try {
      const ingested = await this.#whileBeating(payload, () => this.#ingest(batch))
      if ('seek' in ingested) this.#consumer.seek({ topic: batch.topic, partition: batch.partition, offset: String(ingested.seek) })
      else payload.resolveOffset(payload.batch.lastOffset())
      this.#stuck.moves(batch)
    } catch (error) {
      this.#stuck.stands(batch, error)
      const resume = payload.pause()
      setTimeout(resume, RETRY_BATCH_MS).unref()
    }
    await payload.heartbeat()
  }

  /** What is missing before a batch was deleted ahead of us, or kafkajs has lost its place: the log's bounds tell which. */
  async #ingest(batch: RecordBatch): Promise<Ingested> {
    const sink = this.#sink
    const ingested = await sink?.ingest(batch) ?? { folded: true }
    if (!('seek' in ingested) || sink === null) return ingested
    const askedAt = Date.now()
    sink.noteBounds(await partitionBounds(this.#options.admin, [batch]), askedAt)
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

  #retry<T>(attempt: () => Promise<T>, signal = this.#stopping.signal): Promise<T> {
    const { availability, random } = this.#options
    return retryForever(attempt, { signal, random, onFailure: error => availability.away('consumer', error) })
  }
}

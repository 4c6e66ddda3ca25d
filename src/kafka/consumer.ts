import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import type { Ingested } from '../aggregator/aggregator.ts'
import type { LogBounds, Partition, RecordBatch } from '../aggregator/records.ts'
import { partitionBounds } from './admin.ts'
import { announcingAssigner } from './assigner.ts'
import type { Availability } from './availability.ts'
import { retryForever } from './backoff.ts'

const REBALANCE_TIMEOUT_MS = 60_000
const MAX_WAIT_MS = 250
/** A batch whose schema cannot be had now is tried again after this. */
const RETRY_BATCH_MS = 1_000

/** Who takes what the consumer reads. */
export interface RecordSink {
  assign: (assigned: readonly LogBounds[]) => readonly (Partition & { offset: number })[]
  ingest: (batch: RecordBatch) => Promise<Ingested>
}

/** Who is told how the membership in the group goes. Ages are milliseconds since the request was sent. */
export interface Membership {
  joined: (age: number) => void
  left: () => void
  heartbeat: (age: number) => void
}

export interface GroupConsumerOptions {
  kafka: Kafka
  admin: Admin
  groupId: string
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
  readonly #stopping = new AbortController()
  /** Aborts the take-over of the assignment before the current one. */
  #generation = new AbortController()
  #heartbeatSentAt = Date.now()

  constructor(options: GroupConsumerOptions) {
    this.#options = options
    this.#consumer = options.kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeout,
      rebalanceTimeout: Math.max(REBALANCE_TIMEOUT_MS, options.sessionTimeout),
      heartbeatInterval: Math.floor(options.sessionTimeout / 4),
      maxWaitTimeInMs: MAX_WAIT_MS,
      partitionAssigners: [announcingAssigner(() => options.membership.left())],
      allowAutoTopicCreation: false,
    })
    this.#listen()
  }

  /** Joins the group and reads until stopped. Resolves once joined; Kafka may be away for as long as it likes. */
  async start(): Promise<void> {
    await this.#retry(() => this.#consumer.connect())
    await this.#consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true })
    await this.#consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: payload => this.#eachBatch(payload) })
  }

  /** Finishes the batch under way, leaves the group and disconnects. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#generation.abort()
    this.#options.membership.left()
    await this.#consumer.disconnect()
  }

  #listen(): void {
    const { membership, availability, onCrash } = this.#options
    const { events } = this.#consumer
    this.#consumer.on(events.REQUEST, ({ payload }) => {
      if (payload.apiName === 'Heartbeat' || payload.apiName === 'SyncGroup') this.#heartbeatSentAt = payload.sentAt
    })
    this.#consumer.on(events.HEARTBEAT, () => {
      membership.heartbeat(Date.now() - this.#heartbeatSentAt)
      availability.back()
    })
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => void this.#takeOver(payload.memberAssignment))
    this.#consumer.on(events.CRASH, ({ payload }) => {
      membership.left()
      if (payload.restart) availability.away(payload.error)
      onCrash(payload.error, !payload.restart)
    })
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
      this.#options.membership.joined(Date.now() - this.#heartbeatSentAt)
      this.#options.availability.back()
      this.#options.log.info(`reading ${partitions.length} partitions of ${Object.keys(assignment).length} topics as a member of the group`)
    } catch (error) {
      if (!generation.signal.aborted) this.#options.onCrash(error instanceof Error ? error : new Error(String(error)), true)
    }
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch
    if (payload.isStale()) return
    try {
      const ingested = await this.#options.sink.ingest(recordBatch(payload.batch))
      if ('seek' in ingested) this.#consumer.seek({ topic, partition, offset: String(ingested.seek) })
      else payload.resolveOffset(payload.batch.lastOffset())
    } catch (error) {
      this.#options.log.warn({ topic, partition, error }, 'a batch cannot be read now; trying again in a second')
      const resume = payload.pause()
      setTimeout(resume, RETRY_BATCH_MS).unref()
    }
    await payload.heartbeat()
  }

  #retry<T>(attempt: () => Promise<T>, signal = this.#stopping.signal): Promise<T> {
    const { availability, random } = this.#options
    return retryForever(attempt, { signal, random, onFailure: error => availability.away(error) })
  }
}

/** kafkajs knows which offset it asked for, but its types do not say so. */
function recordBatch(batch: EachBatchPayload['batch'] & { fetchedOffset?: string }): RecordBatch {
  return {
    topic: batch.topic,
    partition: batch.partition,
    fetchedOffset: Number(batch.fetchedOffset ?? batch.firstOffset() ?? 0),
    records: batch.messages.map(({ offset, timestamp, value }) => ({ offset: Number(offset), appendTime: Number(timestamp), value })),
  }
}

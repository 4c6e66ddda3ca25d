import type { Consumer, Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import type { Partition } from '../aggregator/records.ts'
import { announcingAssigner } from './assigner.ts'
import type { Availability } from './availability.ts'
import { retryForever } from './backoff.ts'
import { explained, isPassing } from './crash.ts'
import { Heartbeats } from './heartbeats.ts'
import type { Membership, RecordSink } from './sink.ts'

const REBALANCE_TIMEOUT_MS = 60_000
/** A member learns by its heartbeat that others have come or gone: the more, the sooner partitions move. */
const HEARTBEATS_PER_SESSION = 12
/** With nothing to fetch, kafkajs 2.2.4 sleeps this long and then looks whether a heartbeat is due. */
const LONGEST_SLEEP_MS = 250
/** A consumer that kafkajs gave up, but we did not, runs again after this. */
const RERUN_MS = 1_000

export interface GroupMemberOptions {
  kafka: Kafka
  groupId: string
  /** Milliseconds. */
  sessionTimeout: number
  topics: readonly string[]
  membership: Membership
  /** Who reads: of nothing once the partitions may be others'. */
  reader: { holdAll: () => void }
  availability: Availability
  log: Logger
  /** The consumer stopped on an error; `fatal` if it will not start again by itself. */
  onCrash: (error: Error, fatal: boolean) => void
  random: () => number
}

/** A member of the consumer group by kafkajs, which is given partitions, and reads none of them: all are paused for ever. */
export class GroupMember {
  readonly #options: GroupMemberOptions
  readonly #consumer: Consumer
  readonly #stopping = new AbortController()
  #sink: Pick<RecordSink, 'assign'> | null = null
  /** Aborts the take-over under way: what it would read and show is no longer, or not yet, ours. */
  #generation = new AbortController()
  readonly #heartbeats: Heartbeats

  constructor(options: GroupMemberOptions) {
    this.#options = options
    const heartbeatInterval = Math.floor(options.sessionTimeout / HEARTBEATS_PER_SESSION)
    this.#consumer = options.kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeout,
      rebalanceTimeout: Math.max(REBALANCE_TIMEOUT_MS, options.sessionTimeout),
      heartbeatInterval,
      maxWaitTimeInMs: Math.min(LONGEST_SLEEP_MS, Math.ceil(heartbeatInterval / 2)),
      partitionAssigners: [announcingAssigner(() => this.#leave())],
      allowAutoTopicCreation: false,
    })
    this.#heartbeats = new Heartbeats(this.#consumer, () => {
      options.membership.heartbeat(this.#heartbeats.age)
      options.availability.back('consumer')
    })
    this.#listen()
  }

  /** Joins the group, and hands assignments to `sink` until stopped. Resolves once joined; Kafka may be away for as long as it likes. */
  async start(sink: Pick<RecordSink, 'assign'>): Promise<void> {
    this.#sink = sink
    await this.#retry(async () => {
      await this.#consumer.connect()
      await this.#consumer.subscribe({ topics: [...this.#options.topics] })
    })
    await this.#run()
  }

  /** Leaves the group and disconnects. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#leave()
    await this.#consumer.disconnect()
  }

  /** Tells the group how far partitions are read, for tools that show lag: nobody else minds if it fails. */
  async commit(offsets: readonly (Partition & { offset: number })[]): Promise<void> {
    await this.#consumer.commitOffsets(offsets.map(each => ({ ...each, offset: String(each.offset) }))).catch(() => {})
  }

  #run(): Promise<void> {
    return this.#consumer.run({ autoCommit: false })
  }

  #leave(): void {
    this.#generation.abort()
    this.#options.reader.holdAll()
    this.#options.membership.left()
  }

  #listen(): void {
    const { events } = this.#consumer
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#heartbeats.answered()
      this.#takeOver(payload.memberAssignment)
    })
    this.#consumer.on(events.STOP, () => this.#leave())
    this.#consumer.on(events.CRASH, ({ payload }) => this.#crashed(payload))
  }

  #crashed({ error, restart }: { error: Error; restart: boolean }): void {
    const { availability, onCrash } = this.#options
    this.#leave()
    const rerun = !restart && isPassing(error)
    if (restart || rerun) availability.away('consumer', explained(error))
    onCrash(error, !restart && !rerun)
    if (rerun) setTimeout(() => { if (!this.#stopping.signal.aborted) void this.#run() }, RERUN_MS).unref()
  }

  #takeOver(assignment: Record<string, number[]>): void {
    const { membership, availability, log, onCrash } = this.#options
    try {
      // GROUP_JOIN is emitted before the first fetch. Whole topics stay paused, whatever is assigned, but not beyond a crash.
      this.#consumer.pause(Object.keys(assignment).map(topic => ({ topic })))
    } catch {
      return // stopped while it joined: kafkajs has no group to pause any more
    }
    this.#generation.abort()
    const generation = new AbortController()
    this.#generation = generation
    const partitions = Object.entries(assignment).flatMap(([topic, ids]) => ids.map(partition => ({ topic, partition })))
    try {
      membership.joined(this.#heartbeats.age)
      this.#sink?.assign(partitions, generation.signal)
      availability.back('consumer')
      log.info(`a member of the group with ${partitions.length} partitions of ${Object.keys(assignment).length} topics`)
    } catch (error) {
      onCrash(error instanceof Error ? error : new Error(String(error)), true)
    }
  }

  #retry<T>(attempt: () => Promise<T>, signal = this.#stopping.signal): Promise<T> {
    const { availability, random } = this.#options
    return retryForever(attempt, { signal, random, onFailure: error => availability.away('consumer', explained(error)) })
  }
}

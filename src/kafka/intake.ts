import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import type { InputSource } from '../aggregator/source.ts'
import type { View } from '../checkpoint/view.ts'
import { inputTopics, type TopicNames } from '../contract/topics.ts'
import { missingTopics, topicBounds } from './admin.ts'
import { Availability } from './availability.ts'
import { retryForever } from './backoff.ts'
import { CheckpointFollower, type FollowerTelemetry } from './checkpoint-follower.ts'
import { TopicCluster } from './cluster.ts'
import { KafkaError } from './errors.ts'
import { GroupMember } from './group-member.ts'
import { InputReader } from './input-reader.ts'
import { inputSource } from './input-source.ts'
import type { Membership, RecordSink } from './sink.ts'
import { describeDifference, type TopicDifference } from './topic-facts.ts'
import { TopicIdentity } from './topic-identity.ts'
import { brokenRules } from './topics.ts'

const BOUNDS_EVERY_MS = 5_000
const TOPICS_EVERY_MS = 2_000
const RULES_EVERY_MS = 60_000
/** The last checkpoint and the farewell may each take this long. What Kafka does not answer in time, the group notices by itself. */
const FAREWELL_MS = 3_000

export interface IntakeOptions {
  kafka: Kafka
  groupId: string
  sessionTimeout: number
  topics: TopicNames
  view: View
  membership: Membership
  log: Logger
  onCrash: (error: Error, fatal: boolean) => void
  telemetry: FollowerTelemetry
}

/**
 * All that comes from Kafka: waits for it and for topics that keep the rules, reads the checkpoints, then joins the group and reads of the
 * inputs what it is given, and asks now and then where the logs end.
 */
export class Intake {
  /** How to reach the records of single partitions. */
  readonly source: InputSource
  readonly #options: IntakeOptions
  readonly #availability: Availability
  readonly #admin: Admin
  readonly #member: GroupMember
  readonly #reader: InputReader
  readonly #stopping = new AbortController()
  readonly #inputs: string[]
  readonly #identity: TopicIdentity
  #follower: CheckpointFollower | null = null
  #sink: RecordSink | null = null
  #isCommitting = false
  /** What keeps the topics from being read. */
  #obstacles: string[] = []

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#availability = new Availability(options.log)
    this.#admin = options.kafka.admin()
    this.#inputs = inputTopics(options.topics).map(({ topic }) => topic)
    this.#identity = new TopicIdentity(options.kafka)
    const parts = { ...options, topics: this.#inputs, availability: this.#availability, random: Math.random }
    this.#reader = new InputReader({ ...parts, open: (topic, open) => TopicCluster.open(options.kafka, topic, open) })
    this.#member = new GroupMember({ ...parts, reader: this.#reader })
    this.source = inputSource({ ...parts, admin: this.#admin, identity: this.#identity, reader: this.#reader })
  }

  /** Why nothing, or not everything, can be read now; empty if all is well. */
  reasons(): string[] {
    const { reason } = this.#availability
    const restoring = this.#follower?.reason ?? null
    return [...(reason === null ? [] : [reason]), ...this.#obstacles, ...(restoring === null ? [] : [restoring])]
  }

  /** Runs until stopped. Rejects only on what cannot be mended by waiting. */
  async run(sink: RecordSink): Promise<void> {
    this.#sink = sink
    try {
      await this.#retry(() => this.#admin.connect())
      await this.#waitForTopics()
      const [topic = ''] = this.#inputs
      const partitions = (await this.#retry(() => topicBounds(this.#admin, [topic]))).length
      const { checkpoints } = this.#options.topics
      this.#follower = new CheckpointFollower({ ...this.#options, topic: checkpoints, partitions, availability: this.#availability })
      await Promise.all([this.#follower.run(this.#stopping.signal), this.#readInputs(this.#follower, sink)])
    } catch (error) {
      if (!this.#stopping.signal.aborted) throw error
    }
  }

  /** Writes the last checkpoints and leaves the group, so that others go on at once; without an answer they notice by themselves. */
  async stop(): Promise<void> {
    const { log } = this.#options
    const written = await this.#within(this.#sink?.write())
    if (!written) log.warn('Kafka does not acknowledge the last checkpoints: who takes over reads what they lack once more')
    this.#stopping.abort()
    this.#identity.close()
    const answered = await this.#within(Promise.all([this.#member.stop(), this.#admin.disconnect()]))
    if (!answered) log.warn('Kafka does not answer the farewell: the group gives our partitions away when the session ends')
  }

  async #readInputs(follower: CheckpointFollower, sink: RecordSink): Promise<void> {
    await Promise.race([follower.restored, this.#stopped()])
    await this.#member.start(sink)
    await Promise.all([this.#reader.run(sink, this.#stopping.signal), this.#followBounds(sink), this.#followRules()])
  }

  /** Looks which topics are missing, and if none is, which rules they break. */
  async #findObstacles(): Promise<TopicDifference[]> {
    const { topics } = this.#options
    const missing = await this.#retry(() => missingTopics(this.#admin, Object.values(topics)))
    const broken = missing.length > 0 ? [] : await this.#retry(() => brokenRules(this.#admin, topics))
    this.#availability.back('admin')
    this.#obstacles = [...(missing.length === 0 ? [] : [missingText(missing)]), ...broken.map(describeDifference)]
    return broken
  }

  async #waitForTopics(): Promise<void> {
    const { log } = this.#options
    for (let told = ''; ;) {
      await this.#findObstacles()
      if (this.#obstacles.length === 0) return
      const text = `waiting for topics that keep the rules: ${this.#obstacles.join('; ')}`
      if (text !== told) log.warn(text)
      told = text
      await this.#pause(TOPICS_EVERY_MS)
    }
  }

  async #followBounds(sink: RecordSink): Promise<void> {
    for (;;) {
      const askedAt = Date.now()
      const bounds = await this.#retry(() => topicBounds(this.#admin, this.#inputs))
      const ids = await this.#retry(() => this.#identity.idsOf(this.#inputs))
      this.#availability.back('admin')
      sink.noteBounds(bounds.map(each => ({ ...each, topicId: ids.get(each.topic) })), askedAt)
      if (!this.#isCommitting) void this.#commit(sink)
      await this.#pause(BOUNDS_EVERY_MS)
    }
  }

  /** Kafka may take long over it: nothing waits for it. */
  async #commit(sink: RecordSink): Promise<void> {
    this.#isCommitting = true
    await this.#member.commit(sink.acknowledged())
    this.#isCommitting = false
  }

  async #followRules(): Promise<void> {
    for (let told = ''; ;) {
      await this.#pause(RULES_EVERY_MS)
      const resized = (await this.#findObstacles()).find(({ what }) => what === 'partitions')
      if (resized !== undefined) throw new KafkaError('partitions_changed', describeDifference(resized))
      const text = this.#obstacles.join('; ')
      if (text !== told && text !== '') this.#options.log.error(`the topics break rules: ${text}`)
      told = text
    }
  }

  /** False if it takes longer than the farewell may, or fails. */
  async #within(work: Promise<unknown> | undefined): Promise<boolean> {
    const late = new AbortController()
    const done = Promise.resolve(work).then(() => true, () => false)
    return Promise.race([done, delay(FAREWELL_MS, false, { signal: late.signal })]).finally(() => late.abort())
  }

  #stopped(): Promise<never> {
    const { signal } = this.#stopping
    return new Promise((_, reject) => { signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true }) })
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
  return `missing topics: ${topics.join(', ')}; create them with: discovery-metrics topics, or let this user describe them`
}

import type { Admin, Assigner, Cluster, Consumer, ConsumerConfig, ConsumerRunConfig, EachBatchPayload, Kafka, Logger } from 'kafkajs'
import { pino } from 'pino'
import type { Ingested } from '../../src/aggregator/aggregator.ts'
import type { LogBounds, Partition, RecordBatch, Stretch } from '../../src/aggregator/records.ts'
import { Availability } from '../../src/kafka/availability.ts'
import { GroupConsumer } from '../../src/kafka/consumer.ts'
import type { Membership, RecordSink } from '../../src/kafka/sink.ts'

const events = {
  REQUEST: 'request', HEARTBEAT: 'heartbeat', GROUP_JOIN: 'join', END_BATCH_PROCESS: 'end', STOP: 'stop', CRASH: 'crash',
} as const
type EventName = keyof typeof events

interface TopicPartitions {
  topic: string
  partitions?: number[]
}

function named(topics: readonly TopicPartitions[]): string {
  return topics.map(({ topic, partitions = [] }) => `${topic}/${partitions.join()}`).join(' ')
}

interface Fetched {
  /** The offset asked for, and the last one in the batch. */
  from?: number
  to?: number
  heartbeat?: () => Promise<void>
}

/**
 * A group consumer of ours on a kafkajs that does what the test says, for what a real broker shows once in a thousand runs. `done` is what
 * our side did, in order.
 */
export class FakeGroup implements RecordSink, Membership {
  readonly done: string[] = []
  readonly ages: number[] = []
  readonly crashes: { message: string; fatal: boolean }[] = []
  readonly warnings: string[] = []
  readonly consumer: GroupConsumer
  /** What the sink answers to batches; the last answer stays. */
  answers: (() => Promise<Ingested>)[] = [() => Promise.resolve({ folded: true })]
  /** What the cluster answers when it is asked for a topic's offsets. */
  offsets: () => Promise<{ partition: number; offset: string; low: string; high: string }[]> = () =>
    Promise.resolve([{ partition: 0, offset: '9', low: '0', high: '9' }])
  subscribe: () => Promise<void> = () => Promise.resolve()
  /** What each assignment was given, to learn of its end. */
  readonly generations: AbortSignal[] = []
  /** What the sink throws at an assignment. */
  refusal: Error | null = null
  /** What kafkajs answers to a commit; and to a pause, which it refuses while it does not run. */
  commit: () => Promise<void> = () => Promise.resolve()
  isRunning = true
  #assigner: Assigner | null = null
  #run: ConsumerRunConfig = {}
  readonly #listeners = new Map<string, (event: { payload: object }) => void>()

  constructor({ sessionTimeout = 6_000 } = {}) {
    const log = pino({ level: 'warn' }, { write: line => this.warnings.push((JSON.parse(line) as { msg: string }).msg) })
    this.consumer = new GroupConsumer({
      kafka: { consumer: config => this.#consumer(config) } as Pick<Kafka, 'consumer'> as Kafka,
      admin: { fetchTopicOffsets: () => this.offsets() } as Pick<Admin, 'fetchTopicOffsets'> as Admin,
      groupId: 'group', sessionTimeout, topics: ['lookups'], membership: this, availability: new Availability(log), log,
      onCrash: ({ message }, fatal) => { this.crashes.push({ message, fatal }) },
      random: () => 0,
    })
  }

  /** kafkajs tells of an event. */
  emit(name: EventName, payload: object = {}): void {
    this.#listeners.get(events[name])?.({ payload })
  }

  /** kafkajs is about to send JoinGroup. */
  aboutToJoin(): void {
    this.#assigner?.protocol({ topics: ['lookups'] })
  }

  /** The group has given us partitions. */
  join(...partitions: number[]): void {
    this.emit('GROUP_JOIN', { memberAssignment: { lookups: partitions } })
  }

  /** Reads from the group. */
  start(): Promise<void> {
    return this.consumer.start(this)
  }

  /** kafkajs hands over what a fetch brought. */
  async fetched({ from = 0, to = 9, heartbeat = () => Promise.resolve() }: Fetched = {}): Promise<void> {
    const [first, last] = [String(from), String(to)]
    const batch = { topic: 'lookups', partition: 0, fetchedOffset: first, firstOffset: () => first, lastOffset: () => last, messages: [] }
    await this.#run.eachBatch?.({
      batch, heartbeat, isStale: () => false,
      resolveOffset: (offset: string) => { this.done.push(`resolve ${offset}`) },
      pause: () => {
        this.done.push('pause')
        return () => { this.done.push('resume') }
      },
    } as unknown as EachBatchPayload)
  }

  readonly assign = (assigned: readonly Partition[], signal: AbortSignal): void => {
    this.done.push(`assign ${assigned.map(({ topic, partition }) => `${topic}/${partition}`).join(' ')}`)
    this.generations.push(signal)
    if (this.refusal !== null) throw this.refusal
  }
  readonly write = (): Promise<void> => Promise.resolve()
  readonly acknowledged = (): [] => []
  readonly ingest = ({ fetchedOffset, next }: RecordBatch): Promise<Ingested> => {
    this.done.push(`ingest ${fetchedOffset} to ${next}`)
    const [answer = () => Promise.resolve<Ingested>({ folded: true })] = this.answers
    if (this.answers.length > 1) this.answers.shift()
    return answer()
  }
  readonly pass = ({ fetchedOffset, next }: Stretch): Promise<void> => {
    this.done.push(`pass ${fetchedOffset} to ${next}`)
    return Promise.resolve()
  }
  readonly noteBounds = ([bounds]: readonly LogBounds[]): void => { this.done.push(`bounds ${bounds?.low} to ${bounds?.high}`) }
  readonly left = (): void => { this.done.push('left') }
  readonly joined = (age: number): void => {
    this.ages.push(age)
    this.done.push('joined')
  }
  readonly heartbeat = (age: number): void => { this.ages.push(age) }

  #consumer({ partitionAssigners = [] }: ConsumerConfig): Consumer {
    this.#assigner = partitionAssigners[0]?.({ groupId: 'group', logger: {} as Logger, cluster: {} as Cluster }) ?? null
    const consumer = {
      events,
      on: (name: string, listener: (event: { payload: object }) => void) => { this.#listeners.set(name, listener) },
      connect: () => Promise.resolve(),
      subscribe: () => this.subscribe(),
      run: (config: ConsumerRunConfig) => {
        this.#run = config
        this.done.push('run')
        return Promise.resolve()
      },
      disconnect: () => Promise.resolve(),
      pause: (topics: readonly TopicPartitions[]) => {
        if (!this.isRunning) throw new Error('Consumer group was not initialized, consumer#run must be called first')
        this.done.push(`pause ${named(topics)}`)
      },
      resume: (topics: readonly TopicPartitions[]) => { this.done.push(`resume ${named(topics)}`) },
      seek: ({ partition, offset }: { partition: number; offset: string }) => { this.done.push(`seek ${partition} ${offset}`) },
      commitOffsets: (offsets: readonly { topic: string; partition: number; offset: string }[]) => {
        this.done.push(`commit ${offsets.map(({ topic, partition, offset }) => `${topic}/${partition} ${offset}`).join(' ')}`)
        return this.commit()
      },
    }
    return consumer as unknown as Consumer
  }
}

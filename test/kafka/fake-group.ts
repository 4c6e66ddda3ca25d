import { setImmediate as turn } from 'node:timers/promises'
import type { Admin, Assigner, Cluster, Consumer, ConsumerConfig, ConsumerRunConfig, EachBatchPayload, Kafka, Logger } from 'kafkajs'
import { pino } from 'pino'
import type { Ingested } from '../../src/aggregator/aggregator.ts'
import type { LogBounds, RecordBatch, Stretch } from '../../src/aggregator/records.ts'
import { Availability } from '../../src/kafka/availability.ts'
import { GroupConsumer } from '../../src/kafka/consumer.ts'
import type { Membership, RecordSink } from '../../src/kafka/sink.ts'

const events = {
  REQUEST: 'request', HEARTBEAT: 'heartbeat', GROUP_JOIN: 'join', END_BATCH_PROCESS: 'end', STOP: 'stop', CRASH: 'crash',
} as const
type EventName = keyof typeof events

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
  #assigner: Assigner | null = null
  #run: ConsumerRunConfig = {}
  readonly #listeners = new Map<string, (event: { payload: object }) => void>()

  constructor({ sessionTimeout = 6_000 } = {}) {
    const log = pino({ level: 'warn' }, { write: line => this.warnings.push((JSON.parse(line) as { msg: string }).msg) })
    this.consumer = new GroupConsumer({
      kafka: { consumer: config => this.#consumer(config) } as Pick<Kafka, 'consumer'> as Kafka,
      admin: { fetchTopicOffsets: () => this.offsets() } as Pick<Admin, 'fetchTopicOffsets'> as Admin,
      groupId: 'group', sessionTimeout, topics: ['lookups'], sink: this, membership: this, availability: new Availability(log), log,
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

  /** The group has given us partition 0. */
  async join(): Promise<void> {
    this.emit('GROUP_JOIN', { memberAssignment: { lookups: [0] } })
    await turn()
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

  readonly assign = (assigned: readonly LogBounds[]): { topic: string; partition: number; offset: number }[] => {
    this.done.push('assign')
    return assigned.map(({ topic, partition }) => ({ topic, partition, offset: 4 }))
  }
  readonly ingest = ({ fetchedOffset, next }: RecordBatch): Promise<Ingested> => {
    this.done.push(`ingest ${fetchedOffset} to ${next}`)
    const [answer = () => Promise.resolve<Ingested>({ folded: true })] = this.answers
    if (this.answers.length > 1) this.answers.shift()
    return answer()
  }
  readonly pass = ({ fetchedOffset, next }: Stretch): void => { this.done.push(`pass ${fetchedOffset} to ${next}`) }
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
      pause: () => { this.done.push('pause') },
      resume: () => { this.done.push('resume') },
      seek: ({ offset }: { offset: string }) => { this.done.push(`seek ${offset}`) },
    }
    return consumer as unknown as Consumer
  }
}

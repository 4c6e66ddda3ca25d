import type { Assigner, Cluster, Consumer, ConsumerConfig, Kafka, Logger } from 'kafkajs'
import { pino } from 'pino'
import type { Partition } from '../../src/aggregator/records.ts'
import { Availability } from '../../src/kafka/availability.ts'
import { GroupMember } from '../../src/kafka/group-member.ts'
import type { Membership, RecordSink } from '../../src/kafka/sink.ts'

const events = { REQUEST: 'request', HEARTBEAT: 'heartbeat', GROUP_JOIN: 'join', STOP: 'stop', CRASH: 'crash' } as const
type EventName = keyof typeof events

/**
 * A group member of ours on a kafkajs that does what the test says, for what a real broker shows once in a thousand runs. `done` is what
 * our side did, in order.
 */
export class FakeGroup implements Pick<RecordSink, 'assign'>, Membership {
  readonly done: string[] = []
  readonly ages: number[] = []
  readonly crashes: { message: string; fatal: boolean }[] = []
  readonly warnings: string[] = []
  readonly member: GroupMember
  subscribe: () => Promise<void> = () => Promise.resolve()
  /** What each assignment was given, to learn of its end. */
  readonly generations: AbortSignal[] = []
  /** What the sink throws at an assignment. */
  refusal: Error | null = null
  /** What kafkajs answers to a commit; and to a pause, which it refuses while it does not run. */
  isRunning = true
  commit: () => Promise<void> = () => Promise.resolve()
  /** How often kafkajs looks whether a heartbeat is due, and how often one is; in milliseconds. */
  rhythm = { sleep: 0, heartbeat: 0 }
  #assigner: Assigner | null = null
  readonly #listeners = new Map<string, (event: { payload: object }) => void>()

  constructor({ sessionTimeout = 6_000 } = {}) {
    const log = pino({ level: 'warn' }, { write: line => this.warnings.push((JSON.parse(line) as { msg: string }).msg) })
    this.member = new GroupMember({
      kafka: { consumer: config => this.#consumer(config) } as Pick<Kafka, 'consumer'> as Kafka,
      groupId: 'group', sessionTimeout, topics: ['lookups'], membership: this, availability: new Availability(log), log,
      reader: { holdAll: () => { this.done.push('hold all') } },
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

  start(): Promise<void> {
    return this.member.start(this)
  }

  readonly assign = (assigned: readonly Partition[], signal: AbortSignal): void => {
    this.done.push(`assign ${assigned.map(({ topic, partition }) => `${topic}/${partition}`).join(' ')}`)
    this.generations.push(signal)
    if (this.refusal !== null) throw this.refusal
  }
  readonly left = (): void => { this.done.push('left') }
  readonly joined = (age: number): void => {
    this.ages.push(age)
    this.done.push('joined')
  }
  readonly heartbeat = (age: number): void => { this.ages.push(age) }

  #consumer({ partitionAssigners = [], maxWaitTimeInMs = 0, heartbeatInterval = 0 }: ConsumerConfig): Consumer {
    this.#assigner = partitionAssigners[0]?.({ groupId: 'group', logger: {} as Logger, cluster: {} as Cluster }) ?? null
    this.rhythm = { sleep: maxWaitTimeInMs, heartbeat: heartbeatInterval }
    const consumer = {
      events,
      on: (name: string, listener: (event: { payload: object }) => void) => { this.#listeners.set(name, listener) },
      connect: () => Promise.resolve(),
      subscribe: () => this.subscribe(),
      run: () => {
        this.done.push('run')
        return Promise.resolve()
      },
      disconnect: () => Promise.resolve(),
      pause: (topics: readonly { topic: string }[]) => {
        if (!this.isRunning) throw new Error('Consumer group was not initialized, consumer#run must be called first')
        this.done.push(`pause ${topics.map(({ topic }) => topic).join(' ')}`)
      },
      commitOffsets: (offsets: readonly { topic: string; partition: number; offset: string }[]) => {
        this.done.push(`commit ${offsets.map(({ topic, partition, offset }) => `${topic}/${partition} ${offset}`).join(' ')}`)
        return this.commit()
      },
    }
    return consumer as unknown as Consumer
  }
}

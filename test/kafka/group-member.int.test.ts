import { Kafka, logLevel, type Consumer } from 'kafkajs'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Availability } from '../../src/kafka/availability.ts'
import { GroupMember } from '../../src/kafka/group-member.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { LogSite } from './log-site.ts'

const { brokers } = sharedBroker()
const prefix = uniquePrefix()
const site = new LogSite({ brokers, prefix })
let topic = ''
const members: Member[] = []

/** A member, and what became of it. */
class Member {
  readonly member: GroupMember
  /** What it sends, by Kafka's names. */
  readonly requests: string[] = []
  heartbeats = 0
  /** Null while it has no assignment. */
  partitions: number[] | null = null
  leftAt = 0

  constructor() {
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
    const join = kafka.consumer.bind(kafka)
    const log = pino({ level: 'silent' })
    const left = (): void => {
      this.partitions = null
      this.leftAt = performance.now()
    }
    kafka.consumer = (config): Consumer => {
      const consumer = join(config)
      consumer.on(consumer.events.REQUEST, ({ payload }) => { this.requests.push(payload.apiName) })
      return consumer
    }
    this.member = new GroupMember({
      kafka, groupId: `${prefix}group`, sessionTimeout: 6_000, topics: [topic],
      membership: { joined: () => {}, left, heartbeat: () => { this.heartbeats += 1 } }, reader: { holdAll: () => {} },
      availability: new Availability(log), log, random: Math.random, onCrash: (error, fatal) => { if (fatal) throw error },
    })
    members.push(this)
  }

  async start(): Promise<void> {
    await this.member.start({ assign: assigned => { this.partitions = assigned.map(({ partition }) => partition).toSorted((a, b) => a - b) } })
    await until(() => this.partitions !== null, { message: 'it is a member: a new broker may have to load the group first' })
  }
}

beforeAll(async () => {
  await site.open()
  topic = await site.topic('inputs', { partitions: 4 })
})
afterAll(async () => {
  await Promise.all(members.map(({ member }) => member.stop()))
  await site.close()
})

describe('a member of a real group', () => {
  it('keeps its session by heartbeats alone: it fetches nothing, and asks nothing else', { timeout: 30_000 }, async () => {
    const first = new Member()
    await first.start()
    await until(() => first.heartbeats > 0, { message: 'the first heartbeat is answered' })
    first.requests.length = 0
    const [began, cpu] = [performance.now(), process.cpuUsage()]
    await until(() => first.heartbeats > 6, { message: 'more heartbeats are answered' })
    const seconds = (performance.now() - began) / 1_000
    expect(new Set(first.requests)).toEqual(new Set(['Heartbeat']))
    expect(seconds / 6).toBeGreaterThan(0.4)
    expect(seconds / 6).toBeLessThan(1)
    const { user, system } = process.cpuUsage(cpu)
    expect((user + system) / 1e6 / seconds).toBeLessThan(0.3)
    expect(first.partitions).toEqual([0, 1, 2, 3])
  })

  it('learns by a heartbeat that another has come, and shares with it; and gets all again once that has left', { timeout: 30_000 }, async () => {
    const [first] = members
    const second = new Member()
    const began = performance.now()
    await second.start()
    await until(() => second.partitions?.length === 2 && first?.partitions?.length === 2, { message: 'both have their share' })
    expect((first?.leftAt ?? 0) - began).toBeLessThan(2_000)
    expect([...first?.partitions ?? [], ...second.partitions ?? []].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3])
    const stopping = performance.now()
    await second.member.stop()
    expect(performance.now() - stopping).toBeLessThan(1_000)
    await until(() => first?.partitions?.length === 4, { intervalMs: 20, message: 'the first has all' })
    expect(performance.now() - stopping).toBeLessThan(2_500)
  })
})

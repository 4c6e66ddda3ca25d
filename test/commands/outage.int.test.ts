import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Broker } from '../../broker/broker.ts'
import { findBroker } from '../../broker/find.ts'
import { uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { Replica } from './replica.ts'
import { TopicSet } from './topic-set.ts'

const prefix = uniquePrefix()
const lookups = Array.from({ length: 100 }, (_, index) => ({ service: `s-${index}` }))
const replicas: Replica[] = []
const warnedBefore = new Map<Replica, number>()
let broker: Broker
let topics: TopicSet

beforeAll(async () => {
  // One that may be killed: never the external one, nor the one that other tests share.
  broker = await findBroker({ env: { ...process.env, KAFKA_BROKERS: '', BROKER: '' } })
  topics = await new TopicSet({ brokers: broker.brokers, prefix, partitions: 2 }).open()
  await topics.create()
})

afterAll(async () => {
  await Promise.all(replicas.map(replica => replica.stop('SIGKILL')))
  await broker.stop()
})

async function start(): Promise<Replica> {
  const replica = await Replica.start({ brokers: broker.brokers, prefix, flags: ['--log.level=debug'] })
  replicas.push(replica)
  return replica
}

/** Attempts to connect that failed, as kafkajs tells them. */
function failedAttempts({ log }: Replica): number {
  return log.filter(({ msg }) => msg.startsWith('Connection error')).length
}

/** What was logged as a warning since Kafka was killed: a broker that has just begun may have been worth one. */
function warnings(replica: Replica): string[] {
  return replica.logged('warn').slice(warnedBefore.get(replica) ?? 0)
}

function untilReason(replica: Replica, reason: string): Promise<unknown> {
  return until(async () => (await replica.notReady()).includes(reason), { message: `it is not ready: ${reason}` })
}

/** Look-ups that the replicas show, once there are as many as expected. */
async function counted(shown: readonly Replica[], expected: number): Promise<number> {
  const sum = async (): Promise<number> => {
    const sums = await Promise.all(shown.map(replica => replica.sum('discovery_lookups_total')))
    return sums.reduce((total, part) => total + part, 0)
  }
  await until(async () => (await sum()) >= expected, { timeoutMs: 30_000, message: `${expected} look-ups are counted` })
  return sum()
}

describe('when Kafka is killed', () => {
  let first: Replica
  let second: Replica
  let late: Replica

  beforeAll(async () => {
    first = await start()
    second = await start()
    await topics.lookups(lookups)
    await counted([first, second], 100)
    for (const replica of [first, second]) warnedBefore.set(replica, replica.logged('warn').length)
    await broker.kill()
    late = await start()
  })

  it('replicas are not ready and say why, those too that start meanwhile, but all are healthy', async () => {
    for (const replica of [first, second, late]) {
      await untilReason(replica, 'Kafka cannot be used: ')
      expect(await replica.unhealthy()).toBe('')
    }
    await untilReason(late, 'ECONNREFUSED')
  })

  it('each says so once, however often it tries', async () => {
    await Promise.all([first, late].map(replica => {
      const before = failedAttempts(replica)
      return until(() => failedAttempts(replica) >= before + 9, { message: 'more than a round of attempts' })
    }))
    for (const replica of [first, late]) {
      expect(warnings(replica)).toEqual([expect.stringMatching(/^Kafka cannot be used: .*; trying again until it can$/)])
    }
  })

  it('they show nothing of what others might have been given by now', async () => {
    await untilReason(first, 'heartbeat is too old')
    expect(await first.sum('discovery_lookups_total')).toBe(0)
  })

  it('they end on SIGTERM with 0 within ten seconds, though nobody takes their farewell', async () => {
    const { code, millis } = await second.stop()
    expect(code).toBe(0)
    expect(millis).toBeLessThan(10_000)
  })

  it('they go on by themselves once it is back, and have lost nothing and count nothing twice', async () => {
    await broker.start()
    await Promise.all([first.untilReady(40_000), late.untilReady(40_000)])
    await topics.lookups(lookups)
    expect(await counted([first, late], 200)).toBe(200)
    for (const replica of [first, late]) {
      expect(await replica.sum('discovery_aggregator_lost_records_total')).toBe(0)
      expect(warnings(replica)).toHaveLength(1)
      expect(replica.log.map(({ msg }) => msg).filter(msg => msg.startsWith('Kafka can')).at(-1)).toBe('Kafka can be used again')
    }
  })
})

describe('when Kafka takes all that is said and answers nothing', () => {
  it('a replica ends on SIGTERM with 0 within ten seconds', async () => {
    await broker.pause()
    const { code, millis } = await (replicas[0] ?? (await start())).stop()
    await broker.resume()
    expect(code).toBe(0)
    expect(millis).toBeLessThan(10_000)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { topicNames, topicSpecs } from '../../src/contract/topics.ts'
import { createMissingTopics } from '../../src/kafka/topics.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { Replica } from './replica.ts'
import { TopicSet } from './topic-set.ts'

const SERVICES = 40
const brokers = sharedBroker().brokers
const prefix = uniquePrefix()
const topics = new TopicSet({ brokers, prefix, partitions: 2 })
const replicas: Replica[] = []

beforeAll(async () => {
  await topics.open()
  await topics.create()
})

afterAll(async () => {
  await Promise.all(replicas.map(replica => replica.stop('SIGKILL')))
  await topics.close()
})

async function start(flags: readonly string[] = []): Promise<Replica> {
  const replica = await Replica.start({ brokers, prefix, flags })
  replicas.push(replica)
  await replica.untilReady()
  return replica
}

async function send(): Promise<void> {
  await topics.lookups(Array.from({ length: SERVICES }, (_, index) => ({ service: `s-${index}`, durationMicros: index, cache: 'HIT' })))
}

/** The look-ups that a replica shows once there are as many as wanted, or more. */
async function shown(replica: Replica, wanted: number): Promise<number> {
  await until(async () => await replica.sum('discovery_lookups_total') >= wanted, { timeoutMs: 30_000, message: `${wanted} look-ups` })
  return replica.sum('discovery_lookups_total')
}

/** All of `/metrics` that comes from events, in one order; but findings, which are found out now and then. */
async function fold(replica: Replica): Promise<string[]> {
  const { text } = await replica.get('/metrics')
  return text.split('\n').filter(line => line.includes('shard="') && !line.startsWith('discovery_findings')).toSorted()
}

describe('a deployment whose only replica is killed', () => {
  it('goes on with the same series and values, though the input it had counted is gone', async () => {
    const first = await start()
    await send()
    expect(await shown(first, SERVICES)).toBe(SERVICES)
    const before = await fold(first)
    await first.stop('SIGKILL')
    const ends = await topics.admin.fetchTopicOffsets(topics.names.lookups)
    await topics.admin.deleteTopicRecords({
      topic: topics.names.lookups, partitions: ends.map(({ partition, high }) => ({ partition, offset: high })),
    })

    const second = await start()
    expect(await fold(second)).toEqual(before)
    await send()
    expect(await shown(second, 2 * SERVICES)).toBe(2 * SERVICES)
    expect(await second.sum('discovery_aggregator_lost_records_total')).toBe(0)
    expect(await second.sum('discovery_aggregator_digest_mismatches_total')).toBe(0)
    expect(second.logged('error')).toEqual([])
  })

  it('tells the group how far it has counted, for the tools that show lag', async () => {
    const groupId = `${prefix}group`
    const ends = await topics.admin.fetchTopicOffsets(topics.names.lookups)
    const areCommitted = await until(async () => {
      const [committed] = await topics.admin.fetchOffsets({ groupId, topics: [topics.names.lookups] })
      return ends.every(({ partition, high }) => committed?.partitions.find(each => each.partition === partition)?.offset === high)
    }, { message: 'the committed offsets are the ends' })
    expect(areCommitted).toBe(true)
  })
})

describe('a second deployment beside the first', () => {
  it('reads the same inputs from their start, with a checkpoint topic and a group of its own, and leaves the first as it is', async () => {
    const [, first] = replicas
    const other = topicNames(prefix, `${prefix}other-checkpoints`)
    await createMissingTopics(topics.admin, topicSpecs(other, { partitions: 2, replicationFactor: 1 }))
    const second = await start([`--kafka.group-id=${prefix}other`, `--kafka.checkpoint-topic=${other.checkpoints}`])
    expect(await shown(second, SERVICES)).toBe(SERVICES) // what its retention has left
    await send()
    expect(await shown(second, 2 * SERVICES)).toBe(2 * SERVICES)
    expect(first === undefined ? 0 : await shown(first, 3 * SERVICES)).toBe(3 * SERVICES)
    await topics.admin.deleteTopics({ topics: [other.checkpoints] })
  })
})

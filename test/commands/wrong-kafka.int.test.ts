import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { Replica } from './replica.ts'
import { TopicSet } from './topic-set.ts'

const brokers = sharedBroker().brokers
let prefix: string
let topics: TopicSet
let replicas: Replica[] = []

beforeEach(async () => {
  prefix = uniquePrefix()
  topics = await new TopicSet({ brokers, prefix, partitions: 1 }).open()
  await topics.create()
})

afterEach(async () => {
  await Promise.all(replicas.map(replica => replica.stop('SIGKILL')))
  replicas = []
  await topics.close()
})

async function start(): Promise<Replica> {
  const replica = await Replica.start({ brokers, prefix })
  replicas.push(replica)
  return replica
}

async function send(count: number, service = 'cart'): Promise<void> {
  await topics.values(Array.from({ length: count }, () => ({ ...topics.lookup({ service }), partition: 0 })))
}

function untilShown(replica: Replica, count: number): Promise<unknown> {
  return until(async () => await replica.sum('discovery_lookups_total') === count, { timeoutMs: 30_000, message: `${count} look-ups are shown` })
}

function untilReason(replica: Replica, reason: string): Promise<unknown> {
  return until(async () => (await replica.notReady()).includes(reason), { timeoutMs: 30_000, message: `it is not ready: ${reason}` })
}

/** A replica that has counted ten look-ups, stopped. */
async function counted(): Promise<void> {
  const replica = await start()
  await send(10)
  await untilShown(replica, 10)
  await until(async () => {
    const [committed] = await topics.admin.fetchOffsets({ groupId: `${prefix}group`, topics: [topics.names.lookups] })
    return committed?.partitions[0]?.offset === '10'
  }, { message: 'the group is told' })
  await replica.stop()
}

async function remake(topic: string): Promise<void> {
  await topics.admin.deleteTopics({ topics: [topic] })
  await until(async () => !(await topics.admin.listTopics()).includes(topic), { message: 'the topic is gone' })
  await topics.create()
}

describe('an input topic that was deleted and made again', () => {
  it('is not counted on, and the reason says what to do', async () => {
    await counted()
    await remake(topics.names.lookups)
    await send(3)
    const replica = await start()
    await untilReason(replica, `${topics.names.lookups}/0 ends at 3, but 10 had been reached`)
    expect(await replica.notReady()).toContain('--kafka.checkpoint-topic')
    await until(async () => await replica.sum('discovery_aggregator_input_mismatches_total') > 0, { message: 'it is counted' })
    expect(await replica.sum('discovery_lookups_total')).toBe(0)
  })

  it('is found out too when it has grown past where counting had come to', async () => {
    await counted()
    await remake(topics.names.lookups)
    await send(25)
    const replica = await start()
    await untilReason(replica, `${topics.names.lookups} is another topic than the one that was counted`)
    expect(await replica.sum('discovery_lookups_total')).toBe(0)
  })

  it.each([3, 25])('is found out under a running replica, with %i records in it', async records => {
    const replica = await start()
    await send(10)
    await untilShown(replica, 10)
    await remake(topics.names.lookups)
    await send(records)
    await untilReason(replica, 'the topic was made anew')
    expect(await replica.sum('discovery_lookups_total')).toBe(0)
  })
})

describe('records that are deleted faster than they are read', () => {
  it('are counted as lost, and told, and counting goes on', async () => {
    await counted()
    await send(20)
    await topics.admin.deleteTopicRecords({ topic: topics.names.lookups, partitions: [{ partition: 0, offset: '15' }] })
    const replica = await start()
    await untilShown(replica, 25)
    expect(await replica.sum('discovery_aggregator_lost_records_total')).toBe(5)
    expect(replica.logged('error')).toEqual([expect.stringContaining('5 records of')])
  })
})

describe('partitions that were added', () => {
  it('are refused, with the way out', async () => {
    await counted()
    await topics.admin.createPartitions({ topicPartitions: [{ topic: topics.names.lookups, count: 3 }] })
    const replica = await start()
    await untilReason(replica, 'partitions cannot be added to counts that exist')
    expect(await replica.notReady()).toContain('--kafka.topic-prefix')
    expect(await replica.sum('discovery_lookups_total')).toBe(0)
  })
})

describe('a checkpoint topic that is lost', () => {
  it('is told, what it cost is counted, and counting begins anew at the earliest record', async () => {
    await counted()
    await topics.admin.deleteTopicRecords({ topic: topics.names.lookups, partitions: [{ partition: 0, offset: '4' }] })
    await remake(topics.names.checkpoints)
    const replica = await start()
    await untilShown(replica, 6)
    expect(await replica.sum('discovery_aggregator_lost_records_total')).toBe(4)
    expect(replica.logged('error')).toContainEqual(expect.stringContaining('its checkpoints are gone'))
  })

  it('ends a running replica, which says why', async () => {
    const replica = await start()
    await send(10)
    await untilShown(replica, 10)
    await remake(topics.names.checkpoints)
    expect(await replica.exit()).toBe(1)
    expect(replica.logged('error')).toContainEqual(expect.stringContaining('was made anew while it was in use'))
  })
})

describe('a checkpoint topic that breaks a rule', () => {
  it('is not used, until it is mended', async () => {
    const resource = (value: string) => ({
      validateOnly: false,
      resources: [{ type: 2, name: topics.names.checkpoints, configEntries: [{ name: 'cleanup.policy', value }] }],
    })
    await topics.admin.alterConfigs(resource('delete'))
    const replica = await start()
    await untilReason(replica, 'cleanup.policy is delete')
    await topics.admin.alterConfigs(resource('compact'))
    await untilReason(replica, 'message.timestamp.type') // which the alteration above has put back to the broker's default
    expect(await replica.sum('discovery_aggregator_owned_partitions')).toBe(0)
    await remake(topics.names.checkpoints)
    expect(await replica.untilReady()).toBe(true)
  })
})

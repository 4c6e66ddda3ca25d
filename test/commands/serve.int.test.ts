import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createConfluentEncoder } from '../../src/contract/codec.ts'
import { eventDefaults } from '../../src/contract/events.ts'
import { schemaJson } from '../contract/wire.ts'
import { FakeRegistry } from '../kafka/fake-registry.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { Replica } from './replica.ts'
import { TopicSet } from './topic-set.ts'

const SCHEMA_ID = 77

const brokers = sharedBroker().brokers
const prefix = uniquePrefix()
const topics = new TopicSet({ brokers, prefix, partitions: 2 })
const topic = topics.names.lookups
const registry = new FakeRegistry()
let replica: Replica

beforeAll(async () => {
  await registry.start()
  await topics.open()
  replica = await Replica.start({ brokers, prefix, flags: [`--schema-registry.url=${registry.url}`] })
})

afterAll(async () => {
  await replica.stop('SIGKILL')
  await topics.close()
  await registry.stop()
})

/** A look-up of a service in Confluent's framing. */
function framed(id: number, service: string): Buffer {
  return createConfluentEncoder('lookup', id)({ ...eventDefaults.lookup, service })
}

function counted(service: string): Promise<number> {
  return replica.sum('discovery_lookups_total', { service })
}

function messagesRead(): Promise<number> {
  return replica.sum('discovery_aggregator_messages_total', { topic })
}

function untilCounted(service: string, expected: number): Promise<unknown> {
  return until(async () => (await counted(service)) >= expected, { message: `${expected} look-ups of ${service} are counted` })
}

describe('a replica without its topics', () => {
  it('is not ready and names each that is missing', async () => {
    await until(async () => (await replica.notReady()).includes('missing topics'), { message: 'the reason' })
    const reason = await replica.notReady()
    for (const name of Object.values(topics.names)) expect(reason).toContain(name)
    expect(reason).toContain('create them with: discovery-metrics topics')
  })

  it('becomes ready by itself once they are there', async () => {
    await topics.create()
    await replica.untilReady()
    // A broker that has just begun may be worth a warning of its own.
    const waiting = replica.logged('warn').filter(line => line.startsWith('waiting'))
    expect(waiting).toEqual([expect.stringContaining('missing topics')])
  })
})

describe('a replica that reads events and what is none', () => {
  const unknown = [Buffer.from('c301000000000000000000', 'hex'), framed(404, 'x')]
  const poison = [null, Buffer.from('{"service":"cart"}'), Buffer.alloc(20_000, 'x'), ...unknown]
  const good = Array.from({ length: 40 }, (_, index) => topics.lookup({ service: `of-${index % 4}`, weight: 2 }).value)
  const messages = [...good.slice(0, 20), ...poison, ...good.slice(20), topics.lookup({ service: '' }).value]

  beforeAll(async () => {
    await topics.values(messages.map(value => ({ value, partition: 0 })))
    await until(async () => (await messagesRead()) >= messages.length, { message: 'all is read' })
  })

  it('counts every event, also those behind what is none', async () => {
    await until(async () => await replica.sum('discovery_lookups_total') >= 80, { message: 'all is shown' })
    expect(await replica.sum('discovery_lookups_total')).toBe(80)
  })

  it('counts what is none by reason', async () => {
    const samples = await replica.samples()
    const rejected = samples.filter(({ name, value }) => name === 'discovery_aggregator_rejected_total' && value > 0)
    expect(Object.fromEntries(rejected.map(({ labels, value }) => [labels['reason'], value]))).toEqual({
      empty: 1, unknown_framing: 1, too_large: 1, unknown_schema: 2, empty_service: 1,
    })
  })

  it('tells messages and bytes by topic, what it owns, its lag, and the time it took', async () => {
    const bytes = messages.reduce((sum, value) => sum + (value?.length ?? 0), 0)
    expect(await messagesRead()).toBe(messages.length)
    expect(await replica.sum('discovery_aggregator_bytes_total', { topic })).toBe(bytes)
    expect(await replica.sum('discovery_aggregator_owned_partitions')).toBe(6)
    expect(await replica.sum('discovery_aggregator_rebalances_total')).toBe(1)
    const batches = await replica.sum('discovery_aggregator_batch_records_count', { topic })
    expect(await replica.sum('discovery_aggregator_fold_seconds_count', { topic })).toBe(batches)
    expect(await replica.sum('discovery_aggregator_fold_seconds_sum', { topic })).toBeGreaterThan(0)
    const lags = async () => (await replica.samples()).filter(({ name }) => name === 'discovery_aggregator_lag_records')
    await until(async () => (await lags()).length === 6, { message: 'the lag of each partition' })
    expect((await lags()).map(({ value }) => value)).toEqual([0, 0, 0, 0, 0, 0])
  })
})

describe('messages in Confluent’s framing', () => {
  beforeAll(() => {
    registry.answers.set(SCHEMA_ID, { schema: JSON.stringify(schemaJson('lookup')) })
  })

  it('wait for a registry that is down, and what comes behind them waits too', async () => {
    registry.state = 'failing'
    const asked = registry.asked.length
    await topics.values([framed(SCHEMA_ID, 'framed'), topics.lookup({ service: 'behind' }).value].map(value => ({ value, partition: 1 })))
    await topics.values([{ value: topics.lookup({ service: 'beside' }).value, partition: 0 }])
    await until(() => registry.asked.length >= asked + 2, { message: 'the registry is asked again' })
    await untilCounted('beside', 1)
    expect([await counted('framed'), await counted('behind')]).toEqual([0, 0])
    await until(async () => (await replica.sum('discovery_aggregator_lag_records', { topic })) === 2, { message: 'the lag shows it' })
    expect(replica.logged('warn').filter(line => line.includes('cannot be read now'))).toHaveLength(1)
  })

  it('are counted once it is up, and the schema is asked for no more', async () => {
    registry.state = 'up'
    await untilCounted('behind', 1)
    const asked = registry.asked.length
    await topics.values([{ value: framed(SCHEMA_ID, 'framed'), partition: 1 }])
    await untilCounted('framed', 2)
    expect(registry.asked).toHaveLength(asked)
  })
})

describe('records that are deleted before they are read', () => {
  it('are counted as lost, and reading goes on with the first one that is left', async () => {
    registry.state = 'failing'
    registry.answers.set(SCHEMA_ID + 1, { schema: JSON.stringify(schemaJson('lookup')) })
    const before = Number((await topics.admin.fetchTopicOffsets(topic)).find(({ partition }) => partition === 1)?.high)
    const values = [framed(SCHEMA_ID + 1, 'doomed'), ...Array.from({ length: 99 }, () => topics.lookup({ service: 'doomed' }).value)]
    await topics.values(values.map(value => ({ value, partition: 1 })))
    await until(() => registry.asked.includes(SCHEMA_ID + 1), { message: 'the first of them is met' })
    await topics.admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: String(before + 60) }] })

    await untilCounted('doomed', 40)
    expect(await counted('doomed')).toBe(40)
    registry.state = 'up'
    expect(await replica.sum('discovery_aggregator_lost_records_total', { topic })).toBe(60)
    expect(await replica.sum('discovery_aggregator_rebalances_total')).toBe(1)
  })
})

describe('the end of a replica', () => {
  it('comes with 0 within ten seconds of SIGTERM, under load too', async () => {
    const ended = new AbortController()
    const load = (async () => {
      while (!ended.signal.aborted) await topics.lookups(Array.from({ length: 500 }, (_, index) => ({ service: `load-${index}` })))
    })()
    await untilCounted('load-1', 3)

    const { code, millis } = await replica.stop()
    ended.abort()
    await load
    expect(code).toBe(0)
    expect(millis).toBeLessThan(10_000)
  })

  it('comes with 1 when its consumer dies of what waiting cannot mend, after it has said why', async () => {
    const doomed = await Replica.start({ brokers, prefix, flags: ['--kafka.session-timeout=1s'] })
    onTestFinished(async () => { await doomed.stop('SIGKILL') })
    const reason = await until(async () => (await doomed.unhealthy()) || null, { intervalMs: 20, message: 'it is not healthy' })
    expect(reason).toContain('the consumer died: The session timeout is not within the range allowed by the broker')
    expect(await doomed.exit()).toBe(1)
    expect(doomed.logged('error')).toEqual([expect.stringContaining('The session timeout is not within the range')])
  })
})

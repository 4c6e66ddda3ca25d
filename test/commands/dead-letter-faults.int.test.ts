import { isDeepStrictEqual } from 'node:util'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCommand } from './running.ts'
import { Replica } from './replica.ts'
import { TopicSet } from './topic-set.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'

// A replica dies after its dead letter is stored and before the checkpoint that passes the record: no record may be lost, none counted twice.

const brokers = sharedBroker().brokers
const prefix = uniquePrefix()
const topics = new TopicSet({ brokers, prefix, partitions: 1 })
const settings = { brokers, prefix, flags: ['--checkpoint.interval=100ms'] }

beforeAll(async () => {
  await topics.open()
  await topics.create()
})
afterAll(() => topics.close())

/** Sets one thing of a topic, and resolves with the function that sets it back, once the broker has it. Altering replaces all that was set. */
async function set(topic: string, name: string, value: string): Promise<() => Promise<unknown>> {
  const before = await configOf(topic)
  const alter = async (configEntries: { name: string; value: string }[]): Promise<void> => {
    await topics.admin.alterConfigs({ validateOnly: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }] })
    await until(async () => isDeepStrictEqual(byName(await configOf(topic)), byName(configEntries)), { message: 'the broker has it', intervalMs: 5 })
  }
  await alter([...before.filter(each => each.name !== name), { name, value }])
  return () => alter(before)
}

function byName(entries: readonly { name: string; value: string }[]): ReadonlyMap<string, string> {
  return new Map(entries.map(({ name, value }) => [name, value]))
}

async function describedConfig(topic: string) {
  const { resources } = await topics.admin.describeConfigs({ includeSynonyms: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }] })
  return resources.flatMap(({ configEntries }) => configEntries)
}

/** What was set for the topic itself. */
async function configOf(topic: string): Promise<{ name: string; value: string }[]> {
  return (await describedConfig(topic))
    .filter(({ configSource }) => configSource === kafkajs.ConfigSource.TOPIC_CONFIG)
    .map(({ configName: name, configValue: value }) => ({ name, value }))
}

async function endOf(topic: string): Promise<number> {
  return (await topics.admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0)
}

it('a record that was set aside is stored again rather than lost, and counted once', async () => {
  const first = await Replica.start(settings)
  await first.untilReady()
  const written = () => first.sum('discovery_aggregator_checkpoint_records_total', { topic: topics.names.lookups })
  await until(async () => (await written()) > 0, { message: 'none is under way: the next one for nothing comes ten seconds later' })
  const back = await set(topics.names.checkpoints, 'max.message.bytes', '10')
  await topics.values([{ partition: 0, value: Buffer.from('nonsense') }, { partition: 0, ...topics.lookup({ service: 'behind' }) }])
  await until(async () => (await endOf(topics.names.deadLetters)) === 1, { message: 'the letter is stored' })
  await first.stop('SIGKILL')
  await back()

  const second = await Replica.start(settings)
  await until(async () => (await second.sum('discovery_lookups_total', { service: 'behind' })) === 1, { timeoutMs: 40_000, message: 'all is counted' })
  expect(await endOf(topics.names.deadLetters)).toBe(2)
  expect(await second.sum('discovery_agent_events_rejected_total')).toBe(1)
  await second.stop()

  const replayed = await runCommand(['dead-letters', 'replay', '--force', '--dry-run', `--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${prefix}`])
  expect([replayed.code, replayed.stdout]).toEqual([0, '1 record would be sent again\n1 not: a second letter of the same record\n'])
})

it('a letter that Kafka does not acknowledge holds the checkpoint back, and nothing is shown as passed', async () => {
  const replica = await Replica.start(settings)
  await replica.untilReady()
  const back = await set(topics.names.deadLetters, 'cleanup.policy', 'compact') // then it takes no letter without a key
  await topics.values([{ partition: 0, value: Buffer.from('more nonsense') }, { partition: 0, ...topics.lookup({ service: 'held' }) }])
  await until(async () => (await replica.sum('discovery_aggregator_checkpoint_failures_total', { topic: topics.names.lookups })) >= 3, { message: 'it is tried again' })
  expect(await replica.sum('discovery_lookups_total', { service: 'held' })).toBe(0)
  await back()
  await until(async () => (await replica.sum('discovery_lookups_total', { service: 'held' })) === 1, { message: 'it is shown' })
  expect(await replica.sum('discovery_aggregator_dead_letters_total')).toBe(1)
  await replica.stop()
})

it('a flood is counted whole, and stored up to its rate', async () => {
  const replica = await Replica.start({ ...settings, flags: [...settings.flags, '--dead-letters.rate=1'] })
  await replica.untilReady()
  const [rejected, stored] = [await replica.sum('discovery_agent_events_rejected_total'), await endOf(topics.names.deadLetters)]
  const flood = Array.from({ length: 1_000 }, (_, index) => ({ partition: 0, value: Buffer.from(`nonsense ${index}`) }))
  await topics.values([...flood, { partition: 0, ...topics.lookup({ service: 'after-the-flood' }) }])
  await until(async () => (await replica.sum('discovery_lookups_total', { service: 'after-the-flood' })) === 1, { message: 'what lies behind is shown' })
  expect(await replica.sum('discovery_agent_events_rejected_total') - rejected).toBe(1_000)
  expect(await endOf(topics.names.deadLetters) - stored).toBe(10)
  expect(await replica.sum('discovery_aggregator_dead_letters_total')).toBe(10)
  expect(await replica.sum('discovery_aggregator_dead_letters_dropped_total')).toBe(990)
  await replica.stop()
})

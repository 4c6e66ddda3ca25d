import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDiscoveryAgent } from '../../src/agent/agent.ts'
import { createEncoder } from '../../src/contract/codec.ts'
import { eventDefaults } from '../../src/contract/events.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { Replica } from './replica.ts'
import { TopicSet } from './topic-set.ts'

const brokers = sharedBroker().brokers
const prefix = uniquePrefix()
const topics = new TopicSet({ brokers, prefix, partitions: 2 })
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
const producer = kafka.producer()
let replica: Replica

beforeAll(async () => {
  await Promise.all([topics.open(), producer.connect()])
  await topics.create()
  replica = await Replica.start({ brokers, prefix })
  await replica.untilReady()
})

afterAll(async () => {
  await replica.stop('SIGKILL')
  await producer.disconnect()
  await topics.close()
})

/** What is shown of the agents of one kind, once as many events are recorded and received as expected. */
async function account(kind: string, expected: { recorded: number; received: number }): Promise<Record<string, number>> {
  const sum = (family: string) => replica.sum(`discovery_agent_events_${family}_total`, { kind })
  await until(async () => await sum('recorded') >= expected.recorded && await sum('received') >= expected.received, {
    timeoutMs: 30_000, message: `the account of ${kind}`,
  })
  const families = ['recorded', 'received', 'repeated', 'dropped', 'rejected']
  return Object.fromEntries(await Promise.all(families.map(async family => [family, await sum(family)] as const)))
}

describe('the account of agents', () => {
  it('is even, weights included, for one that has closed cleanly', async () => {
    const agent = createDiscoveryAgent({ kafka, service: 'checkout', namespace: 'shop', topicPrefix: prefix, kind: 'clean', queueLimit: 50 })
    for (let index = 0; index < 40; index++) agent.recordLookup({ service: `s-${index}`, outcome: 'SUCCESS', weight: 3 })
    agent.recordRegistration({ service: 's-1', instance: 'a', operation: 'REGISTER', outcome: 'SUCCESS' })
    agent.recordLookup({ service: 'x'.repeat(300), outcome: 'SUCCESS' })
    for (let index = 0; index < 500; index++) agent.recordLookup({ service: `s-${index}`, outcome: 'SUCCESS' })
    await agent.close(10_000)
    const { recorded, sent } = agent.report()
    const { received = 0, dropped = 0, rejected = 0 } = await account('clean', { recorded, received: sent })
    expect(dropped).toBeGreaterThan(0)
    expect(received + dropped + rejected).toBe(recorded)
  })

  it('shows what an agent recorded and nobody received, within a minute', async () => {
    const event = (sequence: number) => ({ ...topics.lookup({ agentId: 'lossy/1', sequence, service: 'cart' }), partition: 0 })
    await topics.values([event(1), event(2), event(2), event(3), { value: topics.lookup({ agentId: 'lossy/1', sequence: 4, service: '' }).value, partition: 0 }])
    const report = { ...eventDefaults.agent, agentId: 'lossy/1', sequence: 5, recorded: 10, sent: 6, droppedSend: 2 }
    await producer.send({ topic: topics.names.agents, messages: [{ key: 'lossy/1', value: createEncoder('agent')(report) }] })
    const shown = await account('lossy', { recorded: 10, received: 3 })
    expect(shown).toEqual({ recorded: 10, received: 3, repeated: 1, dropped: 2, rejected: 1 })
    expect(await replica.sum('discovery_agents', { kind: 'lossy', state: 'active' })).toBe(1)
  })
})

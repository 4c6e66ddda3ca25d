import { Kafka, logLevel, type Admin } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { topicNames, topicSpecs, type TopicNames } from '../../src/contract/topics.ts'
import { describeDifference } from '../../src/kafka/topic-facts.ts'
import { brokenRules, createMissingTopics, readTopics } from '../../src/kafka/topics.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'

const kafka = new Kafka({ brokers: sharedBroker().brokers, logLevel: logLevel.NOTHING })
const admin = kafka.admin()
const prefix = uniquePrefix()
const good = topicNames(prefix)
const specs = topicSpecs(good, { partitions: 2, replicationFactor: 1 })

/** One topic that is not as it should be beside four that are: which one, its settings, and what is said of it. */
interface Case {
  bad: keyof TopicNames
  settings: Record<string, string>
  said: [what: string, is: string, wanted: string, set?: string][]
}

const cases: Case[] = [
  {
    bad: 'registrations', settings: { 'message.timestamp.type': 'CreateTime' },
    said: [['message.timestamp.type', 'CreateTime', 'LogAppendTime']],
  },
  { bad: 'lookups', settings: { 'unclean.leader.election.enable': 'true' }, said: [['unclean.leader.election.enable', 'true', 'false']] },
  { bad: 'agents', settings: { 'cleanup.policy': 'compact,delete' }, said: [['cleanup.policy', 'compact,delete', 'delete']] },
  { bad: 'lookups', settings: { 'min.insync.replicas': '2' }, said: [['min.insync.replicas', '2', '1 or less', '1']] },
  {
    bad: 'checkpoints', settings: { 'message.timestamp.type': 'CreateTime' },
    said: [['message.timestamp.type', 'CreateTime', 'LogAppendTime']],
  },
  {
    bad: 'checkpoints', settings: { 'unclean.leader.election.enable': 'true' },
    said: [['unclean.leader.election.enable', 'true', 'false']],
  },
  { bad: 'checkpoints', settings: { 'cleanup.policy': 'delete' }, said: [['cleanup.policy', 'delete', 'compact']] },
  { bad: 'checkpoints', settings: { 'cleanup.policy': 'compact,delete' }, said: [['cleanup.policy', 'compact,delete', 'compact']] },
  {
    bad: 'checkpoints', settings: { 'min.compaction.lag.ms': '119999' },
    said: [['min.compaction.lag.ms', '119999', '120000 or more', '120000']],
  },
  {
    bad: 'checkpoints', settings: { 'min.compaction.lag.ms': '0', 'max.compaction.lag.ms': '119999' },
    said: [['min.compaction.lag.ms', '0', '120000 or more', '120000'], ['max.compaction.lag.ms', '119999', '120000 or more', '600000']],
  },
  {
    bad: 'checkpoints', settings: { 'delete.retention.ms': '86399999' },
    said: [['delete.retention.ms', '86399999', '86400000 or more', '86400000']],
  },
  {
    bad: 'checkpoints', settings: { 'max.message.bytes': '8388607' },
    said: [['max.message.bytes', '8388607', '8388608 or more', '8388608']],
  },
  { bad: 'checkpoints', settings: { 'min.insync.replicas': '2' }, said: [['min.insync.replicas', '2', '1 or less', '1']] },
  {
    bad: 'deadLetters', settings: { 'max.message.bytes': '1114111' },
    said: [['max.message.bytes', '1114111', '1114112 or more', '1114112']],
  },
  { bad: 'deadLetters', settings: { 'cleanup.policy': 'compact' }, said: [['cleanup.policy', 'compact', 'delete']] },
  { bad: 'checkpoints', settings: { 'max.compaction.lag.ms': '600001', 'segment.ms': '60001' }, said: [] },
  { bad: 'checkpoints', settings: { 'min.compaction.lag.ms': '240000', 'delete.retention.ms': '172800000' }, said: [] },
]

beforeAll(async () => {
  await admin.connect()
  const bad = cases.map(({ bad: name, settings }, index) => specOf(name, { topic: badTopic(index), settings }))
  const grown = { ...specOf('lookups', { topic: `${prefix}grown`, settings: {} }), partitions: 3 }
  await createMissingTopics(admin, [...specs, ...bad, grown])
})

afterAll(async () => {
  await admin.deleteTopics({ topics: (await admin.listTopics()).filter(topic => topic.startsWith(prefix)) })
  await admin.disconnect()
})

function specOf(name: keyof TopicNames, { topic, settings }: { topic: string; settings: Record<string, string> }) {
  const config = specs.find(each => each.topic === good[name])?.config
  return { topic, partitions: 2, replicationFactor: 1, config: { ...config, ...settings } }
}

function badTopic(index: number): string {
  return `${prefix}bad-${index}`
}

describe('rules kept by topics on a broker', () => {
  it('are kept by topics just created', async () => {
    expect(await brokenRules(admin, good)).toEqual([])
  })

  it.each(cases.map((each, index) => [each.bad, each.settings, index, each.said] as const))(
    'with %s of %o', async (...[name, , index, said]) => {
      const topic = badTopic(index)
      const found = (await brokenRules(admin, { ...good, [name]: topic })).map(each => ({ ...each, line: describeDifference(each) }))
      expect(found.map(({ what, is, wanted }) => [what, is, wanted])).toEqual(said.map(each => each.slice(0, 3)))
      for (const [index2, [what, is, wanted, set = wanted]] of said.entries()) {
        expect(found[index2]?.line).toBe(`${topic}: ${what} is ${is}, should be ${wanted} (${found[index2]?.why}); to mend it: `
          + `kafka-configs --bootstrap-server … --alter --topic ${topic} --add-config ${what}=${set}`)
      }
    })

  it('are broken by an input with more partitions than the others, with the way out', async () => {
    const producer = kafka.producer()
    await producer.connect()
    const messages = [{ key: 'a', value: 'b', partition: 0 }]
    await producer.send({ topic: `${prefix}grown`, messages })
    const names = { ...good, lookups: `${prefix}grown` }
    const said = async () => (await brokenRules(admin, names)).map(({ topic, is, wanted }) => [topic, is, wanted])
    // Partitions just created may not yet tell where they end.
    await expect.poll(() => said().catch(String), { message: 'before any checkpoint the records decide' })
      .toEqual([[good.registrations, '2', '3'], [good.agents, '2', '3'], [good.checkpoints, '2', '3']])
    await producer.send({ topic: good.checkpoints, messages })
    await producer.disconnect()
    const [broken, ...others] = await brokenRules(admin, names)
    expect(others).toEqual([])
    expect(broken).toMatchObject({ topic: `${prefix}grown`, what: 'partitions', is: '3', wanted: '2' })
    expect(broken?.mend).toMatch(/^partitions cannot be added to counts that exist\. To have 3 of them:\n1\. make new topics/)
  })

  it('are not broken by topics that are missing, nor by one that goes away once it was read', async () => {
    expect(await brokenRules(admin, topicNames(`${prefix}nowhere.`))).toEqual([])
    const gone = { ...good, agents: badTopic(2) }
    expect(await brokenRules(admin, gone)).toHaveLength(1)
    await admin.deleteTopics({ topics: [gone.agents] })
    await expect.poll(() => brokenRules(admin, gone).catch(String)).toEqual([])
  })
})

/** As Kafka 4.1 answered, through kafkajs 2.2.4, where an ACL denied DescribeConfigs on one topic; `error` is what it said. */
function refusing(error: Error): Admin {
  const some: Pick<Admin, 'listTopics' | 'fetchTopicMetadata' | 'describeConfigs'> = {
    listTopics: () => admin.listTopics(),
    fetchTopicMetadata: query => admin.fetchTopicMetadata(query),
    describeConfigs: async query => {
      if (query.resources.some(({ name }) => name === good.lookups)) throw error
      return admin.describeConfigs(query)
    },
  }
  return some as Admin
}

describe('settings that Kafka does not let us read', () => {
  it('break no rule, and the other topics are read all the same', async () => {
    const error = Object.assign(new Error('Not authorized to access topics'), { type: 'TOPIC_AUTHORIZATION_FAILED' })
    const facts = await readTopics(refusing(error), good)
    expect(facts.map(({ topic, settings }) => [topic, settings === null]))
      .toEqual(Object.values(good).map(topic => [topic, topic === good.lookups]))
    expect(await brokenRules(refusing(error), good)).toEqual([])
  })

  it('are told from a broker that does not answer', async () => {
    await expect(brokenRules(refusing(new Error('connection lost')), good)).rejects.toThrow('connection lost')
  })
})

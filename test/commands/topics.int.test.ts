import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { topicNames, topicSpecs, type TopicNames, type TopicSpec } from '../../src/contract/topics.ts'
import { createMissingTopics } from '../../src/kafka/topics.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { runCommand, type Ended } from './running.ts'
import { TopicSet } from './topic-set.ts'

const { brokers } = sharedBroker()
const prefix = uniquePrefix()
const topics = new TopicSet({ brokers, prefix })

beforeAll(() => topics.open())
afterAll(async () => {
  await topics.admin.deleteTopics({ topics: (await topics.admin.listTopics()).filter(topic => topic.startsWith(prefix)) })
  await topics.close()
})

/** Topics under a prefix of their own, and the command run on them. */
class Site {
  readonly prefix: string
  readonly names: TopicNames

  constructor(suffix: string) {
    this.prefix = `${prefix}${suffix}.`
    this.names = topicNames(this.prefix)
  }

  async create(changes: Partial<Record<keyof TopicNames, Partial<TopicSpec> | null>>): Promise<this> {
    const specs = topicSpecs(this.names, { partitions: 1, replicationFactor: 1 })
    await createMissingTopics(topics.admin, (Object.keys(this.names) as (keyof TopicNames)[]).flatMap(name => {
      const spec = specs.find(({ topic }) => topic === this.names[name])
      const change = changes[name]
      return spec === undefined || change === null ? [] : [{ ...spec, ...change, config: { ...spec.config, ...change?.config } }]
    }))
    return this
  }

  run(...flags: string[]): Promise<Ended> {
    return runCommand(['topics', `--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${this.prefix}`, oneReplica, ...flags])
  }

  /** Partition counts by topic, the prefix left out. */
  async counts(): Promise<Record<string, number>> {
    const ours = (await topics.admin.listTopics()).filter(topic => topic.startsWith(this.prefix))
    if (ours.length === 0) return {}
    const { topics: found } = await topics.admin.fetchTopicMetadata({ topics: ours })
    return Object.fromEntries(found.map(({ name, partitions }) => [name.slice(this.prefix.length), partitions.length]))
  }
}

const oneReplica = '--topics.replication-factor=1'
const all = (partitions: number) => Object.fromEntries(Object.values(topicNames('')).map(name => [name, partitions]))

describe('topics --check', () => {
  it('ends with 1 where topics are missing, names each, and makes none', async () => {
    const site = new Site('none')
    const { code, stdout } = await site.run('--check')
    expect([code, stdout]).toEqual([1, ['missing topics', ...Object.values(site.names).map(name => `  ${name}`), '',
      'not fit to run: 5 topics missing; create them with: discovery-metrics topics', ''].join('\n')])
    expect(await site.counts()).toEqual({})
  })
})

describe('topics', () => {
  const site = new Site('made')

  it('makes those that are missing as the contract wants them, and ends with 0', async () => {
    const { code, stdout } = await site.run('--topics.partitions=3')
    const created = Object.values(site.names).map(name => `created ${name}: 3 partitions, 1 replicas`)
    expect([code, stdout]).toEqual([0, [...created, 'all topics are as they should be', ''].join('\n')])
    expect(await site.counts()).toEqual(all(3))
  })

  it('leaves alone those that are there, whatever their number of partitions, and ends with 0 again', async () => {
    const { code, stdout } = await site.run()
    expect([code, stdout]).toEqual([0, 'all topics are as they should be\n'])
    expect((await site.run('--check', '--topics.partitions=3')).code).toBe(0)
  })

  it('gives a second deployment\'s checkpoint topic as many partitions as the inputs have', async () => {
    const { code, stdout } = await site.run(`--kafka.checkpoint-topic=${site.prefix}second`)
    expect([code, stdout]).toEqual([0, `created ${site.prefix}second: 3 partitions, 1 replicas\nall topics are as they should be\n`])
    expect(await site.counts()).toEqual({ ...all(3), second: 3 })
  })

  it('makes four partitions, on three brokers at most, where nothing is there and nothing is asked', async () => {
    const fresh = new Site('fresh')
    const replicas = Math.min(3, (await topics.admin.describeCluster()).brokers.length)
    const { code, stdout } = await fresh.run('--topics.replication-factor=auto')
    expect(code).toBe(0)
    expect(stdout).toContain(`created ${fresh.names.lookups}: 4 partitions, ${replicas} replicas\n`)
    expect(await fresh.counts()).toEqual(all(4))
  })

  it('says what Kafka says where it refuses', async () => {
    const { code, stderr } = await site.run(`--kafka.checkpoint-topic=${site.prefix}other`, '--topics.replication-factor=99')
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`Kafka does not create the topics: ${site.prefix}other: .*[Rr]eplication`))
  })
})

describe('topics that cannot be created rightly', () => {
  it('are not where another number is asked than the inputs have, and the ways out are told', async () => {
    const site = await new Site('asked').create({ checkpoints: null, deadLetters: null })
    const { code, stdout } = await site.run('--topics.partitions=2')
    expect(code).toBe(1)
    expect(stdout).toContain('refused: --topics.partitions=2, but the topics that exist have 1\n  to mend:\n'
      + '    leave --topics.partitions out to go on with 1\n    partitions cannot be added to counts that exist. To have 2 of them:\n'
      + '    1. make new topics: discovery-metrics topics --kafka.topic-prefix=NEW. --topics.partitions=2\n')
    expect(stdout).toMatch(/\nnot fit to run: 2 topics missing\n$/)
    expect(Object.keys(await site.counts())).toHaveLength(3)
  })

  it('are not while the inputs have different numbers', async () => {
    const site = await new Site('unequal').create({ agents: { partitions: 2 }, checkpoints: null })
    const { code, stdout } = await site.run()
    expect(code).toBe(1)
    expect(stdout).toMatch(/^refused: nothing is created while the topics that exist have different numbers of partitions\n/)
    expect(stdout).toContain('may be deleted; discovery-metrics topics then makes it anew with --topics.partitions=1:\n'
      + `    kafka-topics --bootstrap-server ${brokers.join(',')} --delete --topic ${site.names.agents}\n`)
    expect(Object.keys(await site.counts())).toHaveLength(4)
  })

  it('are not grown where more are asked, and nothing is missing', async () => {
    const site = await new Site('more').create({})
    for (const flags of [[], ['--check']]) {
      const { code, stdout } = await site.run('--topics.partitions=2', ...flags)
      expect(code).toBe(1)
      expect(stdout).toMatch(/^refused: [\s\S]*\nnothing was changed; the topics that exist are fit to run\n$/)
    }
    expect(await site.counts()).toEqual(all(1))
  })
})

describe('topics that are there and break a rule', () => {
  it('are told in one line a fact, with one command a topic that mends them; the code is 1', async () => {
    const config = { 'message.timestamp.type': 'CreateTime', 'unclean.leader.election.enable': 'true' }
    const site = await new Site('rules').create({ lookups: { config }, checkpoints: { config: { 'segment.ms': '120000' } } })
    const { code, stdout } = await site.run()
    const alter = `kafka-configs --bootstrap-server ${brokers.join(',')} --alter --topic`
    expect([code, stdout]).toEqual([1, `broken rules: counts can be wrong, or the service cannot run
  ${site.names.lookups}
    message.timestamp.type          is CreateTime  should be LogAppendTime  leases and delays are reckoned from the broker’s clock
    unclean.leader.election.enable  is true        should be false          a leader that missed counted records could take over
  to mend:
    ${alter} ${site.names.lookups} --add-config message.timestamp.type=LogAppendTime,unclean.leader.election.enable=false

recommendations: nothing becomes wrong without them
  ${site.names.checkpoints}
    segment.ms  is 120000  should be 60000 or less  only closed segments are compacted: a start has more to read
  to mend:
    ${alter} ${site.names.checkpoints} --add-config segment.ms=60000

not fit to run: 2 rules broken
`])
    const asked = { type: kafkajs.ConfigResourceTypes.TOPIC, name: site.names.lookups, configNames: ['message.timestamp.type'] }
    const { resources } = await topics.admin.describeConfigs({ includeSynonyms: false, resources: [asked] })
    expect(resources[0]?.configEntries[0]?.configValue, 'nothing is changed').toBe('CreateTime')
  })

  it('are told with the way out where partitions were added', async () => {
    const site = await new Site('grown').create({})
    const producer = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).producer()
    await producer.connect()
    const messages = [{ key: 'shop/cart', value: 'counted' }]
    await producer.sendBatch({ topicMessages: [{ topic: site.names.lookups, messages }, { topic: site.names.checkpoints, messages }] })
    await producer.disconnect()
    await topics.admin.createPartitions({ topicPartitions: [{ topic: site.names.lookups, count: 3 }] })
    const { code, stdout } = await site.run()
    expect(code).toBe(1)
    expect(stdout).toContain(`  ${site.names.lookups}\n    partitions  is 3  should be 1  `)
    expect(stdout).toContain('  to mend:\n    partitions cannot be added to counts that exist. To have 3 of them:\n    1. make new ')
  })
})

describe('topics that are there and differ in what is recommended', () => {
  const site = new Site('recommended')
  beforeAll(() => site.create({ checkpoints: { config: { 'max.compaction.lag.ms': '900000' } }, deadLetters: { partitions: 2 } }))

  it('are told, and fit to run: the code is 0', async () => {
    const { code, stdout } = await site.run()
    expect(code).toBe(0)
    expect(stdout).toMatch(/^recommendations: [\s\S]*\n {4}max\.compaction\.lag\.ms {2}is 900000 [\s\S]*\n$/)
    expect(stdout).toMatch(/\nfit to run: no rule is broken; 1 recommendation\n$/)
  })

  it('are told with --check with code 1', async () => {
    const { code, stdout } = await site.run('--check')
    expect([code, stdout]).toEqual([1, (await site.run()).stdout])
  })
})

describe('topics without Kafka', () => {
  it('says so and ends with 1', async () => {
    const { code, stdout, stderr, millis } = await runCommand(['topics', '--kafka.brokers=127.0.0.1:1'])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^Kafka cannot be reached at 127\.0\.0\.1:1: .*ECONNREFUSED.*; is it running, and is --kafka\.brokers right\?$/m)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(millis).toBeLessThan(30_000)
  })

  it('does so within half a minute too where something takes the connection and says nothing', async () => {
    const silent: Server = createServer(() => {})
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0

    const { code, stderr, millis } = await runCommand(['topics', `--kafka.brokers=127.0.0.1:${port}`])
    silent.close()
    expect(code).toBe(1)
    expect(stderr).toContain(`Kafka cannot be reached at 127.0.0.1:${port}: `)
    expect(millis).toBeLessThan(30_000)
  })
})

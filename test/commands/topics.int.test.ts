import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { runCommand, type Ended } from './running.ts'
import { TopicSet } from './topic-set.ts'

const { brokers } = sharedBroker()
const prefix = uniquePrefix()
const topics = new TopicSet({ brokers, prefix })
const names = Object.values(topics.names)

beforeAll(() => topics.open())
afterAll(() => topics.close())

function run(...flags: string[]): Promise<Ended> {
  return runCommand(['topics', `--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${prefix}`, ...flags])
}

async function ours(): Promise<string[]> {
  return (await topics.admin.listTopics()).filter(topic => topic.startsWith(prefix)).toSorted()
}

describe('topics --check', () => {
  it('ends with 1 where topics are missing, names each, and makes none', async () => {
    const { code, stdout } = await run('--check')
    expect(code).toBe(1)
    for (const name of names) {
      expect(stdout).toContain(`${name}: topic is missing, should be there; to mend it: run \`discovery-metrics topics\``)
    }
    expect(await ours()).toEqual([])
  })
})

describe('topics', () => {
  it('makes those that are missing as the contract wants them, and ends with 0', async () => {
    const { code, stdout } = await run('--topics.partitions=3', '--topics.replication-factor=1')
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n').toSorted()).toEqual(
      [...names.map(name => `created ${name}: 3 partitions, 1 replicas`), 'all 5 topics are as they should be'].toSorted())
    const { topics: found } = await topics.admin.fetchTopicMetadata({ topics: names })
    const sizes = Object.fromEntries(found.map(({ name, partitions }) => [name, partitions.length]))
    expect(sizes).toEqual(Object.fromEntries(names.map(name => [name, 3])))
  })

  it('leaves alone those that are there, and ends with 0 again', async () => {
    await topics.values([{ value: Buffer.from('kept'), partition: 0 }])
    const { code, stdout } = await run('--topics.partitions=3')
    expect([code, stdout]).toEqual([0, 'all 5 topics are as they should be\n'])
    expect((await topics.admin.fetchTopicOffsets(topics.names.lookups)).map(({ high }) => Number(high)).reduce((a, b) => a + b)).toBe(1)
  })

  it('says what Kafka says where it refuses', async () => {
    const { code, stderr } = await run(`--kafka.checkpoint-topic=${prefix}other`, '--topics.replication-factor=99')
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`Kafka does not create the topics: ${prefix}other: .*[Rr]eplication`))
  })
})

describe('topics --check on topics that are there', () => {
  it('ends with 0 where nothing differs', async () => {
    const { code, stdout } = await run('--check', '--topics.partitions=3')
    expect([code, stdout]).toEqual([0, 'all 5 topics are as they should be\n'])
  })

  it('ends with 1 where the number of partitions differs, and changes nothing', async () => {
    const { code, stdout } = await run('--check', '--topics.partitions=4')
    expect(code).toBe(1)
    for (const name of names) expect(stdout).toContain(`${name}: partitions is 3, should be 4`)
    expect((await topics.admin.fetchTopicMetadata({ topics: names })).topics.every(({ partitions }) => partitions.length === 3)).toBe(true)
  })

  it('ends with 1 where a setting differs, says the command that mends it, and changes nothing', async () => {
    const name = topics.names.registrations
    const type = kafkajs.ConfigResourceTypes.TOPIC
    const configEntries = [{ name: 'message.timestamp.type', value: 'CreateTime' }, { name: 'max.message.bytes', value: '1048576' }]
    await topics.admin.alterConfigs({ validateOnly: false, resources: [{ type, name, configEntries }] })

    for (const flags of [['--check'], []]) {
      const { code, stdout } = await run(...flags, '--topics.partitions=3')
      expect(code).toBe(1)
      expect(stdout).toContain(`${name}: message.timestamp.type is CreateTime, should be LogAppendTime; to mend it: `
        + `kafka-configs --bootstrap-server … --alter --topic ${name} --add-config message.timestamp.type=LogAppendTime`)
    }
    const asked = [{ type, name, configNames: ['message.timestamp.type'] }]
    const { resources } = await topics.admin.describeConfigs({ includeSynonyms: false, resources: asked })
    expect(resources[0]?.configEntries[0]?.configValue).toBe('CreateTime')
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

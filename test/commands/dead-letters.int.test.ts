import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import kafkajs, { Kafka, logLevel, type Producer } from 'kafkajs'
import { INPUT_MAX_MESSAGE_BYTES } from '../../src/contract/topics.ts'
import { encodeBatch } from '../../src/kafka/batch-encoder.ts'
import { MAX_DECOMPRESSED_BYTES, registerCompression } from '../../src/kafka/compression.ts'
import { batchesOf } from '../../src/kafka/record-batch.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { Replica } from './replica.ts'
import { runCommand, type Ended } from './running.ts'
import { TopicSet } from './topic-set.ts'

const brokers = sharedBroker().brokers
const prefix = uniquePrefix()
const topics = new TopicSet({ brokers, prefix, partitions: 2 })
const topic = topics.names.lookups
const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
const producer: Producer = kafka.producer()
const flags = ['--checkpoint.interval=100ms', '--kafka.session-timeout=6s']
let replica: Replica

beforeAll(async () => {
  await Promise.all([topics.open(), producer.connect()])
  await topics.create()
  replica = await Replica.start({ brokers, prefix, flags })
  await replica.untilReady()
})

afterAll(async () => {
  await replica.stop('SIGKILL')
  await producer.disconnect()
  await topics.close()
})

function deadLetters(...args: string[]): Promise<Ended> {
  return runCommand(['dead-letters', ...args, `--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${prefix}`])
}

interface Listed {
  topic: string
  partition: number
  offset: number
  reason: string
  detail: string
  key: string | null
  value: string | null
  headers: [string, string | null][]
  cutFrom: number
  batchOf: number
}

async function listed(...args: string[]): Promise<Listed[]> {
  const { stdout } = await deadLetters('list', '--json', ...args)
  return stdout.split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Listed)
}

/** How many letters there are, by the ends of the topic's partitions. */
async function stored(): Promise<number> {
  return (await topics.admin.fetchTopicOffsets(topics.names.deadLetters)).reduce((sum, { high }) => sum + Number(high), 0)
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
const nameless = () => topics.lookup({ service: '', agentId: 'sdk/1', sequence: 7 }).value

/** A value as large as a record of the inputs can hold, whose batch their topic just takes. */
function largest(): Buffer {
  const overhead = encodeBatch([{ key: null, value: Buffer.alloc(INPUT_MAX_MESSAGE_BYTES - 100) }], 0).length - (INPUT_MAX_MESSAGE_BYTES - 100)
  return Buffer.alloc(INPUT_MAX_MESSAGE_BYTES - overhead - 2, 'x')
}

describe('what cannot be counted', () => {
  beforeAll(async () => {
    const headers = { trace: 'abc' }
    await producer.send({ topic, messages: [{ partition: 0, key: 'shop/cart', value: Buffer.from('nonsense'), headers }, { partition: 0, value: nameless() }] })
    for (const message of [{ value: largest() }, topics.lookup({ service: 'behind' })]) await producer.send({ topic, messages: [{ partition: 1, ...message }] })
    await until(async () => (await replica.sum('discovery_lookups_total', { service: 'behind' })) === 1, { message: 'what lies behind is shown' })
    await until(async () => (await stored()) === 3, { message: 'three letters' })
  })

  it('is a dead letter with its bytes, its key and its headers, and says where it came from and why', async () => {
    expect(await listed('--partition=0')).toMatchObject([
      { topic, partition: 0, offset: 0, reason: 'unknown_framing', key: base64('shop/cart'), value: base64('nonsense'), headers: [['trace', base64('abc')]], cutFrom: 0 },
      { topic, partition: 0, offset: 1, reason: 'empty_service', detail: 'service is empty', key: null, value: nameless().toString('base64'), headers: [] },
    ])
  })

  it('is whole where it fills a batch of its topic, and what lies behind is counted', async () => {
    const [letter] = await listed('--reason=too_large')
    expect([letter?.cutFrom, letter?.value === largest().toString('base64')]).toEqual([0, true])
  })

  it('is counted by topic and reason', async () => {
    const samples = await replica.samples()
    const counted = samples.filter(({ name, value }) => name === 'discovery_aggregator_dead_letters_total' && value > 0)
    expect(counted.map(({ labels, value }) => [labels['topic'], labels['reason'], value]))
      .toEqual([[topic, 'too_large', 1], [topic, 'unknown_framing', 1], [topic, 'empty_service', 1]])
    expect(samples.find(({ name, labels }) => name === 'discovery_aggregator_dead_letters_dropped_total' && labels['topic'] === topic)?.value).toBe(0)
  })

  it('is listed by what it is asked for, one a line, and counted', async () => {
    const { code, stdout } = await deadLetters('list', '--topic=lookups', '--since=1h', '--offset=0', '--partition=0')
    expect([code, stdout]).toEqual([0, expect.stringMatching(
      /^\d\/\d+ {2}2\S+Z {2}\S+lookups\.v1\/0@0 {2}unknown_framing {2}\d+ bytes {2}key shop\/cart {2}begins with 6e6f\n1 letter: 1 unknown_framing\n$/)])
    const none = await deadLetters('list', '--until=1h')
    expect([none.code, none.stdout]).toEqual([1, '0 letters\n'])
  })

  it('is shown byte by byte, with what would become of it today', async () => {
    const { stdout } = await deadLetters('show', '--reason=unknown_framing')
    expect(stdout).toContain('now      unknown_framing: begins with 6e6f')
    expect(stdout).toContain('header   trace: abc')
    expect(stdout).toMatch(/^ {4}000000 {2}6e 6f 6e 73 65 6e 73 65 +nonsense$/m)
  })

  it('is not replayed as long as it would be set aside again, unless it is forced', async () => {
    const refused = await deadLetters('replay', '--partition=0')
    expect([refused.code, refused.stdout]).toEqual([1, '0 records were sent again\n2 not: would be set aside again (--force sends it all the same)\n'])
    const dry = await deadLetters('replay', '--partition=0', '--force', '--dry-run')
    expect([dry.code, dry.stdout]).toEqual([0, '2 records would be sent again\n'])
    expect(await stored()).toBe(3)
    const forced = await deadLetters('replay', '--reason=unknown_framing', '--force')
    expect([forced.code, forced.stdout]).toEqual([0, '1 record was sent again\n'])
    const again = await until(async () => (await listed('--reason=unknown_framing'))[1], { message: 'it is a letter once more' })
    expect(again).toMatchObject({ partition: 0, offset: 2, value: base64('nonsense'), key: base64('shop/cart') })
    expect(again.headers.map(([name]) => name)).toEqual(['trace', 'discovery-replayed'])
  })

  it('says what is wrong with the question', async () => {
    const { code, stderr } = await deadLetters('burn', '--reason=ugly', '--since=yesterday')
    expect([code, stderr]).toEqual([2, expect.stringMatching(/--reason: must be one of[^]*--since: must be a duration/)])
  })
})

describe('a batch that comes to more than 128 MiB', () => {
  const count = 3

  beforeAll(async () => {
    registerCompression()
    const messages = Array.from({ length: count }, () => ({ partition: 0, value: Buffer.alloc(MAX_DECOMPRESSED_BYTES / count + 1) }))
    await producer.send({ topic, messages, compression: kafkajs.CompressionTypes.ZSTD })
    await producer.send({ topic, messages: [{ partition: 0, ...topics.lookup({ service: 'behind-the-bomb' }) }] })
    await until(async () => (await replica.sum('discovery_lookups_total', { service: 'behind-the-bomb' })) === 1, { message: 'what lies behind is shown' })
  })

  it('is one letter, and each of its records is counted', async () => {
    const [letter, ...others] = await listed('--reason=batch_too_large')
    expect(others).toEqual([])
    expect(letter).toMatchObject({ topic, partition: 0, batchOf: count, cutFrom: 0, key: null, headers: [] })
    expect(letter?.detail).toBe(`3 records from offset ${letter?.offset} on cannot be read: it comes to more than 134217728 bytes when it is decompressed`)
    expect(batchesOf(Buffer.from(letter?.value ?? '', 'base64'))).toMatchObject([{ baseOffset: letter?.offset, count }])
    expect(await replica.sum('discovery_aggregator_rejected_total', { reason: 'batch_too_large' })).toBe(count)
    expect(await replica.sum('discovery_agent_events_rejected_total', { reason: 'batch_too_large', kind: 'unknown' })).toBe(count)
  })

  it('is never replayed, since nobody can tell its records', async () => {
    const { code, stdout } = await deadLetters('replay', '--reason=batch_too_large', '--force')
    expect([code, stdout]).toEqual([1, '0 records were sent again\n1 not: a batch that nobody can read, so there is no record to send\n'])
  })

  it('is counted once by whoever takes over, and by who verifies', async () => {
    await replica.stop()
    replica = await Replica.start({ brokers, prefix, flags })
    await replica.untilReady()
    expect(await replica.sum('discovery_agent_events_rejected_total', { reason: 'batch_too_large' })).toBe(count)
    const { code, stdout } = await runCommand(['verify', `--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${prefix}`])
    expect([code, stdout.split('\n').at(-2)]).toEqual([0, 'all is as the input gives it, as far as the input is retained'])
  })
})

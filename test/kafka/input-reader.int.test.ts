import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Broker } from '../../broker/broker.ts'
import { findBroker } from '../../broker/find.ts'
import type { RecordBatch } from '../../src/aggregator/records.ts'
import { Availability } from '../../src/kafka/availability.ts'
import { TopicCluster } from '../../src/kafka/cluster.ts'
import { InputReader } from '../../src/kafka/input-reader.ts'
import { uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { javaProduce, prepareJava, type JavaBatch } from './java-producer.ts'
import { LogSite, numbered } from './log-site.ts'

let broker: Broker
let site: LogSite
const readings: Reading[] = []

/** A reader of one topic, and what it has handed over. */
class Reading {
  readonly reader: InputReader
  /** `partition: value`, in order. */
  readonly values: string[] = []
  readonly bounds: string[] = []
  readonly availability = new Availability(pino({ level: 'silent' }))
  /** Where the last stretch ended, by partition. */
  readonly next = new Map<number, number>()
  readonly #stop = new AbortController()
  readonly #done: Promise<void>

  constructor(topic: string) {
    this.reader = new InputReader({
      topics: [topic], availability: this.availability, log: pino({ level: 'silent' }), random: Math.random,
      open: (name, options) => TopicCluster.open(site.kafka, name, options),
    })
    this.#done = this.reader.run({
      ingest: async batch => this.#ingest(batch),
      noteBounds: all => { for (const { partition, low, high } of all) this.bounds.push(`${partition}: ${low} to ${high}`) },
    }, this.#stop.signal)
    readings.push(this)
  }

  stop(): Promise<void> {
    this.#stop.abort()
    return this.#done
  }

  #ingest({ partition, records, next, fetchedOffset }: RecordBatch): { folded: true } {
    if (fetchedOffset !== (this.next.get(partition) ?? fetchedOffset)) this.values.push(`${partition}: not where it was`)
    for (const { value } of records) this.values.push(`${partition}: ${String(value)}`)
    this.next.set(partition, next)
    return { folded: true }
  }
}

beforeAll(async () => {
  await prepareJava()
  broker = await findBroker({ env: { ...process.env, KAFKA_BROKERS: '', BROKER: '' } })
  site = new LogSite({ brokers: broker.brokers, prefix: uniquePrefix() })
  await site.open()
})
afterEach(async () => { await Promise.all(readings.splice(0).map(reading => reading.stop())) })
afterAll(() => broker.stop())

describe('inputs read from a real broker', () => {
  it('hold nothing of transactions that were aborted, however they interleave and are compressed', { timeout: 120_000 }, async () => {
    const topic = await site.topic('interleaved')
    const batch = (of: [transaction: string, end: JavaBatch['end'], compression: JavaBatch['compression']], number: number): JavaBatch => {
      const [transaction, end, compression] = of
      return { topic, end, transaction, compression, values: Array.from({ length: 5 }, (_, index) => Buffer.from(`${transaction}${number}${index}`)) }
    }
    await javaProduce(broker.brokers, [
      batch(['bad', 'open', 'none'], 0), batch(['good', 'open', 'zstd'], 0), batch(['worse', 'open', 'lz4'], 0), batch(['bad', 'open', 'none'], 1),
      batch(['none', 'plain', 'gzip'], 0), batch(['good', 'open', 'zstd'], 1), batch(['bad', 'abort', 'none'], 2), batch(['good', 'commit', 'zstd'], 2),
      batch(['worse', 'abort', 'lz4'], 1), batch(['last', 'commit', 'snappy'], 0),
    ])
    const reading = new Reading(topic)
    reading.reader.readFrom({ topic, partition: 0 }, 0)
    await until(() => reading.next.get(0) === 54, { message: 'all is read, markers too' })
    const fives = ['good0', 'none0', 'good1', 'good2', 'last0'].flatMap(name => Array.from({ length: 5 }, (_, index) => `0: ${name}${index}`))
    expect(reading.values).toEqual(fives)
  })

  it('go on where they were when the leader was killed and comes back', { timeout: 120_000 }, async () => {
    const topic = await site.topic('killed', { partitions: 2 })
    const append = async (first: number): Promise<void> => {
      const writer = site.writer(topic)
      for (const partition of [0, 1]) await until(() => writer.append(partition, numbered(10, first)).then(() => true), { timeoutMs: 40_000, message: 'it is written' })
    }
    const reading = new Reading(topic)
    for (const partition of [0, 1]) reading.reader.readFrom({ topic, partition }, 0)
    await append(0)
    await until(() => reading.values.length === 20, { message: 'the first are read' })
    await broker.kill()
    await until(() => reading.availability.reason !== null, { message: 'the outage is noticed' })
    await broker.start()
    await append(10)
    await until(() => reading.values.length >= 40, { timeoutMs: 30_000, message: 'the others are read' })
    expect(reading.values.toSorted()).toEqual([0, 1].flatMap(partition => numbered(20).map(({ value }) => `${partition}: ${String(value)}`)).toSorted())
    expect(reading.availability.reason).toBe(null)
  })

  it('whose topic was made anew are told by its bounds, partition by partition; what one is told to read of it is read', { timeout: 60_000 }, async () => {
    const topic = await site.topic('anew', { partitions: 2 })
    await site.writer(topic).append(0, numbered(10))
    const reading = new Reading(topic)
    for (const partition of [0, 1]) reading.reader.readFrom({ topic, partition }, 0)
    await until(() => reading.values.length === 10, { message: 'it is read' })
    await site.admin.deleteTopics({ topics: [topic] })
    await until(() => reading.availability.reason !== null, { message: 'the reader misses the topic' })
    await until(() => site.topic('anew', { partitions: 2 }).then(() => true), { message: 'the topic is made again' })
    await site.writer(topic).append(1, numbered(2))
    await site.writer(topic).append(0, numbered(1, 50))
    await until(() => reading.bounds.includes('0: 0 to 1') && reading.values.length === 12, { timeoutMs: 30_000, message: 'it is told, and the other partition read' })
    expect(reading.values.slice(10)).toEqual(['1: v0', '1: v1'])
    reading.next.delete(0)
    reading.reader.readFrom({ topic, partition: 0 }, 0)
    await until(() => reading.values.at(-1) === '0: v50', { message: 'it is read anew' })
  })

  it('whose earliest records are gone are told by the bounds, and read on behind them', async () => {
    const topic = await site.topic('trimmed')
    await site.writer(topic).append(0, numbered(10))
    await site.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '7' }] })
    const reading = new Reading(topic)
    reading.reader.readFrom({ topic, partition: 0 }, 2)
    await until(() => reading.values.length === 3, { message: 'the others are read' })
    expect([reading.bounds, reading.values]).toEqual([['0: 7 to 10'], ['0: v7', '0: v8', '0: v9']])
  })
})

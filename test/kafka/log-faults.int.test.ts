import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Broker } from '../../broker/broker.ts'
import { findBroker } from '../../broker/find.ts'
import type { CheckpointWriter } from '../../src/kafka/checkpoint-writer.ts'
import { TopicCluster } from '../../src/kafka/cluster.ts'
import { batchesOf } from '../../src/kafka/record-batch.ts'
import { uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { LogSite, numbered, told } from './log-site.ts'

const PARTITIONS = [0, 1]
let broker: Broker
let site: LogSite

beforeAll(async () => {
  broker = await findBroker({ env: { ...process.env, KAFKA_BROKERS: '', BROKER: '' } })
  site = new LogSite({ brokers: broker.brokers, prefix: uniquePrefix() })
  await site.open()
})

afterEach(() => broker.resume())
afterAll(() => broker.stop())

/** Appends to both partitions until it is acknowledged: an attempt that was given up before may stand in the log as well. */
async function append(writer: CheckpointWriter, first: number): Promise<void> {
  for (const partition of PARTITIONS) {
    await until(() => writer.append(partition, numbered(10, first)).then(() => true), { timeoutMs: 40_000, message: 'the batch is acknowledged' })
  }
}

/** All that stands in a topic, as a new reader finds it. */
async function standing(topic: string): Promise<string[]> {
  const reader = site.follow(topic)
  await reader.untilCaughtUp(PARTITIONS)
  await reader.stop()
  return reader.records.toSorted()
}

/** What was told of a partition, wherever it stands and however often. */
function valuesOf(records: readonly string[], partition: number): string[] {
  const values = records.filter(each => each.startsWith(`${partition}/`)).map(each => each.slice(each.lastIndexOf('/') + 1))
  return [...new Set(values)].toSorted()
}

/** The values of {@link numbered} records 0 to 19. */
const TWENTY = Array.from({ length: 20 }, (_, index) => `${index}=v${index}`).toSorted()

/** Long enough, if it is given a chance, for a connection to be found dead. */
const stallAfterMs = 1_500

describe('a reader', () => {
  it('goes on where it was when its broker was killed and comes back: nothing is lost or told twice', { timeout: 120_000 }, async () => {
    const topic = await site.topic('killed', { partitions: 2 })
    const writer = site.writer(topic)
    const reader = site.follow(topic)
    await append(writer, 0)
    await reader.untilTold(20)
    await broker.kill()
    await until(() => reader.failures.length > 1, { message: 'the reader misses its broker' })
    await broker.start()
    await append(writer, 10)
    const found = await standing(topic)
    await reader.untilTold(found.length)
    await reader.stop()
    expect(reader.records.toSorted()).toEqual(found)
    for (const partition of PARTITIONS) expect(valuesOf(reader.records, partition)).toEqual(TWENTY)
  })

  it('goes on when its broker stood still, and says that it stalled', { timeout: 120_000 }, async () => {
    const topic = await site.topic('paused', { partitions: 2 })
    const writer = site.writer(topic)
    const reader = site.follow(topic, { stallAfterMs })
    await append(writer, 0)
    await reader.untilTold(20)
    reader.failures.length = 0
    await broker.pause()
    await until(() => reader.failures.length >= 2, { message: 'the reader stalls, and cannot connect' })
    expect(reader.failures[0]).toMatchObject({ code: 'stalled' })
    await broker.resume()
    await append(writer, 10)
    const found = await standing(topic)
    await reader.untilTold(found.length)
    await reader.stop()
    expect(reader.records.toSorted()).toEqual(found)
    for (const partition of PARTITIONS) expect(valuesOf(reader.records, partition)).toEqual(TWENTY)
  })

  it('waits out a pause that is shorter, on the same connection', async () => {
    const topic = await site.topic('blinked', { partitions: 2 })
    const writer = site.writer(topic)
    const reader = site.follow(topic)
    await append(writer, 0)
    await reader.untilTold(20)
    const before = [reader.answers, reader.failures.length]
    await broker.pause()
    const appending = append(writer, 10)
    await broker.resume()
    await appending
    await reader.untilTold(40)
    await reader.stop()
    expect([reader.answers, reader.failures.length]).toEqual(before)
  })

  it('stops at once while its broker stands still, and leaves nothing behind', async () => {
    const topic = await site.topic('stopped', { partitions: 2 })
    const reader = site.follow(topic)
    await until(() => reader.answers === 1, { message: 'the reader reads' })
    const unconnected = site.follow(topic)
    await broker.pause()
    const stopped = Promise.all([reader.stop(), unconnected.stop()])
    const first = await Promise.race([stopped.then(() => 'stopped'), until(() => false, { timeoutMs: 5_000, message: 'never' }).catch(() => 'late')])
    await broker.resume()
    expect(first).toBe('stopped')
  })
})

describe('a writer', () => {
  it('gives an attempt up on a broker that stands still, and appends again once it goes on', { timeout: 90_000 }, async () => {
    const topic = await site.topic('hung', { partitions: 2 })
    const writer = site.writer(topic, { attemptMs: 1_000 })
    await writer.append(0, numbered(1))
    await broker.pause()
    await expect(writer.append(0, numbered(1, 1))).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('no answer within 1 s') as string })
    await expect(writer.append(1, numbered(1))).rejects.toMatchObject({ code: 'unreachable' })
    await broker.resume()
    await append(writer, 100)
    // The attempt that was given up may stand in the log, but the one that found no connection was never sent.
    const found = await standing(topic)
    expect(found.filter(each => each.startsWith('1/'))).toEqual(told(1, 10, 100).map((each, index) => each.replace(/^1\/\d+/, `1/${index}`)))
  })

  it('connects anew after its broker was killed and started', { timeout: 90_000 }, async () => {
    const topic = await site.topic('restarted', { partitions: 2 })
    const writer = site.writer(topic)
    await append(writer, 0)
    await broker.kill()
    await expect(writer.append(0, numbered(1, 10))).rejects.toMatchObject({ code: 'unreachable' })
    await broker.start()
    await append(writer, 10)
    const found = await standing(topic)
    for (const partition of PARTITIONS) expect(valuesOf(found, partition)).toEqual(TWENTY)
  })

  it('says that a batch is too large, and goes on with smaller ones on the same connection', async () => {
    const topic = await site.topic('large', { config: { 'max.message.bytes': '10000' } })
    const writer = site.writer(topic)
    const large = [{ key: 'a', value: Buffer.alloc(20_000) }]
    await expect(writer.append(0, large)).rejects.toMatchObject({ code: 'batch_too_large', message: expect.stringContaining('a checkpoint of 1 records') as string })
    await writer.append(0, numbered(2))
    const reader = site.follow(topic)
    await reader.untilTold(2)
    expect(reader.records).toEqual(told(0, 2))
    await reader.stop()
  })

  it('appends a call’s records as one batch, to partitions at the same time', async () => {
    const topic = await site.topic('batches', { partitions: 2 })
    const writer = site.writer(topic)
    await Promise.all([writer.append(0, numbered(700)), writer.append(1, numbered(3)), writer.append(1, numbered(4, 3))])
    const cluster = await TopicCluster.open(site.kafka, topic, { signal: new AbortController().signal, timeoutMs: 10_000, attempt: 0 })
    const [node = ''] = cluster.leaders().keys()
    const partitions = PARTITIONS.map(partition => ({ partition, offset: 0 }))
    const answer = await cluster.fetch(node, { partitions, maxWaitMs: 100, maxBytes: 1_000_000, maxBytesPerPartition: 1_000_000 }, 10_000)
    cluster.close()
    const sizes = answer.partitions.map(({ partition, records }) => [partition, batchesOf(records).map(({ baseOffset, next }) => next - baseOffset).toSorted((a, b) => a - b)])
    expect(Object.fromEntries(sizes)).toEqual({ 0: [700], 1: [3, 4] })
  })

  it('ends what is under way when it is disconnected', async () => {
    const topic = await site.topic('ended')
    const writer = site.writer(topic)
    await writer.connect()
    await broker.pause()
    const appending = writer.append(0, numbered(1))
    await writer.disconnect()
    await expect(appending).rejects.toMatchObject({ code: 'unreachable' })
    await broker.resume()
  })
})

import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { javaProduce, prepareJava } from './java-producer.ts'
import { LogSite, numbered, told } from './log-site.ts'

const { brokers } = sharedBroker()
const site = new LogSite({ brokers, prefix: uniquePrefix() })

beforeAll(() => site.open())
afterAll(() => site.close())

describe('a topic read without a group', () => {
  it('is told whole and in order, each partition to its end, an empty one too', async () => {
    const topic = await site.topic('several', { partitions: 3 })
    const writer = site.writer(topic)
    await writer.append(0, numbered(500))
    await writer.append(2, numbered(3))
    await writer.append(0, numbered(100, 500))

    const reader = site.follow(topic)
    await reader.untilCaughtUp([0, 1, 2])
    expect(reader.records.filter(each => each.startsWith('0/'))).toEqual(told(0, 600))
    expect(reader.records.filter(each => each.startsWith('2/'))).toEqual(told(2, 3))
    expect(reader.ends).toEqual(new Map([
      [0, { next: 600, high: 600, low: 0 }], [1, { next: 0, high: 0, low: 0 }], [2, { next: 3, high: 3, low: 0 }],
    ]))

    await writer.append(1, numbered(2))
    await reader.untilTold(605)
    expect(reader.records.slice(-2)).toEqual(told(1, 2))
    await reader.stop()
    expect(reader.failures).toEqual([])
  })

  it('comes with append time, headers and tombstones', async () => {
    const topic = await site.topic('fields')
    const began = Date.now()
    await site.writer(topic).append(0, [{ key: 'a', value: null, headers: { epoch: '7' } }, { key: 'ü', value: Buffer.from('v') }])
    const seen: unknown[] = []
    const reader = site.follow(topic, { take: ({ records }) => {
      for (const { key, value, headers, appendTime } of records) {
        seen.push([String(key), value?.toString(), headers.map(([name, text]) => `${name}=${String(text)}`), appendTime >= began - 1_000 && appendTime < Date.now() + 1_000])
      }
    } })
    await reader.untilTold(2)
    await reader.stop()
    expect(seen).toEqual([['a', undefined, ['epoch=7'], true], ['ü', 'v', [], true]])
  })

  it('waits for its taker with what comes next', async () => {
    const topic = await site.topic('pressure')
    const writer = site.writer(topic)
    await writer.append(0, numbered(1))
    const held = new AbortController()
    const mayGoOn = once(held.signal, 'abort')
    let taking = 0
    const reader = site.follow(topic, { take: async ({ records }) => {
      if (records.count === 0) return
      taking += 1
      await mayGoOn
    } })
    await until(() => taking === 1, { message: 'the first record is being taken' })
    await writer.append(0, numbered(1, 1))
    await writer.append(0, numbered(1, 2))
    expect([taking, reader.records]).toEqual([1, []])
    held.abort()
    await reader.untilTold(3)
    expect(reader.records).toEqual(told(0, 3))
    await reader.stop()
  })

  it('goes on over batches larger than it asks for, in each of its partitions', async () => {
    const topic = await site.topic('large', { partitions: 2 })
    const writer = site.writer(topic)
    const large = Array.from({ length: 5 }, (_, index) => ({ key: String(index), value: Buffer.alloc(60_000, 'x') }))
    for (const partition of [0, 1]) for (let count = 0; count < 3; count++) await writer.append(partition, large)
    const reader = site.follow(topic, { maxBytes: 20_000, maxBytesPerPartition: 1_000 })
    await reader.untilTold(30)
    expect(Object.fromEntries(reader.ends)).toMatchObject({ 0: { next: 15 }, 1: { next: 15 } })
    await reader.stop()
  })

  it('ends with what its taker throws', async () => {
    const topic = await site.topic('thrown')
    const reader = site.follow(topic, { take: () => { throw new RangeError('no room') } })
    await expect(reader.done).rejects.toThrow(new RangeError('no room'))
  })

  it('waits for a topic that is not there yet', async () => {
    const { topic } = { topic: `${uniquePrefix()}late` }
    const reader = site.follow(topic)
    await until(() => reader.failures.length > 0, { message: 'the reader fails' })
    const late = new LogSite({ brokers, prefix: topic.slice(0, -'late'.length) })
    await late.open()
    await late.topic('late')
    await late.writer(topic).append(0, numbered(1))
    await reader.untilTold(1)
    expect(reader.answers).toBe(1)
    await reader.stop()
    await late.close()
  })
})

describe('records that are gone', () => {
  it('are no loss to one that begins with the earliest', async () => {
    const topic = await site.topic('trimmed')
    await site.writer(topic).append(0, numbered(10))
    await site.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '4' }] })
    const reader = site.follow(topic)
    await reader.untilTold(6)
    expect([reader.records, reader.gaps, reader.ends.get(0)]).toEqual([told(0, 6, 4), [], { next: 10, high: 10, low: 4 }])
    await reader.stop()
  })

  it('are told as a gap to one that had not come so far', async () => {
    const topic = await site.topic('overtaken')
    await site.writer(topic).append(0, numbered(10))
    await site.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '7' }] })
    const reader = site.follow(topic, { from: new Map([[0, 2]]) })
    await reader.untilTold(3)
    expect([reader.records, reader.gaps]).toEqual([told(0, 3, 7), ['0: 2 to 7']])
    await reader.stop()
  })

  it('by compaction leave the others, and the end, to be read', { timeout: 90_000 }, async () => {
    const config = { 'cleanup.policy': 'compact', 'segment.ms': '100', 'min.cleanable.dirty.ratio': '0.01', 'max.compaction.lag.ms': '100', 'min.compaction.lag.ms': '0' }
    const topic = await site.topic('compacted', { config })
    const writer = site.writer(topic)
    const write = async (): Promise<void> => writer.append(0, numbered(20).map(({ value }, index) => ({ key: `k${index % 4}`, value })))
    for (let count = 0; count < 50; count++) await write()
    const compacted = async (): Promise<string[] | null> => {
      await writer.append(0, [{ key: 'roll', value: Buffer.from('v') }]) // a segment is compacted only once another follows
      const reader = site.follow(topic)
      await reader.untilCaughtUp([0])
      await reader.stop()
      expect(reader.ends.get(0)?.high).toBeGreaterThan(1_000)
      return reader.records.length < 100 ? reader.records : null
    }
    const left = await until(compacted, { timeoutMs: 60_000, intervalMs: 500, message: 'the log is compacted' })
    const offsets = left.map(each => Number(each.split('/')[1]))
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b))
    for (const [index, key] of ['k0', 'k1', 'k2', 'k3'].entries()) expect(left).toContain(`0/${996 + index}/${key}=v${16 + index}`)
  })
})

describe('transactions', () => {
  it('count if they were committed, and the log is read to its end behind their markers', { timeout: 120_000 }, async () => {
    await prepareJava()
    const topic = await site.topic('transactions')
    const batch = (end: 'plain' | 'commit' | 'abort', name: string, compression: 'none' | 'zstd' | 'snappy' = 'none') =>
      ({ topic, end, compression, values: [1, 2, 3].map(number => Buffer.from(`${name}${number}`)) })
    await javaProduce(brokers, [
      batch('abort', 'a'), batch('plain', 'b'), batch('commit', 'c', 'zstd'), batch('abort', 'd'), batch('abort', 'e', 'snappy'), batch('commit', 'f'), batch('abort', 'g'),
    ])
    const reader = site.follow(topic)
    await reader.untilCaughtUp([0])
    await reader.stop()
    expect(reader.records.map(each => each.split('=')[1])).toEqual(['b1', 'b2', 'b3', 'c1', 'c2', 'c3', 'f1', 'f2', 'f3'])
    expect(reader.ends.get(0)).toMatchObject({ next: 27, high: 27 })
  })
})

describe('a topic that was made anew', () => {
  it('and is shorter than what was read of it is an error that says so', async () => {
    const topic = await site.topic('anew', { partitions: 2 })
    await site.writer(topic).append(1, numbered(10))
    const reader = site.follow(topic)
    await reader.untilTold(10)
    await site.admin.deleteTopics({ topics: [topic] })
    await until(() => reader.failures.length > 0, { message: 'the reader misses the topic' })
    await until(() => site.topic('anew', { partitions: 2 }).then(() => true), { message: 'the topic is made again' })
    await site.writer(topic).append(1, numbered(2))
    await expect(reader.done).rejects.toMatchObject({
      code: 'log_truncated', message: expect.stringMatching(/partition 1 ends at offset [02], and had been read up to 10/) as string,
    })
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRanges, readRecord } from '../../src/kafka/log-range.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { LogSite, numbered } from './log-site.ts'

const site = new LogSite({ brokers: sharedBroker().brokers, prefix: uniquePrefix() })
let topic: string

beforeAll(async () => {
  await site.open()
  topic = await site.topic('ranges', { partitions: 2 })
  await site.writer(topic).append(0, numbered(50))
  await site.writer(topic).append(1, numbered(50))
  await site.admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: '20' }] })
})

afterAll(() => site.close())

async function offsetsOf(ranges: Record<number, [from: number, end: number]>): Promise<string[]> {
  const seen: string[] = []
  const gaps: string[] = []
  await readRanges({
    kafka: site.kafka, topic, random: Math.random, signal: new AbortController().signal,
    ranges: new Map(Object.entries(ranges).map(([partition, [from, end]]) => [Number(partition), { from, end }])),
    take: ({ partition, records }) => { seen.push(...Array.from(records, ({ offset }) => `${partition}/${offset}`)) },
    onGap: ({ partition, to }) => { gaps.push(`${partition} to ${to}`) },
    onFailure: error => { throw error },
  })
  return [...gaps, ...seen]
}

async function record(partition: number, offset: number): Promise<string | null> {
  const found = await readRecord({ kafka: site.kafka, topic, partition, offset, timeoutMs: 20_000, random: Math.random })
  return found === null ? null : `${found.offset} ${String(found.key)}=${String(found.value)}`
}

describe('parts of a topic', () => {
  it('are read from their first offset to before their end, each partition by itself', async () => {
    expect(await offsetsOf({ 0: [10, 13] })).toEqual(['0/10', '0/11', '0/12'])
    expect((await offsetsOf({ 0: [48, 50], 1: [20, 22] })).toSorted()).toEqual(['0/48', '0/49', '1/20', '1/21'])
  })

  it('may be empty', async () => {
    expect(await offsetsOf({ 0: [13, 13] })).toEqual([])
    expect(await offsetsOf({ 0: [13, 5] })).toEqual([])
  })

  it('that are gone end at once, and the gap is told', async () => {
    expect(await offsetsOf({ 1: [3, 10] })).toEqual(['1 to 20'])
    expect(await offsetsOf({ 1: [18, 21] })).toEqual(['1 to 20', '1/20'])
  })
})

describe('one record', () => {
  it('is the one at its offset, within a batch too', async () => {
    expect(await record(0, 0)).toBe('0 0=v0')
    expect(await record(0, 33)).toBe('33 33=v33')
    expect(await record(1, 20)).toBe('20 20=v20')
  })

  it('is none where it was deleted, or is not yet written', async () => {
    expect(await record(1, 19)).toBeNull()
    expect(await record(0, 50)).toBeNull()
    expect(await record(0, 5_000)).toBeNull()
  })

  it('is given up in time where no topic is', async () => {
    const reading = readRecord({ kafka: site.kafka, topic: `${topic}-not`, partition: 0, offset: 0, timeoutMs: 500, random: Math.random })
    await expect(reading).rejects.toMatchObject({ code: 'unreachable' })
  })
})

import { describe, expect, it } from 'vitest'
import type { Gap, SessionOptions } from '../../src/kafka/leader-loop.ts'
import { batchAt, FakeCluster, positionsAt, session } from './fake-log.ts'
import { encodeBatch } from './record-sets.ts'

const OUT_OF_RANGE = 1
const NOT_LEADER = 6
const NOT_AUTHORIZED = 29

const at = (partition: number, next: number, end = Infinity) => ({ partition, next, end })

describe('a connection to a leader', () => {
  it('advances over batches that compaction has emptied, whatever comes of other partitions', async () => {
    const cluster = new FakeCluster([0], async ([asked]) => [{ high: 60, records: asked?.offset === 0 ? await batchAt(0, 0, 49) : await batchAt(50, 10) }])
    expect(await session(cluster, positionsAt(at(0, 0, 60)))).toEqual({ told: ['0:  > 50 of 60', '0: 50 51 52 53 54 55 56 57 58 59 > 60 of 60'], error: null })
    expect(cluster.closed.aborted).toBe(true)
  })

  it('leaves out what the first batch has below its position, and what the last has above its end', async () => {
    const cluster = new FakeCluster([0], async () => [{ high: 10, records: await batchAt(0, 10) }])
    expect((await session(cluster, positionsAt(at(0, 3, 6)))).told).toEqual(['0: 3 4 5 > 6 of 10'])
  })

  it('takes an open transaction for the end', async () => {
    const cluster = new FakeCluster([0], async () => [{ high: 10, stable: 4, low: 2, records: await batchAt(2, 2) }])
    expect((await session(cluster, positionsAt(at(0, 2, 4)))).told).toEqual(['0: 2 3 > 4 of 4'])
  })

  it('fetches what comes next while a stretch is being taken, and tells it after', async () => {
    const cluster = new FakeCluster([0], async ([asked]) => [{ high: 6, records: await batchAt(asked?.offset ?? 0, 2) }])
    const askedBefore: number[] = []
    const { told } = await session(cluster, positionsAt(at(0, 0, 6)), { take: () => { askedBefore.push(cluster.asked.length) } })
    expect(askedBefore).toEqual([2, 3, 3])
    expect(told).toEqual(['0: 0 1 > 2 of 6', '0: 2 3 > 4 of 6', '0: 4 5 > 6 of 6'])
  })

  it('tells what came piece by piece, and no piece more once the position is another', async () => {
    const records = [{ key: null, value: Buffer.alloc(300_000) }]
    const batches = await Promise.all(Array.from({ length: 5 }, (_, firstOffset) => encodeBatch({ firstOffset, records })))
    const cluster = () => new FakeCluster([0], ([asked]) => [{ high: 5, records: Buffer.concat(batches.slice(asked?.offset)) }])
    const all = ['0: 0 > 1 of 5', '0: 1 > 2 of 5', '0: 2 > 3 of 5', '0: 3 > 4 of 5', '0: 4 > 5 of 5']
    expect((await session(cluster(), positionsAt(at(0, 0, 5)))).told).toEqual(all)
    const positions = positionsAt(at(0, 0, 5))
    const take: SessionOptions['take'] = ({ next }) => { if (next === 1) positions.readFrom(0, 4, { end: 5 }) }
    expect((await session(cluster(), positions, { take })).told).toEqual([all[0], all[4]])
  })

  it('puts each partition first in its turn: only there does a large batch come', async () => {
    const cluster = new FakeCluster([0, 1, 2], async ([first], count) => {
      if (count === 4) cluster.close()
      return [{ partition: first?.partition ?? 0, high: 100, records: await batchAt(first?.offset ?? 0, 1) }]
    })
    await session(cluster, positionsAt(at(0, 0), at(1, 0), at(2, 0)))
    expect(new Set(cluster.asked.slice(0, 3).map(([first]) => first?.partition)).size).toBe(3)
  })
})

describe('a partition’s error', () => {
  it('of a right that lacks ends the session, and is not taken for an answer: what failed before is not over', async () => {
    let answers = 0
    const cluster = new FakeCluster([0], () => [{ errorCode: NOT_AUTHORIZED, high: -1, low: -1 }])
    const { error } = await session(cluster, positionsAt(at(0, 0)), { onAnswer: () => { answers++ } })
    expect([answers, error]).toEqual([0, expect.objectContaining({ message: expect.stringContaining('TOPIC_AUTHORIZATION_FAILED') as string })])
  })

  it('of another leader ends the session, once what came of the others is told', async () => {
    const positions = positionsAt(at(0, 5), at(1, 0))
    const cluster = new FakeCluster([0, 1], async () => [{ partition: 0, errorCode: NOT_LEADER, high: -1, low: -1 }, { partition: 1, high: 2, records: await batchAt(0, 2) }])
    const { told, error } = await session(cluster, positions)
    expect(told).toEqual(['1: 0 1 > 2 of 2'])
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining('partition 0 cannot be fetched: NOT_LEADER_FOR_PARTITION') as string })
    expect(Array.from(positions, ({ next }) => next)).toEqual([5, 2])
    expect(cluster.closed.aborted).toBe(true)
  })

  it('of a range that is gone is a gap, and reading goes on behind it', async () => {
    const gaps: Gap[] = []
    const cluster = new FakeCluster([0], async ([asked], count) => {
      if (asked?.offset === 2) return [{ errorCode: OUT_OF_RANGE, high: -1, low: -1 }]
      return [{ high: 9, low: 7, records: count === 2 ? Buffer.alloc(0) : await batchAt(7, 2) }]
    })
    cluster.ends.set(0, { low: 7, high: 9 })
    const { told, error } = await session(cluster, positionsAt(at(0, 2, 9)), { onGap: gap => { gaps.push(gap) } })
    expect([gaps, told, error]).toEqual([[{ partition: 0, from: 2, to: 7 }], ['0:  > 7 of 9', '0: 7 8 > 9 of 9'], null])
  })

  it('of a position beyond the end is told with all that one needs to know', async () => {
    const cluster = new FakeCluster([0], () => [{ errorCode: OUT_OF_RANGE, high: -1, low: -1 }])
    cluster.ends.set(0, { low: 0, high: 3 })
    const { error } = await session(cluster, positionsAt(at(0, 12)))
    expect(error).toMatchObject({ code: 'log_truncated', message: expect.stringContaining('topic topic, partition 0 ends at offset 3, and had been read up to 12') as string })
  })

  it('of a range that is there after all is tried again', async () => {
    const cluster = new FakeCluster([0], async (_, count) => count === 1 ? [{ errorCode: OUT_OF_RANGE, high: -1, low: -1 }] : [{ high: 5, records: await batchAt(4, 1) }])
    cluster.ends.set(0, { low: 0, high: 5 })
    expect((await session(cluster, positionsAt(at(0, 4, 5)))).told).toEqual(['0: 4 > 5 of 5'])
  })

  it('of a partition that the topic has no more says so, once the others have been read for a while', async () => {
    const cluster = new FakeCluster([0], async ([asked]) => {
      await new Promise(resolve => setImmediate(resolve))
      return [{ high: 1_000_000, records: await batchAt(asked?.offset ?? 0, 1) }]
    })
    const { told, error } = await session(cluster, positionsAt(at(0, 0), at(3, 0)), { stallAfterMs: 20 })
    expect(told[0]).toBe('0: 0 > 1 of 1000000')
    expect(error).toMatchObject({ code: 'topic_refused', message: expect.stringContaining('has no partition 3') as string })
  })
})

describe('a stall', () => {
  it('is told of a partition that has more and gets nothing', async () => {
    const cluster = new FakeCluster([0], async () => {
      await new Promise(resolve => setImmediate(resolve))
      return [{ high: 5 }]
    })
    const { told, error } = await session(cluster, positionsAt(at(0, 2)), { stallAfterMs: 20 })
    expect(new Set(told)).toEqual(new Set(['0:  > 2 of 5']))
    expect(error).toMatchObject({ code: 'stalled', message: expect.stringContaining('partition 0 stands at offset 2 and goes on to 5') as string })
  })

  it('is none at the end of the log, nor of a taker that takes its time', async () => {
    let told = 0
    const cluster = new FakeCluster([0, 1], async ([first]) => {
      await new Promise(resolve => setImmediate(resolve))
      return [{ partition: 0, high: 2, records: Buffer.alloc(0) }, { partition: 1, high: 100, records: first === undefined ? Buffer.alloc(0) : await batchAt(first.offset, 1) }]
    })
    const slow = async (): Promise<void> => {
      const end = performance.now() + 30
      while (performance.now() < end) await new Promise(resolve => setImmediate(resolve))
      told += 1
      if (told > 6) cluster.close()
    }
    const { error } = await session(cluster, positionsAt(at(0, 2), at(1, 0)), { stallAfterMs: 20, take: slow })
    expect(error).toMatchObject({ message: 'closed' })
  })
})

describe('what cannot be taken', () => {
  it('ends the session, and its position stays', async () => {
    const positions = positionsAt(at(0, 0))
    const cluster = new FakeCluster([0], async () => [{ high: 2, records: await batchAt(0, 2) }])
    const { error } = await session(cluster, positions, { take: () => Promise.reject(new Error('full')) })
    expect(error).toEqual(new Error('full'))
    expect(Array.from(positions, ({ next }) => next)).toEqual([0])
  })

  it('because Kafka never wrote it is refused', async () => {
    const damaged = await batchAt(0, 2)
    damaged[16] = 1
    const { error } = await session(new FakeCluster([0], () => [{ high: 2, records: damaged }]), positionsAt(at(0, 0)))
    expect(error).toMatchObject({ code: 'bad_batch' })
  })
})

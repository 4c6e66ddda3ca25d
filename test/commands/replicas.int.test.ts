import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sample } from '../../demo/exposition.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { Replica, sumOf } from './replica.ts'
import { TopicSet } from './topic-set.ts'

const SERVICES = 40
const brokers = sharedBroker().brokers
const prefix = uniquePrefix()
const topics = new TopicSet({ brokers, prefix, partitions: 4 })
/** Shards that both replicas showed at the same time, at any look. */
const shownTwice = new Set<string>()
let first: Replica
let second: Replica
let sent = 0

beforeAll(async () => {
  await topics.open()
  await topics.create()
  await send()
  first = await Replica.start({ brokers, prefix })
  second = await Replica.start({ brokers, prefix })
})

afterAll(async () => {
  await Promise.all([first.stop('SIGKILL'), second.stop('SIGKILL')])
  await topics.close()
})

/** One look-up of each service, so that every partition has its part. */
async function send(): Promise<void> {
  await topics.lookups(Array.from({ length: SERVICES }, (_, index) => ({ service: `s-${index}` })))
  sent += SERVICES
}

/** The look-ups that each of the replicas shows now, and which shards. */
async function look(replicas: readonly Replica[]): Promise<{ counts: number[]; shards: string[][] }> {
  const pages: (readonly Sample[])[] = []
  for (const replica of replicas) pages.push(await replica.samples())
  const shards = pages.map(shardsOf)
  const [some = [], others = []] = shards
  if (replicas[0] !== undefined && some.some(shard => others.includes(shard))) {
    // It may have moved between the two looks: only what the first one shows still was shown twice.
    const still = shardsOf(await replicas[0].samples())
    for (const shard of some) if (others.includes(shard) && still.includes(shard)) shownTwice.add(shard)
  }
  return { counts: pages.map(page => sumOf(page, 'discovery_lookups_total')), shards }
}

function shardsOf(page: readonly Sample[]): string[] {
  return [...new Set(page.flatMap(({ labels: { shard } }) => (shard === undefined ? [] : [shard])))]
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

/** What the replicas show once all that was sent is shown, or more. */
function untilComplete(replicas: readonly Replica[]): ReturnType<typeof look> {
  return until(async () => {
    const found = await look(replicas)
    return total(found.counts) >= sent ? found : null
  }, { timeoutMs: 30_000, intervalMs: 100, message: `${sent} look-ups are shown` })
}

describe('two replicas of one group', () => {
  it('share the partitions: each shows a part, and together they show all, once', async () => {
    await Promise.all([first.untilReady(), second.untilReady()])
    const { counts, shards } = await until(async () => {
      const found = await untilComplete([first, second])
      return found.shards.every(part => part.length > 0) ? found : null
    }, { message: 'both have a part' })
    expect(total(counts)).toBe(sent)
    expect(shards.flat().toSorted()).toEqual(['lookups-0', 'lookups-1', 'lookups-2', 'lookups-3'])
    const owned = await Promise.all([first, second].map(replica => replica.sum('discovery_aggregator_owned_partitions')))
    expect(total(owned)).toBe(12)
  })

  it('one stopped for longer than its session shows nothing when it wakes, for the other has taken over', async () => {
    first.signal('SIGSTOP')
    await send()
    const { counts } = await untilComplete([second])
    expect(counts).toEqual([sent])
    const page = first.samples()
    first.signal('SIGCONT')
    expect(shardsOf(await page)).toEqual([])
  })

  it('that one joins again by itself, and the sums stay exact', async () => {
    const { counts } = await until(async () => {
      const found = await untilComplete([first, second])
      return found.shards.every(part => part.length > 0) ? found : null
    }, { timeoutMs: 30_000, message: 'both have a part again' })
    expect(total(counts)).toBe(sent)
  })

  it('one that gets SIGTERM ends with 0 within ten seconds, and the other has all', async () => {
    const { code, millis } = await first.stop()
    expect(code).toBe(0)
    expect(millis).toBeLessThan(10_000)
    await send()
    const { counts } = await untilComplete([second])
    expect(counts).toEqual([sent])
    await until(async () => (await second.sum('discovery_aggregator_owned_partitions')) === 12, { message: 'it owns all partitions' })
  })

  it('never show the same shard at the same time', () => {
    expect([...shownTwice]).toEqual([])
  })
})

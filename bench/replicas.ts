import { setTimeout as delay } from 'node:timers/promises'
import { topicNames } from '../src/contract/topics.ts'
import { produceBacklog } from './backlog.ts'
import type { Moment } from './inside.ts'
import { SMALL } from './lookups.ts'
import { scrape } from './page.ts'
import { ratios, spread } from './pairs.ts'
import { withRegistry } from './registry.ts'
import { Served } from './served.ts'
import { load, withSite, type Site } from './site.ts'
import type { Sizes } from './sizes.ts'

const COUNTS = [1, 2, 4] as const
const LOOK_EVERY_MS = 20

interface Together {
  recordsPerSecond: number
  cpuMicrosPerRecord: number
}

/**
 * The same backlog drained by one, two and four processes of one group that start together: from when each has read something until all of
 * it is shown. Ratios are against one process of the same round.
 */
export function replicasBenchmark({ backlog: records, rounds, framing }: Sizes): Promise<object> {
  return withSite(site => withRegistry(framing, async flags => {
    await site.create(site.topics)
    await produceBacklog(site.brokers, site.topics.lookups, { records, topology: SMALL, framing })
    const all: Together[][] = []
    for (let round = 0; round <= rounds; round++) {
      const drains: Together[] = []
      for (const count of COUNTS) drains.push(await drain(site, { name: `${site.topicPrefix}round-${round}-${count}`, count, records, flags }))
      console.error(JSON.stringify({ round, drains, load: load() }))
      if (round > 0) all.push(drains) // the first warms the broker
    }
    return { records, ...SMALL, framing, processes: COUNTS.map((processes, index) => ({ processes, ...summaryOf(all, index) })), load: load() }
  }))
}

function summaryOf(all: readonly (readonly Together[])[], index: number): object {
  const none: Together = { recordsPerSecond: Number.NaN, cpuMicrosPerRecord: Number.NaN }
  const pairs = all.map(drains => [drains[index] ?? none, drains[0] ?? none] as const)
  return {
    recordsPerSecond: spread(pairs.map(([each]) => each.recordsPerSecond)), cpuMicrosPerRecord: spread(pairs.map(([each]) => each.cpuMicrosPerRecord)),
    rateRatio: ratios(pairs.map(([each, one]) => [each.recordsPerSecond, one.recordsPerSecond])),
    cpuRatio: ratios(pairs.map(([each, one]) => [each.cpuMicrosPerRecord, one.cpuMicrosPerRecord])),
  }
}

interface Wanted {
  name: string
  count: number
  records: number
  flags: readonly string[]
}

async function drain({ brokers, topicPrefix, create }: Site, { name, count, records, flags }: Wanted): Promise<Together> {
  await create(topicNames(topicPrefix, name))
  const options = { brokers, topicPrefix, flags: [`--kafka.group-id=${name}`, `--kafka.checkpoint-topic=${name}`, ...flags] }
  const replicas = await Promise.all(Array.from({ length: count }, () => Served.start(options)))
  const look = (): Promise<Moment[]> => Promise.all(replicas.map(replica => replica.now()))
  const begun = await until(look, moments => moments.every(moment => moment.records > 0))
  await until(look, moments => sum(moments, 'records') >= records)
  await until(() => Promise.all(replicas.map(({ url }) => scrape(url))), pages => pages.reduce((all, page) => all + (page?.lookups ?? 0), 0) === records)
  const ended = await look()
  await Promise.all(replicas.map(replica => replica.stop()))
  const drained = records - sum(begun, 'records')
  if (drained < records / 2) throw new Error(`too few records (${drained}) were left when all of ${count} had begun: ask for a larger --backlog`)
  const seconds = ((ended[0]?.at ?? 0) - (begun[0]?.at ?? 0)) / 1_000
  return { recordsPerSecond: drained / seconds, cpuMicrosPerRecord: (sum(ended, 'cpu') - sum(begun, 'cpu')) * 1_000 / drained }
}

function sum(moments: readonly Moment[], name: 'records' | 'cpu'): number {
  return moments.reduce((all, moment) => all + moment[name], 0)
}

async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look()
    if (isSo(seen)) return seen
    await delay(LOOK_EVERY_MS)
  }
}

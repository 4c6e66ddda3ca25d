import { topicNames } from '../src/contract/topics.ts'
import { produceBacklog } from './backlog.ts'
import { drainByServe, type Drained } from './draining.ts'
import { SMALL } from './lookups.ts'
import { ratios, spread } from './pairs.ts'
import { withRegistry } from './registry.ts'
import { load, withSite, type Site } from './site.ts'
import type { Sizes } from './sizes.ts'

const EDGES = [300, 3_000, 30_000, 300_000] as const
const EDGES_PER_SERVICE = 15

/**
 * The same number of look-ups drained, over ever more edges (15 to a service). Ratios are against the fewest edges of the same round. With
 * fewer than four look-ups for each edge, edges are still being made while the clock runs.
 */
export function cardinalityBenchmark({ backlog: records, rounds, framing }: Sizes): Promise<object> {
  return withSite(site => withRegistry(framing, async flags => {
    const sites: Site[] = []
    for (const edges of EDGES) {
      const topicPrefix = `${site.topicPrefix}${edges}.`
      const topics = topicNames(topicPrefix)
      await site.create(topics)
      await produceBacklog(site.brokers, topics.lookups, { records, framing, topology: { ...SMALL, edges, services: edges / EDGES_PER_SERVICE } })
      sites.push({ ...site, topicPrefix, topics })
    }
    const all: Drained[][] = []
    for (let round = 0; round < rounds; round++) {
      const drains: Drained[] = []
      for (const each of sites) drains.push(await drainByServe(each, { records, flags }))
      console.error(JSON.stringify({ round, drains, load: load() }))
      all.push(drains)
    }
    const of = (index: number) => all.map(drains => drains[index]?.cpuMicrosPerRecord ?? Number.NaN)
    const cases = EDGES.map((edges, index) => ({
      edges, recordsPerSecond: spread(all.map(drains => drains[index]?.recordsPerSecond ?? Number.NaN)), cpuMicrosPerRecord: spread(of(index)),
      cpuRatio: ratios(of(index).map((each, round) => [each, of(0)[round] ?? Number.NaN])),
    }))
    return { records, framing, cases, load: load() }
  }))
}

import { freshServe, untilShown } from './draining.ts'
import { scrape, seriesOn, sumOn } from './page.ts'
import { rounded } from './pairs.ts'
import { withRegistry } from './registry.ts'
import { load, withSite } from './site.ts'
import { SteadyProducer } from './steady.ts'
import type { Sizes } from './sizes.ts'

const SECONDS = 60
const MEBIBYTE = 1_048_576
const EDGES = 'discovery_service_graph_request_total'

/**
 * Look-ups of 1,000 services in a minute, each by a client of another name, within the default budgets: one replica, its event loop, and what it
 * holds afterwards. `exact`: look-ups by service and by edge both come to what was sent.
 */
export function floodBenchmark({ clients, framing }: Sizes): Promise<object> {
  return withSite(site => withRegistry(framing, async flags => {
    await site.create(site.topics)
    const topology = { services: 1_000, edges: clients, agents: 100, use: 'even' } as const
    const producer = await SteadyProducer.start({
      brokers: site.brokers, topic: site.topics.lookups, topology, framing, rate: Math.ceil(clients / SECONDS), seconds: SECONDS, different: clients,
    })
    const served = await freshServe(site, { flags, policy: '' })
    await served.ready()
    const before = await served.now('reset')
    const { made } = await producer.run()
    const [sent = 0, sentAt = 0] = made.at(-1) ?? []
    const shownAt = await untilShown(served, sent)
    const after = await served.now('collect')
    const page = await scrape(served.url)
    await served.stop()
    if (page === null) throw new Error('there is no page')
    const overflowed = sumOn(page.bytes, 'discovery_cardinality_overflow_total', `family="${EDGES}"`)
    return {
      clients, sent, exact: page.lookups === sent && sumOn(page.bytes, EDGES) === sent, overflowed, series: seriesOn(page),
      refused: sumOn(page.bytes, 'discovery_cardinality_refused', `family="${EDGES}"`), behindSeconds: rounded((shownAt - sentAt) / 1_000),
      cpuMicrosPerRecord: rounded((after.cpu - before.cpu) * 1_000 / sent), longestBlockMillis: rounded(after.longestBlock),
      peakMebibytes: Math.round(after.peakMemory / MEBIBYTE), residentMebibytes: Math.round(after.resident / MEBIBYTE),
      heldMebibytes: Math.round(after.held / MEBIBYTE), load: load(),
    }
  }))
}

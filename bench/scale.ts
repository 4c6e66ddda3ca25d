import { setTimeout as delay } from 'node:timers/promises'
import { freshServe } from './draining.ts'
import { lagOf, type Seen } from './lag.ts'
import { LARGE, SMALL, type Topology } from './lookups.ts'
import { compressedPage, seriesOnCompressed } from './page.ts'
import { rounded } from './pairs.ts'
import { withRegistry } from './registry.ts'
import type { Moment } from './inside.ts'
import type { Served } from './served.ts'
import { produceSurroundings } from './surroundings.ts'
import { load, withSite, type Site } from './site.ts'
import { SteadyProducer } from './steady.ts'
import type { Sizes } from './sizes.ts'

const INSTANCES_PER_SERVICE = 5
const LOOK_EVERY_MS = 100
/** As Prometheus is mostly set up. */
const SCRAPE_EVERY_MS = 15_000
const WARM_UP_SECONDS = 10
const SMALL_SECONDS = 30
const SETTLED_MS = 3_000
/** Of the time, without scrapes. */
const UNSCRAPED = 1 / 3
const MEBIBYTE = 1_048_576
/** The first comes once, in the warm-up; the others are sent again and again. */
const DIFFERENT_PER_EDGE = 3

interface Case {
  topology: Topology
  rate: number
  seconds: number
  flags: readonly string[]
  framing: Sizes['framing']
}

/**
 * A large cluster under steady traffic against a small one at the same rate for a shorter time: for a third of the time nobody asks for
 * pages, so that the cost of an event is just that; then it is scraped every 15 s. The lag is from when a look-up is made until it is read.
 */
export function scaleBenchmark({ rate, scaleSeconds, shrink, framing }: Sizes): Promise<object> {
  const topology: Topology = { ...LARGE, services: LARGE.services / shrink, edges: LARGE.edges / shrink, agents: LARGE.agents / shrink }
  const common = { rate, framing }
  return withRegistry(framing, async flags => {
    const small = await withSite(site => measure(site, { ...common, flags, topology: SMALL, seconds: Math.min(SMALL_SECONDS, scaleSeconds) }))
    console.error(JSON.stringify({ small, load: load() }))
    const large = await withSite(site => measure(site, { ...common, flags, topology, seconds: scaleSeconds }))
    const cpuRatio = rounded(large.cpuMicrosPerRecord / small.cpuMicrosPerRecord)
    return { ...topology, instances: instancesOf(topology), rate, seconds: scaleSeconds, large, small, cpuRatio, load: load() }
  })
}

function instancesOf({ services }: Topology): number {
  return services * INSTANCES_PER_SERVICE
}

async function measure(site: Site, { topology, rate, seconds, flags, framing }: Case) {
  await site.create(site.topics)
  await produceSurroundings(site, { services: topology.services, instances: instancesOf(topology), agents: topology.agents })
  const producer = await SteadyProducer.start({
    brokers: site.brokers, topic: site.topics.lookups, topology, framing, rate, seconds: seconds + WARM_UP_SECONDS, different: DIFFERENT_PER_EDGE * topology.edges, once: topology.edges,
  })
  const served = await freshServe(site, { flags })
  await served.ready()
  const before = await settled(served)
  const sending = producer.run()
  await delay(WARM_UP_SECONDS * 1_000)
  const begun = await served.now('reset')
  const ended = new AbortController()
  const seeing = seeUntil(served, { before, signal: ended.signal })
  await delay(seconds * UNSCRAPED * 1_000)
  const scraped = await served.now()
  const scraping = scrapeUntil(served, ended.signal)
  const { made, latest, cpuMillisPerThousand } = await sending
  const after = await served.now()
  await delay(SETTLED_MS)
  ended.abort()
  const [seen, scrapes] = [await seeing, await scraping]
  await served.stop()
  return {
    lagSeconds: lagOf(made, seen, rate * WARM_UP_SECONDS), ...scrapes,
    longestBlockMillis: rounded(after.longestBlock),
    cpuMicrosPerRecord: cpuPerRecord(begun, scraped), cpuMicrosPerRecordScraped: cpuPerRecord(scraped, after),
    coresUsed: rounded((after.cpu - begun.cpu) / (after.at - begun.at)),
    residentMebibytes: Math.round(after.resident / MEBIBYTE), peakMebibytes: Math.round(after.peakMemory / MEBIBYTE),
    producer: { latestMillis: rounded(latest), cpuMicrosPerRecord: rounded(cpuMillisPerThousand) },
  }
}

/** Processor time in microseconds for each record that was read between two moments. */
function cpuPerRecord(from: Moment, to: Moment): number {
  return rounded((to.cpu - from.cpu) * 1_000 / (to.records - from.records))
}

/** Resolves once all that there was is read, to how many records those are. */
async function settled(served: Served): Promise<number> {
  for (let last = -1; ;) {
    const { records } = await served.now()
    if (records === last) return records
    last = records
    await delay(SETTLED_MS)
  }
}

async function seeUntil(served: Served, { before, signal }: { before: number; signal: AbortSignal }): Promise<Seen[]> {
  const seen: Seen[] = []
  while (!signal.aborted) {
    const { records, at } = await served.now()
    seen.push({ count: records - before, at })
    await delay(LOOK_EVERY_MS)
  }
  return seen
}

async function scrapeUntil({ url }: Served, signal: AbortSignal): Promise<{ series: number; scrapeSeconds: number; scrapes: number }> {
  const result = { scrapeSeconds: 0, scrapes: 0 }
  let page: Buffer | null = null
  while (!signal.aborted) {
    const began = performance.now()
    page = await compressedPage(url)
    result.scrapeSeconds = Math.max(result.scrapeSeconds, rounded((performance.now() - began) / 1_000))
    result.scrapes++
    await delay(SCRAPE_EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
  return { ...result, series: page === null ? 0 : seriesOnCompressed(page) }
}

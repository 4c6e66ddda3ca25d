import { setTimeout as delay } from 'node:timers/promises'
import { freshServe } from './draining.ts'
import { lagOf, type Seen } from './lag.ts'
import { SMALL } from './lookups.ts'
import { scrape } from './page.ts'
import { rounded } from './pairs.ts'
import { withRegistry } from './registry.ts'
import type { Served } from './served.ts'
import { load, withSite } from './site.ts'
import { SteadyProducer } from './steady.ts'
import type { Sizes } from './sizes.ts'

const LOOK_EVERY_MS = 100
/** Left out: joining the group, and code that is not compiled yet. */
const WARM_UP_SECONDS = 5
const TAIL_MS = 5_000

/** From when a look-up is made until a scraper that asks every 100 ms, as Prometheus asks, first gets a page with as many look-ups. Seconds. */
export function freshnessBenchmark({ rate, freshSeconds, framing }: Sizes): Promise<object> {
  return withSite(site => withRegistry(framing, async flags => {
    await site.create(site.topics)
    const producer = await SteadyProducer.start({
      brokers: site.brokers, topic: site.topics.lookups, topology: SMALL, framing, rate, seconds: freshSeconds + WARM_UP_SECONDS, different: 60_000,
    })
    const served = await freshServe(site, { flags })
    await served.ready()
    const ended = new AbortController()
    const seeing = seeUntil(served, ended.signal)
    const before = await served.now('reset')
    const { made, latest, cpuMillisPerThousand } = await producer.run()
    const after = await served.now()
    await delay(TAIL_MS)
    ended.abort()
    const { upTo, ...seconds } = lagOf(made, await seeing, rate * WARM_UP_SECONDS)
    await served.stop()
    return {
      ...SMALL, rate, seconds: freshSeconds, seenSeconds: seconds, notSeen: (made.at(-1)?.[0] ?? 0) - upTo,
      cpuMicrosPerRecord: rounded((after.cpu - before.cpu) * 1_000 / (after.records - before.records)), longestBlockMillis: rounded(after.longestBlock),
      producer: { latestMillis: rounded(latest), cpuMicrosPerRecord: rounded(cpuMillisPerThousand) }, load: load(),
    }
  }))
}

async function seeUntil(served: Served, signal: AbortSignal): Promise<Seen[]> {
  const seen: Seen[] = []
  for (let due = Date.now(); !signal.aborted; due = Math.max(due + LOOK_EVERY_MS, Date.now())) {
    await delay(Math.max(0, due - Date.now()))
    const page = await scrape(served.url, 'gzip')
    if (page !== null) seen.push({ count: page.lookups, at: page.at })
  }
  return seen
}

import { setTimeout as delay } from 'node:timers/promises'
import { topicNames } from '../src/contract/topics.ts'
import { untilShown } from './draining.ts'
import { withSeries } from './million.ts'
import { compressedPage, seriesOnCompressed } from './page.ts'
import { rounded } from './pairs.ts'
import { withRegistry } from './registry.ts'
import { Served } from './served.ts'
import { load } from './site.ts'
import { SteadyProducer, type Steady } from './steady.ts'
import type { Sizes } from './sizes.ts'

const SCRAPES = 5
const CHECKPOINT_SECONDS = 10
const CHANGES_PER_SECOND = 20_000
const PAUSE_MS = 1_000

/** The longest time for which the event loop did not turn, in milliseconds, in each phase apart; one replica with all of the series. */
export function loopBenchmark(sizes: Sizes): Promise<object> {
  const { framing } = sizes
  return withRegistry(framing, flags => withSeries(sizes, async (site, { topology, records }) => {
    const group = `${site.topicPrefix}loop`
    await site.create(topicNames(site.topicPrefix, group))
    const start = () => Served.start({ ...site, flags: [`--kafka.group-id=${group}`, `--kafka.checkpoint-topic=${group}`, ...flags] })
    const steady: Steady = {
      brokers: site.brokers, topic: site.topics.lookups, topology, framing, rate: CHANGES_PER_SECOND, seconds: CHECKPOINT_SECONDS,
      before: records, different: Math.min(CHANGES_PER_SECOND * CHECKPOINT_SECONDS, topology.edges),
    }
    const { total, ...blocks } = await phasesOf(await start(), { records, steady })
    const restarted = await start()
    await restarted.ready()
    const restore = rounded((await restarted.now()).longestBlock)
    await untilShown(restarted, total)
    await restarted.stop()
    return { ...topology, ...blocks, restoreMillis: restore, load: load() }
  }))
}

interface Phases {
  total: number
  series: number
  drainMillis: number
  checkpointMillis: number
  scrapeMillis: number
  scrapeSeconds: number
}

async function phasesOf(served: Served, { records, steady }: { records: number; steady: Steady }): Promise<Phases> {
  await untilRead(served, records)
  const drain = await served.now('reset')
  await untilShown(served, records)
  const producer = await SteadyProducer.start(steady)
  await delay(PAUSE_MS)
  await served.now('reset')
  const { made } = await producer.run()
  await delay(PAUSE_MS)
  const checkpoint = await served.now('reset')
  const total = records + (made.at(-1)?.[0] ?? 0)
  await untilShown(served, total)
  await delay(PAUSE_MS)
  await served.now('reset')
  let seconds = 0
  let page: Buffer = Buffer.alloc(0)
  for (let count = 0; count < SCRAPES; count++) {
    const began = performance.now()
    page = await compressedPage(served.url)
    seconds = Math.max(seconds, (performance.now() - began) / 1_000)
  }
  const scraped = await served.now('reset')
  await served.stop()
  return {
    total, series: seriesOnCompressed(page), drainMillis: rounded(drain.longestBlock), checkpointMillis: rounded(checkpoint.longestBlock),
    scrapeMillis: rounded(scraped.longestBlock), scrapeSeconds: rounded(seconds),
  }
}

/** Without asking for pages, which are a phase of their own. */
async function untilRead(served: Served, records: number): Promise<void> {
  while ((await served.now()).records < records) await delay(PAUSE_MS / 10)
  await delay(2 * PAUSE_MS) // so that the last of it is written
}

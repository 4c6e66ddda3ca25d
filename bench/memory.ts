import { setTimeout as delay } from 'node:timers/promises'
import { topicNames } from '../src/contract/topics.ts'
import { untilShown } from './draining.ts'
import { withSeries } from './million.ts'
import { scrape, seriesOn } from './page.ts'
import { rounded } from './pairs.ts'
import { withRegistry } from './registry.ts'
import { Served } from './served.ts'
import { load } from './site.ts'
import type { Sizes } from './sizes.ts'

const MEBIBYTE = 1_048_576
const REST_MS = 150_000

/**
 * One replica that owns all partitions, with its own copy of its cells and the view: what it holds when it has just folded the events, two and a
 * half minutes later, and after a restart from the checkpoints. Garbage is collected first; `held` is the heap and what is outside of it, without code and the like.
 */
export function memoryBenchmark(sizes: Sizes): Promise<object> {
  return withRegistry(sizes.framing, flags => withSeries(sizes, async ({ brokers, topicPrefix, create }, { topology, records }) => {
    const group = `${topicPrefix}memory`
    await create(topicNames(topicPrefix, group))
    const start = () => Served.start({ brokers, topicPrefix, flags: [`--kafka.group-id=${group}`, `--kafka.checkpoint-topic=${group}`, ...flags] })
    const empty = await emptyOf(start)
    const served = await start()
    const folded = await heldBy(served, { records, empty })
    await delay(REST_MS)
    const rested = await heldBy(served, { records, empty })
    await served.stop()
    const again = await start()
    const restored = await heldBy(again, { records, empty })
    await again.stop()
    return { ...topology, records, emptyMebibytes: Math.round(empty / MEBIBYTE), folded, rested, restored, load: load() }
  }))
}

/** What a replica holds before it has read anything, in bytes. */
async function emptyOf(start: () => Promise<Served>): Promise<number> {
  const served = await start()
  const { held } = await served.now('collect')
  await served.stop()
  return held
}

async function heldBy(served: Served, { records, empty }: { records: number; empty: number }): Promise<object> {
  await untilShown(served, records)
  await served.ready()
  const { resident, held, peakMemory } = await served.now('collect')
  const page = await scrape(served.url)
  const series = page === null ? Number.NaN : seriesOn(page)
  const scraped = await served.now('collect')
  return {
    series, residentMebibytes: Math.round(resident / MEBIBYTE), peakMebibytes: Math.round(peakMemory / MEBIBYTE),
    heldMebibytes: Math.round(held / MEBIBYTE), heldBytesPerSeries: rounded((held - empty) / series),
    scrapedResidentMebibytes: Math.round(scraped.resident / MEBIBYTE), pageMebibytes: Math.round((page?.bytes.length ?? 0) / MEBIBYTE),
  }
}

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Registry } from 'prom-client'
import type { VisibleShard } from '../views/shard.ts'
import { FoldCollector, type Collected } from './collector.ts'
import { showShards } from './fold-family.ts'
import { foldFamilyText } from './fold-text.ts'
import { metricText } from './metric-text.ts'
import type { Format } from './text.ts'

/** In characters. What is written between two turns of the event loop takes about a millisecond. */
const CHUNK_LENGTH = 65_536

export interface PageSource {
  registry: Registry
  shards: Iterable<VisibleShard>
  format: Format
}

/**
 * A whole page of a registry, in chunks of about 64 KiB and in the order of registration: what `registry.metrics()` says, without its
 * arrays and its blocking, for the event loop turns between two chunks. A cell that is folded into meanwhile shows its newer value; a cell
 * must not be deleted and made again meanwhile, or it would be shown twice. Throws what a metric throws: then the page is not whole.
 */
export async function* writeExposition({ registry, shards, format }: PageSource): AsyncGenerator<string, void, undefined> {
  const shown = showShards(shards)
  let chunk = ''
  const metrics: unknown[] = registry.getMetricsAsArray()
  for (const metric of metrics) {
    for (const text of metric instanceof FoldCollector ? foldFamilyText(metric.family, shown, format) : [await ownText(metric, format)]) {
      chunk += text
      if (chunk.length < CHUNK_LENGTH) continue
      yield chunk
      chunk = ''
      await nextTurn()
    }
  }
  yield format === 'openmetrics' ? `${chunk}# EOF\n` : chunk
}

async function ownText(metric: unknown, format: Format): Promise<string> {
  // prom-client's declarations leave `get` out here.
  return metricText(await (metric as { get: () => Promise<Collected> }).get(), format)
}

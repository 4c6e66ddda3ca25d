import type { Registry } from 'prom-client'
import { createOwnMetrics } from '../../src/prometheus/own-metrics.ts'
import { renderPage } from '../../src/prometheus/exposition.ts'
import { createRegistry } from '../../src/prometheus/registry.ts'
import type { Format } from '../../src/prometheus/text.ts'
import type { VisibleShard } from '../../src/views/shard.ts'

/** When a page is made, in milliseconds since the epoch. */
export const NOW = Date.UTC(2026, 0, 1, 13)

/** One of each kind. */
const findingCounts = {
  cycle: 1, unregistered_lookup: 1, unused_registration: 1, single_point_of_failure: 1, cache_bypass: 1, stale_answers: 1,
}

/** A registry as a replica has it, with every own metric moved once. */
export function registryOf(shards: readonly VisibleShard[]): Registry {
  const registry = createRegistry({ shards: () => shards, findings: () => findingCounts })
  const telemetry = createOwnMetrics(registry, { version: '1.2.3', now: () => NOW })
  telemetry.owned('lookups', 2)
  const partition = { topic: 'lookups', partition: 1 }
  telemetry.lag(partition, 17, NOW - 2_000)
  telemetry.takenOver(partition, 0.3)
  telemetry.checkpointed({ ...partition, records: 5, bytes: 600, seconds: 0.01 })
  telemetry.checkpointFailed('lookups')
  telemetry.superseded('lookups')
  telemetry.digestMismatch(partition)
  telemetry.inputMismatch(partition)
  telemetry.unreadable()
  telemetry.restored(900, 0.7)
  telemetry.batchFolded({ topic: 'lookups', records: 3, bytes: 420, forgottenAgents: 0, seconds: 0.002 })
  telemetry.rejected('lookups', 'malformed')
  telemetry.lost('lookups', 4)
  telemetry.rebalanced()
  telemetry.crashed()
  telemetry.scraped('replica', 0.02)
  telemetry.scrapeFailed('replica')
  telemetry.streamCut()
  return registry
}

/** A whole page. */
export async function pageOf(registry: Registry, shards: readonly VisibleShard[], format: Format = 'text'): Promise<string> {
  return Buffer.concat(await renderPage({ registry, shards, format, turn: async () => {} })).toString()
}

export async function wholeOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const whole: Uint8Array[] = []
  for await (const chunk of chunks) whole.push(chunk)
  return Buffer.concat(whole).toString()
}

/** The lines of a page that begin with a family's name, its metadata too. */
export function familyLines(page: string, family: string): string[] {
  return page.split('\n').filter(line => line.replace(/^# (HELP|TYPE|UNIT) /, '').startsWith(family))
}

import { collectDefaultMetrics, Registry, type Metric } from 'prom-client'
import type { VisibleShard } from '../views/shard.ts'
import { FoldCollector } from './collector.ts'
import { FindingsCollector, type FindingCounts } from './findings-family.ts'
import { foldFamilies } from './fold-family.ts'

/** Gauges that prom-client names like counters; promtool refuses them, and their parts by type say more. */
const misnamed = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total']

/**
 * A registry of its own, with every family of the fold and with what Node says of this process. `shards`: whose state `metrics()` shows,
 * asked at each scrape; `findings`: how many there are. Node's metrics hold a GC observer for as long as the process lives.
 */
export function createRegistry(
  { shards, findings = () => null }: { shards: () => Iterable<VisibleShard>; findings?: FindingCounts },
): Registry {
  const registry = new Registry()
  // prom-client declares its own classes as the only metrics, but takes any object of their shape.
  for (const family of foldFamilies) registry.registerMetric(new FoldCollector(family, shards) as unknown as Metric)
  registry.registerMetric(new FindingsCollector(findings, shards) as unknown as Metric)
  collectNodeMetrics(registry)
  return registry
}

/** What Node says of this process. */
export function collectNodeMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry })
  for (const name of misnamed) registry.removeSingleMetric(name)
}

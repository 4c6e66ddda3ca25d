import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Telemetry } from '../aggregator/telemetry.ts'
import { rejectReasons } from '../contract/bounds.ts'
import { ownFamilies, type OwnFamily } from './own-families.ts'

type Table = typeof ownFamilies
interface MetricOf {
  counter: Counter
  gauge: Gauge
  histogram: Histogram
}
type OwnMetrics = { [N in keyof Table]: MetricOf[Table[N]['type']] }

/** What is told of pages; `scope`: which one was asked for. */
export interface ScrapeTelemetry {
  scraped: (scope: string, seconds: number) => void
  scrapeFailed: (scope: string) => void
}

/** Registers the service's own metrics, and gives what moves them. */
export function createOwnMetrics(registry: Registry, { version }: { version: string }): Telemetry & ScrapeTelemetry {
  const metrics = register(registry)
  metrics.buildInfo.set({ version }, 1)
  return {
    ...batchTelemetry(metrics),
    lag: (topic, partition, records) => metrics.lagRecords.set({ topic, partition }, records),
    forgetLag: (topic, partition) => metrics.lagRecords.remove({ topic, partition }),
    owned: (topic, partitions) => {
      metrics.ownedPartitions.set({ topic }, partitions)
      startAtZero(metrics, topic)
    },
    rebalanced: () => metrics.rebalances.inc(),
    crashed: () => metrics.consumerCrashes.inc(),
    scraped: (scope, seconds) => metrics.scrapeSeconds.observe({ scope }, seconds),
    scrapeFailed: scope => metrics.scrapeFailures.inc({ scope }),
  }
}

function batchTelemetry(metrics: OwnMetrics): Pick<Telemetry, 'batchFolded' | 'rejected' | 'lost'> {
  return {
    batchFolded: ({ topic, records, bytes, seconds }) => {
      metrics.messages.inc({ topic }, records)
      metrics.bytes.inc({ topic }, bytes)
      metrics.batchRecords.observe({ topic }, records)
      metrics.foldSeconds.observe({ topic }, seconds)
    },
    rejected: (topic, reason) => metrics.rejected.inc({ topic, reason }),
    lost: (topic, records) => metrics.lost.inc({ topic }, records),
  }
}

/** A counter that begins at its first event hides that event from `increase()`. */
function startAtZero({ messages, bytes, lost, rejected }: OwnMetrics, topic: string): void {
  for (const counter of [messages, bytes, lost]) counter.inc({ topic }, 0)
  for (const reason of rejectReasons) rejected.inc({ topic, reason }, 0)
}

function register(registry: Registry): OwnMetrics {
  const made = Object.entries<OwnFamily>(ownFamilies).map(([key, family]) => [key, createMetric(registry, family)])
  return Object.fromEntries(made) as OwnMetrics
}

function createMetric(registry: Registry, { name, type, help, labels, bounds = [] }: OwnFamily): MetricOf[OwnFamily['type']] {
  const configuration = { name, help, labelNames: [...labels], registers: [registry] }
  if (type === 'counter') return new Counter(configuration)
  return type === 'gauge' ? new Gauge(configuration) : new Histogram({ ...configuration, buckets: [...bounds] })
}

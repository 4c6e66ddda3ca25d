import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Telemetry } from '../aggregator/telemetry.ts'
import { rejectReasons } from '../contract/bounds.ts'
import { Ages } from './ages.ts'
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

/** A stream of changes was cut off, since its client did not read it. */
export interface StreamTelemetry {
  streamCut: () => void
}

/** What `/-/ready` says, asked for at each scrape. Before it is known, this replica is not ready. */
export interface ReadinessTelemetry {
  readyWhile: (isReady: () => boolean) => void
}

/** What is told of reading the checkpoints: all that was there at the start, and up to when (milliseconds) all is read. */
export interface ViewTelemetry {
  restored: (records: number, seconds: number) => void
  viewed: (partition: { topic: string; partition: number }, completeUntil: number) => void
}

interface Parts {
  metrics: OwnMetrics
  ages: Record<'freshness' | 'checkpointAge', Ages>
  readiness: { isReady: () => boolean }
  now: () => number
}

/** Registers the service's own metrics, and gives what moves them. `now`: milliseconds since the epoch. */
export function createOwnMetrics(
  registry: Registry, { version, now = Date.now }: { version: string; now?: () => number },
): Telemetry & ScrapeTelemetry & ViewTelemetry & StreamTelemetry & ReadinessTelemetry {
  const ages = { freshness: new Ages(), checkpointAge: new Ages() }
  const readiness = { isReady: () => false }
  const metrics = register(registry, { ages, readiness, now })
  metrics.buildInfo.set({ version }, 1)
  return {
    ...batchTelemetry(metrics),
    ...partitionTelemetry({ metrics, ages }),
    ...checkpointTelemetry({ metrics, ages, now }),
    owned: (topic, partitions) => {
      metrics.ownedPartitions.set({ topic }, partitions)
      startAtZero(metrics, topic)
    },
    rebalanced: () => metrics.rebalances.inc(),
    crashed: () => metrics.consumerCrashes.inc(),
    schemaNotAsked: () => metrics.schemasNotAsked.inc(),
    unreadable: () => metrics.unreadableCheckpoints.inc(),
    restored: (records, seconds) => {
      metrics.restoredRecords.set(records)
      metrics.restoreSeconds.set(seconds)
    },
    viewed: ({ topic, partition }, completeUntil) => ages.freshness.note({ topic, partition }, completeUntil),
    scraped: (scope, seconds) => metrics.scrapeSeconds.observe({ scope }, seconds),
    readyWhile: isReady => { readiness.isReady = isReady },
    streamCut: () => metrics.streamsCut.inc(),
    scrapeFailed: scope => metrics.scrapeFailures.inc({ scope }),
  }
}

function batchTelemetry(metrics: OwnMetrics): Pick<Telemetry, 'batchFolded' | 'rejected' | 'lettersStored' | 'lettersDropped' | 'lost'> {
  return {
    batchFolded: ({ topic, records, bytes, forgottenAgents, seconds }) => {
      metrics.messages.inc({ topic }, records)
      metrics.bytes.inc({ topic }, bytes)
      metrics.forgottenAgents.inc({ topic }, forgottenAgents)
      metrics.batchRecords.observe({ topic }, records)
      metrics.foldSeconds.observe({ topic }, seconds)
    },
    rejected: (topic, reason, records = 1) => metrics.rejected.inc({ topic, reason }, records),
    lettersStored: (topic, letters) => {
      for (const { reason } of letters) metrics.deadLetters.inc({ topic, reason })
    },
    lettersDropped: (topic, letters) => metrics.deadLettersDropped.inc({ topic }, letters),
    lost: (topic, records) => metrics.lost.inc({ topic }, records),
  }
}

type PartitionTelemetry = Pick<Telemetry, 'lag' | 'disowned' | 'takenOver' | 'digestMismatch' | 'inputMismatch'>

function partitionTelemetry({ metrics, ages }: Pick<Parts, 'metrics' | 'ages'>): PartitionTelemetry {
  return {
    lag: ({ topic, partition }, records, completeUntil) => {
      metrics.lagRecords.set({ topic, partition }, records)
      ages.freshness.note({ topic, partition }, completeUntil)
    },
    disowned: ({ topic, partition }) => {
      metrics.lagRecords.remove({ topic, partition })
      ages.freshness.forget({ topic, partition })
      ages.checkpointAge.forget({ topic, partition })
    },
    takenOver: ({ topic, partition }, seconds) => {
      metrics.takeOverSeconds.observe({ topic }, seconds)
      metrics.digestMismatches.inc({ topic, partition }, 0)
      metrics.inputMismatches.inc({ topic, partition }, 0)
    },
    digestMismatch: ({ topic, partition }) => metrics.digestMismatches.inc({ topic, partition }),
    inputMismatch: ({ topic, partition }) => metrics.inputMismatches.inc({ topic, partition }),
  }
}

function checkpointTelemetry(
  { metrics, ages, now }: Omit<Parts, 'readiness'>,
): Pick<Telemetry, 'checkpointed' | 'checkpointFailed' | 'superseded'> {
  return {
    checkpointed: ({ topic, partition, records, bytes, seconds }) => {
      ages.checkpointAge.note({ topic, partition }, now())
      metrics.checkpointSeconds.observe({ topic }, seconds)
      metrics.checkpointRecords.inc({ topic }, records)
      metrics.checkpointBytes.inc({ topic }, bytes)
    },
    checkpointFailed: topic => metrics.checkpointFailures.inc({ topic }),
    superseded: topic => metrics.superseded.inc({ topic }),
  }
}

/** A counter that begins at its first event hides that event from `increase()`. */
function startAtZero({ messages, bytes, lost, rejected, checkpointFailures, superseded, deadLetters, deadLettersDropped }: OwnMetrics, topic: string): void {
  for (const counter of [messages, bytes, lost, checkpointFailures, superseded, deadLettersDropped]) counter.inc({ topic }, 0)
  for (const counter of [rejected, deadLetters]) for (const reason of rejectReasons) counter.inc({ topic, reason }, 0)
}

function register(registry: Registry, { ages, readiness, now }: Omit<Parts, 'metrics'>): OwnMetrics {
  const made = Object.entries<OwnFamily>(ownFamilies).map(([key, family]) => {
    const age = key === 'freshness' || key === 'checkpointAge' ? ages[key] : null
    const show = key === 'ready' ? (gauge: Gauge) => gauge.set(Number(readiness.isReady())) : (gauge: Gauge) => age?.show(gauge, now())
    return [key, createMetric(registry, family, show)]
  })
  return Object.fromEntries(made) as OwnMetrics
}

/** `collect`: sets a gauge at the moment of a scrape. */
function createMetric(registry: Registry, family: OwnFamily, collect: (gauge: Gauge) => void): MetricOf[OwnFamily['type']] {
  const { name, type, help, labels, bounds = [] } = family
  const configuration = { name, help, labelNames: [...labels], registers: [registry] }
  if (type === 'counter') return new Counter(configuration)
  if (type === 'histogram') return new Histogram({ ...configuration, buckets: [...bounds] })
  return new Gauge({ ...configuration, collect() { collect(this) } })
}

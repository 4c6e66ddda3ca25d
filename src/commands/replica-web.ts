import type { Logger } from 'pino'
import type { Aggregator } from '../aggregator/aggregator.ts'
import type { Vitality } from '../aggregator/vitality.ts'
import type { View } from '../checkpoint/view.ts'
import type { BudgetPolicy } from '../core/policy.ts'
import { createApp } from '../http/app.ts'
import { LiveMap } from '../http/map/live-map.ts'
import type { MetricsPages } from '../http/metrics.ts'
import type { Intake } from '../kafka/intake.ts'
import type { ReadinessTelemetry, StreamTelemetry } from '../prometheus/own-metrics.ts'
import { version } from '../version.ts'

/** The map of all shards, as the view tells them. */
export function createMap({ view, turn, log }: { view: View; turn: () => Promise<void>; log: Logger }): LiveMap {
  return new LiveMap({
    shards: () => view.numbered, now: Date.now, turn, onError: error => log.error({ error }, 'the map could not be brought up to date'),
  })
}

export interface WebParts {
  pages: MetricsPages
  aggregator: Aggregator
  map: LiveMap
  view: View
  budgets: BudgetPolicy
  intake: Intake
  vitality: Vitality
  telemetry: StreamTelemetry & ReadinessTelemetry
  log: Logger
}

/** All that a replica answers over HTTP. */
export function createWeb({ pages, aggregator, map, view, budgets, intake, vitality, telemetry, log }: WebParts): ReturnType<typeof createApp> {
  const readiness = (): { ready: boolean; reasons: string[] } => {
    const reasons = [...intake.reasons(), ...aggregator.waitingFor()]
    return { ready: reasons.length === 0, reasons }
  }
  telemetry.readyWhile(() => readiness().ready)
  return createApp({
    metrics: pages,
    map,
    cardinality: { shards: () => view.visible, budgets },
    streams: { onCut: () => telemetry.streamCut() },
    health: () => vitality.health(),
    readiness,
    version,
    onError: error => log.error({ error }, 'a request could not be answered'),
  })
}

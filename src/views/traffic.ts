import { cacheResults } from '../contract/events.ts'
import { durationBounds } from '../core/histogram.ts'
import { RECENT_MS, type EdgeTotals } from '../core/recent.ts'
import { quantile } from './quantile.ts'

/** Look-ups over the last five minutes, in people's units. Ratios and quantiles are null where there is nothing to speak of. */
export interface Traffic {
  ratePerSecond: number
  errorRatio: number | null
  cacheHitRatio: number | null
  p50Seconds: number | null
  p95Seconds: number | null
  p99Seconds: number | null
}

/** A rate of what is younger than this would say more than is known, in milliseconds. */
export const SHORTEST_MS = 10_000

/** `recent`: what was counted in the five minutes before `now`; `since`: when the first of it was seen, in milliseconds since the epoch. */
export function trafficOf(recent: EdgeTotals, { since, now }: { since: number; now: number }): Traffic {
  const seconds = Math.min(RECENT_MS, Math.max(SHORTEST_MS, now - since)) / 1_000
  const known = recent.cacheResults.reduce((sum, count, result) => (cacheResults[result] === 'UNKNOWN' ? sum : sum + count), 0)
  const hits = recent.cacheResults[cacheResults.indexOf('HIT')] ?? 0
  const quantileSeconds = (q: number) => {
    const micros = quantile(recent.duration, durationBounds, q)
    return micros === null ? null : micros / 1_000_000
  }
  return {
    ratePerSecond: recent.lookups / seconds,
    errorRatio: ratio(recent.failures, recent.lookups),
    cacheHitRatio: ratio(hits, known),
    p50Seconds: quantileSeconds(0.5),
    p95Seconds: quantileSeconds(0.95),
    p99Seconds: quantileSeconds(0.99),
  }
}

/** Milliseconds since the epoch as ISO 8601. */
export function isoTime(millis: number): string {
  return new Date(millis).toISOString()
}

/** The same; null for 0, which stands for never. */
export function isoTimeIfAny(millis: number): string | null {
  return millis > 0 ? isoTime(millis) : null
}

function ratio(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null
}

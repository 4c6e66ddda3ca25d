import { cacheResults } from '../contract/events.ts'
import { addHistogram, durationBounds, emptyHistogram, type Histogram } from './histogram.ts'

/** Rates and quantiles speak for this long, in milliseconds. */
export const RECENT_MS = 300_000

/** What an edge counts, ever since. Look-ups by cache result stand in the order of the contract's enum. */
export interface EdgeTotals {
  lookups: number
  failures: number
  cacheResults: number[]
  duration: Histogram
}

/** The totals as they stood when the five minutes under way began, and the five before: enough for a rate, and no history is kept. */
export interface RecentWindow {
  /** Number of the window under way: append time / RECENT_MS, rounded down. */
  index: number
  atStart: EdgeTotals | null
  atPreviousStart: EdgeTotals | null
}

export function emptyEdgeTotals(): EdgeTotals {
  return { lookups: 0, failures: 0, cacheResults: cacheResults.map(() => 0), duration: emptyHistogram(durationBounds) }
}

/** left + scale × right. */
export function addTotals(left: EdgeTotals, right: EdgeTotals, scale = 1): EdgeTotals {
  return {
    lookups: left.lookups + scale * right.lookups,
    failures: left.failures + scale * right.failures,
    cacheResults: left.cacheResults.map((count, result) => count + scale * (right.cacheResults[result] ?? 0)),
    duration: addHistogram(left.duration, right.duration, scale),
  }
}

/** The window at `time`, given the totals that have stood since its last event. */
export function windowAt(window: RecentWindow, totals: EdgeTotals, time: number): RecentWindow {
  const index = Math.floor(time / RECENT_MS)
  if (index <= window.index) return window
  const now = addTotals(totals, emptyEdgeTotals())
  return { index, atStart: now, atPreviousStart: index === window.index + 1 ? window.atStart : now }
}

/**
 * What was counted in the five minutes before `time`: all of the window under way, and of the one before the share that still lies
 * within (as if it had been spread evenly). Fractions are meant.
 */
export function recentTotals(edge: { recent: RecentWindow; totals: EdgeTotals }, time: number): EdgeTotals {
  const { index, atStart, atPreviousStart } = windowAt(edge.recent, edge.totals, time)
  const start = atStart ?? emptyEdgeTotals()
  const previous = addTotals(start, atPreviousStart ?? emptyEdgeTotals(), -1)
  const share = 1 - Math.min(Math.max(time / RECENT_MS - index, 0), 1)
  return addTotals(addTotals(edge.totals, start, -1), previous, share)
}

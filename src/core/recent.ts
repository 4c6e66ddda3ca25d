import { cacheResults } from '../contract/events.ts'
import { durationBounds, emptyHistogram, type Histogram } from './histogram.ts'

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

/** Adds to `sum`, in place: graphs add up hundreds of thousands of these. */
export function addTotals(sum: EdgeTotals, totals: EdgeTotals): void {
  sum.lookups += totals.lookups
  sum.failures += totals.failures
  addCounts(sum.cacheResults, totals.cacheResults)
  addCounts(sum.duration.counts, totals.duration.counts)
  sum.duration.sum += totals.duration.sum
}

/** The window at `time`, given the totals that have stood since its last event. */
export function windowAt(window: RecentWindow, totals: EdgeTotals, time: number): RecentWindow {
  const index = Math.floor(time / RECENT_MS)
  if (index <= window.index) return window
  const now = copyOf(totals)
  return { index, atStart: now, atPreviousStart: index === window.index + 1 ? window.atStart : now }
}

/**
 * What was counted in the five minutes before `time`: all of the window under way, and of the one before the share that still lies
 * within (as if it had been spread evenly). Fractions are meant.
 */
export function recentTotals({ recent, totals }: { recent: RecentWindow; totals: EdgeTotals }, time: number): EdgeTotals {
  const passed = Math.floor(time / RECENT_MS) - recent.index
  const start = (passed <= 0 ? recent.atStart : totals) ?? zeroTotals
  const previous = (passed <= 0 ? recent.atPreviousStart : passed === 1 ? recent.atStart : totals) ?? zeroTotals
  const share = 1 - Math.min(Math.max(time / RECENT_MS - Math.max(recent.index, recent.index + passed), 0), 1)
  const within = (total: number, atStart = 0, atPrevious = 0) => total - atStart + share * (atStart - atPrevious)
  const each = (all: readonly number[], atStart: readonly number[], atPrevious: readonly number[]) =>
    all.map((total, index) => within(total, atStart[index], atPrevious[index]))
  return {
    lookups: within(totals.lookups, start.lookups, previous.lookups),
    failures: within(totals.failures, start.failures, previous.failures),
    cacheResults: each(totals.cacheResults, start.cacheResults, previous.cacheResults),
    duration: {
      counts: each(totals.duration.counts, start.duration.counts, previous.duration.counts),
      sum: within(totals.duration.sum, start.duration.sum, previous.duration.sum),
    },
  }
}

const zeroTotals: Readonly<EdgeTotals> = emptyEdgeTotals()

function copyOf({ lookups, failures, cacheResults: results, duration }: EdgeTotals): EdgeTotals {
  return { lookups, failures, cacheResults: [...results], duration: { counts: [...duration.counts], sum: duration.sum } }
}

function addCounts(sum: number[], counts: readonly number[]): void {
  counts.forEach((count, index) => { sum[index] = (sum[index] ?? 0) + count })
}

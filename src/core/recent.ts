import { AvroReader } from '../contract/avro-reader.ts'
import { AvroWriter } from '../contract/avro-writer.ts'
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

/**
 * Totals as they stood once, in a fifth of their memory: as Avro writes the two numbers, the counts and the histogram, a character for a
 * byte. A checkpoint has them as they are.
 */
export type Snapshot = string

/** Of nothing counted yet. */
export const NO_TOTALS: Snapshot = '\0\0\0\0'

/** The totals as they stood when the five minutes under way began, and the five before: enough for a rate, and no history is kept. */
export interface RecentWindow {
  /** Number of the window under way: append time / RECENT_MS, rounded down. */
  index: number
  atStart: Snapshot
  atPreviousStart: Snapshot
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
  const now = snapshotOf(totals)
  return { index, atStart: now, atPreviousStart: index === window.index + 1 ? window.atStart : now }
}

const writer = new AvroWriter()

export function snapshotOf({ lookups, failures, cacheResults: results, duration }: EdgeTotals): Snapshot {
  writer.long(lookups)
  writer.long(failures)
  writer.counts(results)
  writer.histogram(duration)
  return writer.takeText()
}

/** The totals that a snapshot was made of. Throws a RangeError where it is damaged. */
export function totalsOf(snapshot: Snapshot): EdgeTotals {
  const reader = AvroReader.ofText(snapshot)
  return {
    lookups: reader.long(), failures: reader.long(), cacheResults: reader.counts(cacheResults.length),
    duration: reader.histogram(durationBounds.length + 1),
  }
}

/**
 * What was counted in the five minutes before `time`: all of the window under way, and of the one before the share that still lies
 * within (as if it had been spread evenly). Fractions are meant.
 */
export function recentTotals({ recent, totals }: { recent: RecentWindow; totals: EdgeTotals }, time: number): EdgeTotals {
  const passed = Math.floor(time / RECENT_MS) - recent.index
  if (passed > 1) return emptyEdgeTotals()
  const start = passed <= 0 ? totalsOf(recent.atStart) : totals
  const previous = totalsOf(passed <= 0 ? recent.atPreviousStart : recent.atStart)
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

function addCounts(sum: number[], counts: readonly number[]): void {
  counts.forEach((count, index) => { sum[index] = (sum[index] ?? 0) + count })
}

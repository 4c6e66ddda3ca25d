import { bucketOf, durationBounds } from '../contract/duration-buckets.ts'

export { bucketOf, durationBounds }
/** Upper bounds of the buckets for instances per answer. */
export const instanceBounds: readonly number[] = [0, 1, 2, 5, 10, 20, 50, 100]

/** Observations by bucket. Integers in the unit of the bounds, so that sums are exact and merging is addition. */
export interface Histogram {
  /** Observations per bucket, not cumulative; the last one is above every bound. */
  readonly counts: number[]
  sum: number
}

export function emptyHistogram(bounds: readonly number[]): Histogram {
  return { counts: [...bounds.map(() => 0), 0], sum: 0 }
}

/** Adds `weight` observations that share a bucket and add up to `sum`. */
export function observe(histogram: Histogram, bounds: readonly number[], { sum, weight }: { sum: number; weight: number }): void {
  const bucket = bucketOf(bounds, sum / weight)
  histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + weight
  histogram.sum += sum
}

export function countOf(histogram: Histogram): number {
  return histogram.counts.reduce((sum, count) => sum + count, 0)
}

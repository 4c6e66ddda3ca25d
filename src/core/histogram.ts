/** Upper bounds of the duration buckets: 1-2.5-5 from 0.0001 to 10 s, in microseconds, the unit that events carry. */
export const durationBounds: readonly number[] = [
  100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
]
/** Upper bounds of the buckets for instances per answer. */
export const instanceBounds: readonly number[] = [0, 1, 2, 5, 10, 20, 50, 100]

/** Observations by bucket. Integers in the unit of the bounds, so that sums are exact and merging is addition. */
export interface Histogram {
  /** Observations per bucket, not cumulative; the last one is above every bound. */
  readonly counts: number[]
  sum: number
}

export function emptyHistogram(bounds: readonly number[]): Histogram {
  return { counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 }
}

/** Adds `weight` observations that share a bucket and add up to `sum`. */
export function observe(histogram: Histogram, bounds: readonly number[], { sum, weight }: { sum: number; weight: number }): void {
  const bucket = bucketOf(bounds, sum / weight)
  histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + weight
  histogram.sum += sum
}

/** Index of the first bucket whose upper bound is not below the value. */
export function bucketOf(bounds: readonly number[], value: number): number {
  let index = 0
  while (index < bounds.length && value > (bounds[index] as number)) index++
  return index
}

export function countOf(histogram: Histogram): number {
  return histogram.counts.reduce((sum, count) => sum + count, 0)
}

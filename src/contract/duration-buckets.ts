/**
 * Upper bounds of the duration buckets (section 3 of the contract): 1-2.5-5 from 0.0001 to 10 s, in microseconds, the unit that events carry.
 * Look-ups that share an event share a bucket, so agents know them too.
 */
export const durationBounds: readonly number[] = [
  100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
]

/** Index of the first bucket whose upper bound is not below the value. */
export function bucketOf(bounds: readonly number[], value: number): number {
  let index = 0
  while (index < bounds.length && value > (bounds[index] as number)) index++
  return index
}

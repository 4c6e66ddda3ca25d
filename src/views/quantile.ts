import { countOf, type Histogram } from '../core/histogram.ts'

/**
 * The q-quantile of a histogram, in the unit of its bounds; null where nothing was observed. Interpolates linearly within a bucket, and
 * answers the highest bound for what lies above it, as Prometheus' histogram_quantile does.
 */
export function quantile({ counts, sum }: Histogram, bounds: readonly number[], q: number): number | null {
  const total = countOf({ counts, sum })
  if (!(total > 0)) return null
  let below = 0
  for (const [bucket, count] of counts.entries()) {
    const upper = bounds[bucket]
    if (upper === undefined) break
    if (count > 0 && below + count >= q * total) {
      const lower = bounds[bucket - 1] ?? 0
      return lower + (upper - lower) * Math.max(0, (q * total - below) / count)
    }
    below += count
  }
  return bounds.at(-1) ?? null
}

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketOf, durationBounds, emptyHistogram, observe } from '../../src/core/histogram.ts'
import { quantile } from '../../src/views/quantile.ts'

const bounds = [10, 20, 50]

/** Where each observation is taken to be: spread evenly over its bucket, the last at its upper bound; above all bounds, at the highest. */
function positions(counts: readonly number[]): number[] {
  return counts.flatMap((count, bucket) => {
    const upper = bounds[bucket]
    const lower = bounds[bucket - 1] ?? 0
    return Array.from({ length: count }, (_, index) => (upper === undefined ? 50 : lower + ((upper - lower) * (index + 1)) / count))
  })
}

describe('a quantile', () => {
  it('is null where nothing was observed', () => {
    expect(quantile(emptyHistogram(bounds), bounds, 0.5)).toBeNull()
  })

  it('lies within its bucket, by the share of the bucket’s observations below it', () => {
    expect(quantile({ counts: [0, 4, 0, 0], sum: 60 }, bounds, 0.5)).toBe(15)
    expect(quantile({ counts: [2, 0, 2, 0], sum: 90 }, bounds, 0.75)).toBe(35)
  })

  it('is the highest bound for what lies above every bound', () => {
    expect(quantile({ counts: [1, 0, 0, 9], sum: 9_000 }, bounds, 0.5)).toBe(50)
  })

  it('passes over empty buckets at both ends', () => {
    const histogram = { counts: [0, 0, 3, 0], sum: 90 }
    expect([0, 1].map(q => quantile(histogram, bounds, q))).toEqual([20, 50])
  })

  it('is the n-th of the total, for every n, as counting them one by one has it', () => {
    const counts = fc.array(fc.nat(6), { minLength: 4, maxLength: 4 })
    fc.assert(fc.property(counts, fc.nat(), (observed, seed) => {
      const total = observed.reduce((sum, count) => sum + count, 0)
      fc.pre(total > 0)
      const nth = 1 + (seed % total)
      fc.pre((nth / total) * total === nth) // rounding may put a rank on the other side of an empty bucket
      expect(quantile({ counts: observed, sum: 0 }, bounds, nth / total)).toBeCloseTo(positions(observed)[nth - 1] ?? NaN, 9)
    }))
  })

  it('lies in the bucket of the observation that it speaks of, never falls as q grows, and does not change with scale', () => {
    const values = fc.array(fc.integer({ min: 0, max: 12_000_000 }), { minLength: 1, maxLength: 40 })
    fc.assert(fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (micros, q) => {
      const histogram = emptyHistogram(durationBounds)
      for (const sum of micros) observe(histogram, durationBounds, { sum, weight: 1 })
      const answer = quantile(histogram, durationBounds, q) ?? NaN
      const meant = micros.toSorted((a, b) => a - b)[Math.ceil(q * micros.length) - 1] ?? NaN
      const bucket = bucketOf(durationBounds, meant)
      expect(answer).toBeGreaterThanOrEqual(durationBounds[bucket - 1] ?? 0)
      expect(answer).toBeLessThanOrEqual(durationBounds[bucket] ?? 10_000_000)
      expect(quantile(histogram, durationBounds, q / 2)).toBeLessThanOrEqual(answer)
      const doubled = { counts: histogram.counts.map(count => count * 2), sum: histogram.sum * 2 }
      expect(quantile(doubled, durationBounds, q)).toBeCloseTo(answer, 6)
    }))
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketOf, durationBounds, emptyHistogram, instanceBounds, observe } from '../../src/core/histogram.ts'

describe('the bounds', () => {
  it('of durations are 1-2.5-5 from a tenth of a millisecond to ten seconds', () => {
    expect(durationBounds.map(micros => micros / 1_000_000))
      .toEqual([0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
  })

  it('of instances per answer are 0, 1, 2, 5, 10, 20, 50 and 100', () => {
    expect(instanceBounds).toEqual([0, 1, 2, 5, 10, 20, 50, 100])
  })
})

describe('a value\'s bucket', () => {
  const buckets = [[0, 0], [1, 1], [2, 2], [3, 3], [5, 3], [100, 7], [101, 8], [1e9, 8]] as const

  it.each(buckets)('of %d is number %d: a bound lies within its bucket', (value, bucket) => {
    expect(bucketOf(instanceBounds, value)).toBe(bucket)
  })

  it('of the mean is the one that all the values share, if they do', () => {
    const sharing = fc.nat({ max: durationBounds.length - 1 }).chain(bucket => fc.array(
      fc.integer({ min: (durationBounds[bucket - 1] ?? -1) + 1, max: durationBounds[bucket] ?? 0 }), { minLength: 1, maxLength: 200 }))
    fc.assert(fc.property(sharing, values => {
      const [one, all] = [emptyHistogram(durationBounds), emptyHistogram(durationBounds)]
      for (const sum of values) observe(one, durationBounds, { sum, weight: 1 })
      observe(all, durationBounds, { sum: values.reduce((sum, value) => sum + value, 0), weight: values.length })
      expect(all).toEqual(one)
    }))
  })
})

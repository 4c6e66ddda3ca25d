import { describe, expect, it } from 'vitest'
import type { LookupEvent } from '../../src/contract/events.ts'
import type { GraphEdge } from '../../src/views/edges.ts'
import { graphOf } from './map-of.ts'
import { lookup, MINUTE, SECOND, shardOf, T0 } from './shards.ts'

/** The one edge that these look-ups make, seen at `now`. */
function edgeAt(now: number, ...lookups: { fields?: Partial<LookupEvent>; at: number }[]): GraphEdge | undefined {
  return graphOf([shardOf(lookups.map(({ fields = {}, at }) => lookup(fields, at)))], now).edges[0]
}

describe('the rate of look-ups', () => {
  it('is over the time since the first one, while that is less than five minutes', () => {
    expect(edgeAt(T0 + 3 * MINUTE, { at: T0 + MINUTE, fields: { weight: 30 } })?.ratePerSecond).toBe(30 / 120)
  })

  it('takes that time for ten seconds at the least, so that a first look-up is no storm', () => {
    expect(edgeAt(T0, { at: T0, fields: { weight: 5 } })?.ratePerSecond).toBe(0.5)
  })

  it('fades over the five minutes that follow, and then is zero, while the counts stay', () => {
    const rates = [5, 7.5, 10, 60].map(minutes => edgeAt(T0 + minutes * MINUTE, { at: T0, fields: { weight: 600 } }))
    expect(rates.map(edge => edge?.ratePerSecond)).toEqual([2, 1, 0, 0])
    expect(rates.map(edge => edge?.lookups)).toEqual([600, 600, 600, 600])
  })

  it('is that of the last five minutes and not of the ones before', () => {
    const lookups = [{ at: T0, fields: { weight: 9_000 } }, { at: T0 + 10 * MINUTE, fields: { weight: 150 } }]
    expect(edgeAt(T0 + 14 * MINUTE, ...lookups)?.ratePerSecond).toBe(0.5)
  })
})

describe('ratios and quantiles', () => {
  it('speak for five minutes, too', () => {
    const failure = { at: T0, fields: { outcome: 'FAILURE', cache: 'MISS', durationMicros: 9_000_000 } as const }
    const failures = [failure, failure, failure]
    const hit = { at: T0 + 11 * MINUTE, fields: { cache: 'HIT', durationMicros: 80 } as const }
    const then = edgeAt(T0 + MINUTE, ...failures)
    const now = edgeAt(T0 + 11 * MINUTE, ...failures, hit)
    expect([then?.errorRatio, then?.cacheHitRatio, then?.p50Seconds]).toEqual([1, 0, 7.5])
    expect([now?.errorRatio, now?.cacheHitRatio, now?.p50Seconds]).toEqual([0, 1, 0.00005])
    expect([now?.lookups, now?.failures]).toEqual([4, 3])
  })

  it('are null where there is nothing to speak of', () => {
    const edge = edgeAt(T0 + 20 * MINUTE, { at: T0, fields: { cache: 'HIT', durationMicros: 80 } })
    expect(edge).toMatchObject({ errorRatio: null, cacheHitRatio: null, p50Seconds: null, p95Seconds: null, p99Seconds: null })
  })

  it('leave look-ups with an unknown cache result out of the hit ratio, and unmeasured ones out of the quantiles', () => {
    const looked: Partial<LookupEvent>[] = [{ cache: 'HIT', weight: 3, durationMicros: 240 }, { cache: 'STALE' }, { weight: 90 }]
    const edge = edgeAt(T0, ...looked.map(fields => ({ at: T0, fields })))
    expect(edge?.cacheHitRatio).toBe(0.75)
    expect(edge?.cache).toEqual({ hit: 3, miss: 0, stale: 1, bypass: 0 })
    expect(edge?.p99Seconds).toBeLessThanOrEqual(0.0001)
  })

  it('give the quantiles of a known distribution to within a bucket', () => {
    const lookups = Array.from({ length: 100 }, (_, index) =>
      ({ at: T0 + index * SECOND, fields: { durationMicros: (index + 1) * 1_000 } }))
    const edge = edgeAt(T0 + 100 * SECOND, ...lookups)
    expect(edge).toMatchObject({ p50Seconds: 0.05, p95Seconds: 0.095, p99Seconds: 0.099 })
  })
})

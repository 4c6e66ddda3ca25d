import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addTotals, emptyEdgeTotals, NO_TOTALS, RECENT_MS, recentTotals, snapshotOf, totalsOf as totalsIn } from '../../src/core/recent.ts'
import { foldAll, lookup, type Told } from './story.ts'

const START = 5_900_000 * RECENT_MS
const TEN_MINUTES = 600_000

interface Seen { at: number; weight: number; failed: boolean; hit: boolean }

const recordOf = ({ at, weight, failed, hit }: Seen): Told => lookup(
  { weight, durationMicros: weight * 1_000, outcome: failed ? 'FAILURE' : 'SUCCESS', cache: hit ? 'HIT' : 'MISS' }, START + at)

/** What was counted of an edge in the five minutes before a time: look-ups, failures, hits, durations, and their sum in milliseconds. */
function recentOf(seen: readonly Seen[], time: number): number[] {
  const [edge] = foldAll(seen.map(recordOf)).cells.edge.values()
  if (edge === undefined) throw new Error('no edge: tell at least one look-up')
  const { lookups, failures, cacheResults: [, hits = 0], duration } = recentTotals(edge, START + time)
  return [lookups, failures, hits, duration.counts.reduce((sum, count) => sum + count, 0), duration.sum / 1_000]
}

/** The same, counted one by one. */
function countedBetween(seen: readonly Seen[], from: number, to: number): number[] {
  return seen.filter(({ at }) => at >= from && at < to).reduce((sums, { weight, failed, hit }) => {
    const counts = [weight, failed ? weight : 0, hit ? weight : 0, weight, weight]
    return sums.map((sum, index) => sum + (counts[index] ?? 0))
  }, [0, 0, 0, 0, 0])
}

function seenWithin(millis: number): fc.Arbitrary<Seen[]> {
  const at = fc.nat({ max: millis - 1 })
  const one = fc.record({ at, weight: fc.integer({ min: 1, max: 9 }), failed: fc.boolean(), hit: fc.boolean() })
  return fc.array(one, { minLength: 1, maxLength: 30 }).map(seen => seen.toSorted((a, b) => a.at - b.at))
}

const totalsOf = (...records: Told[]) => [...foldAll(records).cells.edge.values()][0]?.totals ?? emptyEdgeTotals()
const closeTo = (expected: readonly number[]) => expected.map(value => expect.closeTo(value, 5) as number)

describe('the last five minutes of an edge', () => {
  it('are exact while all its look-ups lie in the five minutes under way', () => {
    fc.assert(fc.property(seenWithin(RECENT_MS), fc.nat({ max: RECENT_MS - 1 }), (seen, later) => {
      const time = Math.max(later, seen.at(-1)?.at ?? 0)
      expect(recentOf(seen, time)).toEqual(closeTo(countedBetween(seen, time - RECENT_MS, time + 1)))
    }))
  })

  it('are those under way, and of the five before the share that still lies within', () => {
    fc.assert(fc.property(seenWithin(4 * RECENT_MS), fc.nat({ max: 2 * RECENT_MS }), (seen, idle) => {
      const time = (seen.at(-1)?.at ?? 0) + idle
      const start = Math.floor(time / RECENT_MS) * RECENT_MS
      const share = 1 - (time - start) / RECENT_MS
      const [underWay, before] = [countedBetween(seen, start, time + 1), countedBetween(seen, start - RECENT_MS, start)]
      expect(recentOf(seen, time)).toEqual(closeTo(underWay.map((count, index) => count + share * (before[index] ?? 0))))
    }))
  })

  it('are off by no more than what the five minutes before counted', () => {
    fc.assert(fc.property(seenWithin(4 * RECENT_MS), fc.nat({ max: 2 * RECENT_MS }), (seen, idle) => {
      const time = (seen.at(-1)?.at ?? 0) + idle
      const start = Math.floor(time / RECENT_MS) * RECENT_MS
      const before = countedBetween(seen, start - RECENT_MS, start)
      const exact = countedBetween(seen, time - RECENT_MS + 1, time + 1)
      const off = recentOf(seen, time).map((count, index) => Math.abs(count - (exact[index] ?? 0)) - (before[index] ?? 0))
      expect(Math.max(...off)).toBeLessThanOrEqual(1e-6)
    }))
  })

  it('are right to a look-up or two where these come evenly, be it across a boundary', () => {
    const evenly = Array.from({ length: 1_200 }, (_, second) =>
      ({ at: second * 1_000, weight: 2, failed: second % 2 === 0, hit: second % 3 === 0 }))
    for (const time of [400_000, 599_999, 600_000, 750_500, 1_199_000]) {
      const seen = evenly.filter(({ at }) => at <= time)
      const off = recentOf(seen, time).map((count, index) => Math.abs(count - ([600, 300, 200, 600, 600][index] ?? 0)))
      expect(Math.max(...off)).toBeLessThanOrEqual(4)
    }
  })

  it('are nothing after ten minutes without a look-up', () => {
    fc.assert(fc.property(seenWithin(4 * RECENT_MS), fc.nat({ max: 10 * RECENT_MS }), (seen, more) => {
      expect(recentOf(seen, (seen.at(-1)?.at ?? 0) + TEN_MINUTES + more)).toEqual([0, 0, 0, 0, 0])
    }))
  })

  it('are never less than nothing', () => {
    fc.assert(fc.property(seenWithin(4 * RECENT_MS), fc.integer({ min: -RECENT_MS, max: 8 * RECENT_MS }), (seen, time) => {
      expect(Math.min(...recentOf(seen, time))).toBeGreaterThanOrEqual(0)
    }))
  })

  it('hold a look-up whose append time steps back, as one of the five minutes under way', () => {
    const seen = [RECENT_MS + 5, RECENT_MS - 5].map(at => ({ at, weight: 1, failed: false, hit: false }))
    expect(recentOf(seen, RECENT_MS + 10)[0]).toBe(2)
  })

  it('hold all of the five minutes before, and no more, for a reader whose clock is behind the broker\'s', () => {
    const seen = [{ at: 5, weight: 3, failed: false, hit: false }, { at: RECENT_MS + 5, weight: 2, failed: false, hit: false }]
    expect(recentOf(seen, RECENT_MS - 60_000)[0]).toBe(5)
  })

  it('are asked for without changing the edge', () => {
    const [edge] = foldAll([lookup({}, START), lookup({}, START + RECENT_MS)]).cells.edge.values()
    const before = structuredClone(edge)
    if (edge !== undefined) recentTotals(edge, START + 3 * RECENT_MS)
    expect(edge).toEqual(before)
  })
})

describe('an edge\'s totals', () => {
  it('are added to a sum, and stay as they are', () => {
    const records = [lookup({ weight: 2, durationMicros: 300, cache: 'HIT' }), lookup({ outcome: 'FAILURE', durationMicros: 70 })]
    const parts = records.map(record => totalsOf(record))
    const before = structuredClone(parts)
    const sum = emptyEdgeTotals()
    for (const part of parts) addTotals(sum, part)
    expect(sum).toEqual(totalsOf(...records))
    expect(parts).toEqual(before)
  })
})

describe('a snapshot of totals', () => {
  it('tells them as they stood, whatever they were, and however they go on', () => {
    fc.assert(fc.property(seenWithin(RECENT_MS), fc.nat({ max: 2 ** 53 - 2 }), (seen, lookups) => {
      const totals = { ...totalsOf(...seen.map(recordOf)), lookups }
      const before = structuredClone(totals)
      const snapshot = snapshotOf(totals)
      addTotals(totals, totals)
      expect(totalsIn(snapshot)).toEqual(before)
    }))
  })

  it('of nothing counted is the one that edges begin with', () => {
    expect([snapshotOf(emptyEdgeTotals()), totalsIn(NO_TOTALS)]).toEqual([NO_TOTALS, emptyEdgeTotals()])
  })

  it('of a newer version, which tells more cache results, keeps them', () => {
    const newer = { ...emptyEdgeTotals(), cacheResults: [0, 1, 0, 0, 0, 7] }
    expect(totalsIn(snapshotOf(newer)).cacheResults).toEqual([0, 1, 0, 0, 0, 7])
  })

  it('is an error where it is damaged', () => {
    expect(() => totalsIn('\u0002')).toThrow(RangeError)
  })
})

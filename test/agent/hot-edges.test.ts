import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HotEdges } from '../../src/agent/hot-edges.ts'
import type { EntryOf } from '../../src/agent/fields.ts'
import { eventDefaults, type LookupEvent } from '../../src/contract/events.ts'
import { durationBounds, emptyHistogram, observe, type Histogram } from '../../src/core/histogram.ts'

type Fields = Partial<LookupEvent>
type Entry = EntryOf<'lookup'>

function entryOf(fields: Fields): Entry {
  return { kind: 'lookup', fields: { service: 'cart', occurredAt: 1_000, ...fields }, units: fields.weight ?? 1 }
}

/** What stands in a queue that nothing is taken from. */
function queued(lookups: readonly Fields[]): Entry[] {
  const edges = new HotEdges()
  const queue: Entry[] = []
  for (const entry of lookups.map(entryOf)) {
    if (edges.join(entry, 0)) continue
    queue.push(entry)
    edges.add(entry)
  }
  return queue
}

const shown = (entries: readonly Entry[]): unknown[] => entries.map(({ units, fields }) => [units, fields.weight, fields.durationMicros])

describe('look-ups of one edge', () => {
  it('that are alike and whose durations share a bucket are one event, with their sum', () => {
    const entries = queued([{ durationMicros: 101 }, { durationMicros: 250 }, { durationMicros: 180, weight: 1 }])
    expect(shown(entries)).toEqual([[3, 3, 531]])
  })

  it('are two events where a bucket\'s bound lies between them', () => {
    expect(shown(queued([{ durationMicros: 100 }, { durationMicros: 101 }, { durationMicros: 99 }]))).toEqual([[2, 2, 199], [1, undefined, 101]])
  })

  it('that were not measured are one event which is not, and apart from those that were', () => {
    expect(shown(queued([{}, { durationMicros: 5 }, {}, { durationMicros: 6 }, { durationMicros: -1 }, {}]))).toEqual([[4, 4, -1], [2, 2, 11]])
  })

  const others = Object.entries(eventDefaults.lookup).filter(([field]) => field !== 'weight' && field !== 'durationMicros' && field !== 'service')
  it.each(others)('are two events if %s differs', (field, value) => {
    const other = { durationMicros: 5, [field]: typeof value === 'number' ? 7 : 'other' }
    expect(shown(queued([{ durationMicros: 5 }, other]))).toHaveLength(2)
    expect(shown(queued([other, other]))).toHaveLength(1)
  })

  it('never stand for more than 10,000 in one event', () => {
    expect(shown(queued([{ weight: 9_999 }, { weight: 2 }, { weight: 1 }]))).toEqual([[9_999, 9_999, undefined], [3, 3, -1]])
  })

  it('are let alone if the contract refuses them', () => {
    const broken = [{ weight: -1 }, { weight: 1.5 }, { service: 7 as unknown as string }, { durationMicros: Number.NaN }]
    expect(queued([...broken, ...broken])).toHaveLength(8)
  })

  it('join none that was given away to be sent', () => {
    const edges = new HotEdges()
    const first = entryOf({})
    edges.add(first)
    expect([edges.join(entryOf({}), 0), edges.join(entryOf({}), 1)]).toEqual([true, false])
    expect(first.units).toBe(2)
  })
})

const lookup = fc.record({
  service: fc.constantFrom('cart', 'stock'),
  cache: fc.constantFrom('HIT' as const, 'MISS' as const),
  occurredAt: fc.constantFrom(1_000, 1_100),
  one: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
  weight: fc.constantFrom(1, 1, 1, 4_000),
}).map(({ one, weight, ...fields }): Fields => ({ ...fields, weight, ...(one === undefined ? {} : { durationMicros: one * weight }) }))

/** Histograms and counts of what is alike, as the fold comes to them. */
function counted(entries: readonly Entry[]): Map<string, { lookups: number; durations: Histogram }> {
  const all = new Map<string, { lookups: number; durations: Histogram }>()
  for (const { fields: { weight = 1, durationMicros = -1, service, cache, occurredAt } } of entries) {
    const key = JSON.stringify([service, cache, occurredAt])
    const seen = all.get(key) ?? { lookups: 0, durations: emptyHistogram(durationBounds) }
    seen.lookups += weight
    if (durationMicros >= 0) observe(seen.durations, durationBounds, { sum: durationMicros, weight })
    all.set(key, seen)
  }
  return all
}

describe('whatever is looked up', () => {
  it('is counted as if nothing had been merged', () => {
    fc.assert(fc.property(fc.array(lookup, { maxLength: 60 }), lookups => {
      const merged = queued(lookups)
      expect(counted(merged)).toEqual(counted(lookups.map(entryOf)))
      for (const { units, fields: { weight = 1 } } of merged) expect([units, units <= 10_000]).toEqual([weight, true])
    }))
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultPolicy, retentionOf } from '../../src/core/policy.ts'
import { defaultRetention, keepsAll } from '../../src/core/retention.ts'
import { emptyState, type ShardState } from '../../src/core/state.ts'
import { accounts, happenings, START } from './happenings.ts'
import { foldAll, lookup, moveOn, registration, report, samplesIn, samplesOf } from './story.ts'

const DAY_MS = 86_400_000
const short = { ...defaultRetention, instance: 1_000, version: 5_000, agent: 1_000, lookupError: 1_000 }
const failed = (time: number) => lookup({ outcome: 'FAILURE' }, time)

describe('a cell that is kept for a time', () => {
  it('exists at the last millisecond of it, and not after', () => {
    const state = foldAll([lookup({ outcome: 'FAILURE' }, 10_000)], emptyState(0, short))
    moveOn(state, 11_000)
    expect(state.cells.lookupError.size).toBe(1)
    moveOn(state, 11_001)
    expect(state.cells.lookupError.size).toBe(0)
  })

  it('is kept from its last change on', () => {
    const state = foldAll([failed(10_000), failed(10_900), failed(11_800)], emptyState(0, short))
    moveOn(state, 12_800)
    expect(samplesIn(state, 'lookup_errors_total')).toEqual({ 'default cart none ': 3 })
  })

  it('does not exist for the record by which its time runs out: the fold begins a new one', () => {
    const state = foldAll([failed(10_000), failed(11_001)], emptyState(0, short))
    expect(samplesIn(state, 'lookup_errors_total')).toEqual({ 'default cart none ': 1 })
    expect(Array.from(state.cells.lookupError.values(), ({ createdAt }) => createdAt)).toEqual([11_001])
    expect(Array.from(state.cells.lookups.values(), ({ createdAt }) => createdAt)).toEqual([10_000])
    const { changed, removed } = state.changes.take()
    expect([changed.filter(({ kind }) => kind === 'lookupError').length, removed]).toEqual([1, []])
  })

  it('is noted as gone, so that its space in the log is freed', () => {
    const state = foldAll([lookup({ outcome: 'FAILURE' }, 10_000)], emptyState(0, short))
    state.changes.take()
    moveOn(state, 11_001)
    expect(state.changes.take().removed).toEqual([{ kind: 'lookupError', key: '7.4.4.0 defaultcartNONE' }])
  })

  it('is not kept longer by what happens to it as it goes: an agent that was heard of an hour ago does not fall silent, it is gone', () => {
    const state = foldAll([report({}, 10_000)], emptyState(0, { ...defaultRetention, agent: 40_000 }))
    moveOn(state, 50_001)
    expect([state.cells.agent.size, samplesIn(state, 'agents')]).toEqual([0, {}])
  })
})

describe('an instance', () => {
  it('does not expire while it lives, nor does its version, and its service stays', () => {
    const state = foldAll([registration({ status: 'PASSING', version: '1' }, 10_000)], emptyState(0, { ...short, registrations: 1_000 }))
    moveOn(state, 1_000_000)
    expect([samplesIn(state, 'instances'), samplesIn(state, 'version_instances')]).toEqual([{ 'default cart passing': 1 }, { 'default cart 1': 1 }])
    foldAll([registration({ operation: 'DEREGISTER' }, 1_000_001)], state)
    moveOn(state, 1_001_001)
    expect([state.cells.instance.size, state.cells.version.size, state.cells.registrations.size]).toEqual([1, 1, 1])
    moveOn(state, 1_001_002)
    expect([state.cells.instance.size, state.cells.version.size, state.cells.registrations.size]).toEqual([0, 1, 0])
    moveOn(state, 1_005_002)
    expect(state.cells.version.size).toBe(0)
  })

  it('whose lease ran out is kept from then on, however late that is found out', () => {
    const state = foldAll([registration({ status: 'PASSING', leaseMillis: 500 }, 10_000)], emptyState(0, short))
    moveOn(state, 11_000)
    expect([samplesIn(state, 'lease_expirations_total'), state.cells.instance.size]).toEqual([{ 'default cart': 1 }, 1])
    moveOn(state, 11_501)
    expect([samplesIn(state, 'lease_expirations_total'), state.cells.instance.size]).toEqual([{ 'default cart': 1 }, 0])
    const late = foldAll([registration({ status: 'PASSING', leaseMillis: 500 }, 10_000)], emptyState(0, short))
    moveOn(late, 11_501)
    expect([samplesIn(late, 'lease_expirations_total'), late.cells.instance.size]).toEqual([{ 'default cart': 1 }, 0])
  })
})

describe('what is kept for long', () => {
  it('goes at a full minute, so that all goes together that goes in a minute', () => {
    const state = foldAll([lookup({ client: 'a' }, 30_000), lookup({ client: 'b' }, 59_000)], emptyState(0, { ...short, edge: 600_000 }))
    moveOn(state, 660_000)
    expect(state.cells.edge.size).toBe(2)
    moveOn(state, 660_001)
    expect(state.cells.edge.size).toBe(0)
  })

  it('stays for ever once it is touched where nothing of its kind is to go', () => {
    const state = foldAll([lookup({}, 1_000)], emptyState(0, { ...short, edge: 1_000 }))
    const kept = { ...state, retention: short }
    foldAll([lookup({}, 1_500)], kept)
    moveOn(kept, 1_000_000)
    expect(kept.cells.edge.size).toBe(1)
  })
})

const isKept = (name: string) => !/^discovery_(instances|version_instances|agents|lookup_errors_total)[{_]/.test(name)

const kept = (state: ShardState) => Object.entries(samplesOf(state)).filter(([name]) => isKept(name))

describe('what expires', () => {
  const streams = fc.array(fc.tuple(fc.oneof(happenings, accounts), fc.integer({ min: -5, max: 400 })), { maxLength: 40 }).map(steps => {
    let time = START
    return steps.map(([happening, millis]) => happening(time += millis))
  })

  it('leaves the counts of an edge in the totals of its service, and begins anew when it returns', () => {
    const state = emptyState(0, retentionOf(defaultPolicy))
    foldAll([lookup({ weight: 3 }, START), lookup({ weight: 2, client: 'web' }, START + 8 * DAY_MS)], state)
    expect([...state.cells.edge.values()].map(({ client }) => client)).toEqual(['web'])
    foldAll([lookup({}, START + 9 * DAY_MS)], state)
    expect([...state.cells.edge.values()].map(({ client, totals, firstSeen }) => [client, totals.lookups, firstSeen])).toEqual([
      ['web', 2, START + 8 * DAY_MS], ['checkout', 1, START + 9 * DAY_MS],
    ])
    expect(samplesIn(state, 'lookups_total')).toEqual({ 'default cart success': 6 })
  })

  it('leaves each service the counts that it has where nothing ever expires', () => {
    const coarse = ['lookups_total', 'lookup_cache_requests_total', 'lookup_duration_seconds', 'registrations_total', 'registration_duration_seconds']
    const finer = { ...defaultRetention, edge: 300, instance: 300, version: 300, agent: 300, lookupError: 300, registrationError: 300 }
    const counted = (state: ShardState) => coarse.map(family => samplesIn(state, family))
    let gone = 0
    fc.assert(fc.property(streams, records => {
      const [expiring, lasting] = [foldAll(records, emptyState(0, finer)), foldAll(records, emptyState(0, keepsAll))]
      moveOn(expiring, expiring.streamTime + 10_000_000)
      expect(counted(expiring)).toEqual(counted(lasting))
      gone += lasting.cells.edge.size - expiring.cells.edge.size
    }))
    expect(gone).toBeGreaterThan(0)
  })

  it('lets no coarser count fall, and no gauge fall below zero', () => {
    fc.assert(fc.property(streams, records => {
      const state = emptyState(0, short)
      let before: Record<string, number> = {}
      for (const record of records) {
        foldAll([record], state)
        const now = samplesOf(state)
        expect(Object.keys(before).filter(name => isKept(name) && (now[name] ?? 0) < (before[name] ?? 0))).toEqual([])
        expect(Object.values(now).filter(value => value < 0)).toEqual([])
        before = now
      }
      const counts = kept(state)
      moveOn(state, state.streamTime + 10_000_000)
      // Leases that ran out meanwhile are counted; nothing else is.
      const after = Object.fromEntries(kept(state))
      expect(counts.filter(([name, count]) => (after[name] ?? 0) < count)).toEqual([])
      expect([state.cells.agent.size, [...state.cells.instance.values()].filter(({ live }) => !live)]).toEqual([0, []])
      expect([...state.cells.version.values()].filter(({ instances }) => instances === 0)).toEqual([])
    }), { numRuns: 200 })
  })
})

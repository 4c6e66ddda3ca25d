import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cacheResults, instanceStatuses, lookupOutcomes } from '../../src/contract/events.ts'
import { keepsAll } from '../../src/core/retention.ts'
import { emptyState, type ShardState } from '../../src/core/state.ts'
import { foldBothWays } from './both-ways.ts'
import { happenings, services, START } from './happenings.ts'
import { foldAll, lookup, moveOn, retold, samplesOf, type Told } from './story.ts'

const numRuns = 300

/** A partition's records; `back`: append times may step back, as they do when a leader changes. */
function streams({ back = 0 } = {}): fc.Arbitrary<Told[]> {
  return fc.array(fc.tuple(happenings, fc.integer({ min: -back, max: 12 })), { maxLength: 60 }).map(steps => {
    let time = START
    return steps.map(([happening, millis]) => happening(time += millis))
  })
}

describe('the fold', () => {
  it('gives the same cells for the same records, whoever folds them', () => {
    fc.assert(fc.property(streams({ back: 5 }), records => {
      const [one, other] = [emptyState(0), emptyState(0)]
      for (const record of records) {
        foldAll([record], one)
        foldAll([record], other)
      }
      expect(one.cells).toEqual(foldAll(records).cells)
      expect(other.cells).toEqual(one.cells)
    }), { numRuns })
  })

  it('leaves the events as they were', () => {
    fc.assert(fc.property(streams(), records => {
      const before = structuredClone(records.map(({ event }) => event))
      for (const { event } of records) Object.freeze(event)
      foldAll(records)
      expect(records.map(({ event }) => event)).toEqual(before)
    }), { numRuns })
  })

  it('of a beginning, and then of the rest, is the fold of the whole', () => {
    fc.assert(fc.property(streams({ back: 5 }), fc.nat({ max: 60 }), (records, cut) => {
      const state = foldAll(records.slice(0, cut))
      const held = structuredClone(samplesOf(state))
      expect(samplesOf(foldAll(records.slice(0, cut)))).toEqual(held)
      expect(samplesOf(foldAll(records.slice(cut), state))).toEqual(samplesOf(foldAll(records)))
      expect(state.next).toBe(records.length)
    }), { numRuns })
  })

  it('counts live instances as a recount of them does, by status and by version, and counts nothing below zero', () => {
    fc.assert(fc.property(streams({ back: 5 }), records => {
      const state = foldAll(records)
      expect(countedLive(state)).toEqual(recountedLive(state))
      expect(Object.entries(samplesOf(state)).filter(([, value]) => !(value >= 0))).toEqual([])
    }), { numRuns })
  })

  it('lets no counter go down', () => {
    fc.assert(fc.property(streams({ back: 5 }), records => {
      const state = emptyState(0)
      let before = samplesOf(state)
      for (const record of records) {
        foldAll([record], state)
        const now = samplesOf(state)
        const fallen = Object.keys(before).filter(name => !isGauge(name) && (now[name] ?? 0) < (before[name] ?? 0))
        expect(fallen).toEqual([])
        before = now
      }
    }), { numRuns: 100 })
  })

  it('of several partitions adds up to the fold of one, however the services are spread over them', () => {
    const places = fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 }), fc.nat({ max: 2 }))
    fc.assert(fc.property(streams(), places, (records, shardOf) => {
      const shards = [emptyState(0), emptyState(0), emptyState(0)]
      for (const record of records) {
        foldAll([record], shards[shardOf[services.findIndex(service => record.key === `default/${service}`)] ?? 0])
      }
      // An idle partition's stream time stands still; here they all reach the same end.
      const end = Math.max(START, ...records.map(({ appendTime }) => appendTime))
      for (const shard of shards) moveOn(shard, end)
      expect(summed(shards.map(samplesOf))).toEqual(samplesOf(foldAll(records)))
    }), { numRuns })
  })

  it('depends on the order of each service\'s own records only, where they were appended at one time', () => {
    const instants = fc.array(fc.array(happenings, { maxLength: 12 }), { maxLength: 6 })
    fc.assert(fc.property(instants, fc.shuffledSubarray([...services], { minLength: services.length }), (groups, rank) => {
      const told = groups.map((group, index) => group.map(happening => happening(START + index * 20)))
      const rankOf = ({ key }: Told) => rank.findIndex(service => key === `default/${service}`)
      const regrouped = told.map(group => group.toSorted((a, b) => rankOf(a) - rankOf(b)))
      expect(samplesOf(foldAll(regrouped.flat()))).toEqual(samplesOf(foldAll(told.flat())))
    }), { numRuns })
  })

  it('of one event that stands for many look-ups is that of so many events, each of the mean duration', () => {
    const alike = fc.record({
      outcome: fc.constantFrom(...lookupOutcomes), cache: fc.constantFrom(...cacheResults), instances: fc.integer({ min: -1, max: 200 }),
      client: fc.constantFrom('', 'web'),
    })
    fc.assert(fc.property(alike, fc.integer({ min: 1, max: 50 }), fc.integer({ min: -1, max: 20_000_000 }), (fields, weight, mean) => {
      const one = lookup({ ...fields, weight, durationMicros: mean < 0 ? -1 : mean * weight })
      const many = Array.from({ length: weight }, () => lookup({ ...fields, durationMicros: mean }))
      expect(samplesOf(foldAll([one]))).toEqual(samplesOf(foldAll(many)))
    }), { numRuns })
  })

  it('of records of which some came again is that of records that came once, and says how many came again', () => {
    const repeats = fc.array(fc.record({ which: fc.nat(), later: fc.nat({ max: 30 }) }), { maxLength: 10 })
    fc.assert(fc.property(streams(), repeats, (records, again) => {
      const once = records.map((record, index) => retold(record, { sequence: index + 1 }))
      const all = [...once]
      for (const { which, later } of once.length > 0 ? again : []) {
        const place = which % all.length
        const { appendTime = START } = all[place + later] ?? all.at(-1) ?? {}
        all.splice(place + later + 1, 0, retold(all[place] as Told, { appendTime }))
      }
      const [{ repeated, ...counted }, { repeated: none, ...expected }] = [accountOf(foldAll(all)), accountOf(foldAll(once))]
      expect(counted).toEqual(expected)
      expect([repeated, none]).toEqual([weightOf(all) - weightOf(once), 0])
    }), { numRuns })
  })

  it('goes on at the offset after the last record, and its time never goes back', () => {
    fc.assert(fc.property(streams({ back: 12 }), records => {
      const state = emptyState(40)
      for (const record of records) {
        const before = state.streamTime
        foldAll([record], state)
        expect(state.streamTime).toBe(Math.max(before, record.appendTime))
      }
      expect(state.next).toBe(40 + records.length)
    }), { numRuns: 50 })
  })
})

const isRepetition = ([name]: readonly [string, number]) => name.startsWith('discovery_agent_events_repeated_total')
const isGauge = (name: string) => /^discovery_(instances|version_instances)\{/.test(name)

/** Live instances as the cells count them: by service and status, and by service and version; zeros left out. */
function countedLive({ cells }: ShardState): Record<string, number> {
  const counts: [string, number][] = [
    ...[...cells.registrations.values()].flatMap(({ service, statuses }) =>
      statuses.map((count, index): [string, number] => [`${service} is ${instanceStatuses[index] ?? ''}`, count])),
    ...[...cells.version.values()].map(({ service, version, instances }): [string, number] => [`${service} has ${version}`, instances]),
  ]
  return Object.fromEntries(counts.filter(([, count]) => count !== 0))
}

function recountedLive({ cells }: ShardState): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { live, service, status, version } of cells.instance.values()) {
    if (!live) continue
    const names = [`${service} is ${status}`, ...(version === '' ? [] : [`${service} has ${version}`])]
    for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** All samples, the repetitions apart and added up. */
function accountOf(state: ShardState): { repeated: number; samples: Record<string, number> } {
  const samples = Object.entries(samplesOf(state))
  return {
    repeated: samples.filter(isRepetition).reduce((sum, [, count]) => sum + count, 0),
    samples: Object.fromEntries(samples.filter(sample => !isRepetition(sample))),
  }
}

function weightOf(records: readonly Told[]): number {
  return records.reduce((sum, { event }) => sum + ('weight' in event ? event.weight : 1), 0)
}

function summed(all: readonly Record<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const samples of all) for (const [name, value] of Object.entries(samples)) sums[name] = (sums[name] ?? 0) + value
  return sums
}

describe('look-ups that are read straight from their bytes', () => {
  it('come to the same cells as those that are decoded', () => {
    fc.assert(fc.property(streams({ back: 5 }), retentions, (records, retention) => {
      const [decoded, read] = [emptyState(0, retention), emptyState(0, retention)]
      foldBothWays(records, { decoded, read })
      expect(read.cells).toEqual(decoded.cells)
      expect([read.next, read.streamTime]).toEqual([decoded.next, decoded.streamTime])
    }), { numRuns })
  })
})

/** Nothing goes; or edges and agents soon do, and come back. */
const retentions = fc.constantFrom(keepsAll, { ...keepsAll, edge: 20, lookups: 30, agent: 15, arrivals: 25 })

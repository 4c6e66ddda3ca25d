import { describe, expect, it } from 'vitest'
import type { RegistrationEvent } from '../../src/contract/events.ts'
import { foldAll, lookup, registration, samplesIn, type Told } from './story.ts'

/** What the registry's watcher saw at a revision. */
const observed = (revision: number, fields: Partial<RegistrationEvent> = {}, appendTime = 1_000) =>
  registration({ operation: 'OBSERVE', source: 'consul/dc1', status: 'PASSING', revision, ...fields }, appendTime)
const deregistered = (revision: number, source = 'consul/dc1') => registration({ operation: 'DEREGISTER', source, revision })

const live = (...records: Told[]) => samplesIn(foldAll(records), 'instances')
const passing = { 'default cart passing': 1 }
const critical = { 'default cart critical': 1 }

describe('a state with a revision', () => {
  it('that is newer than the one held takes its place', () => {
    expect(live(observed(7), observed(8, { status: 'CRITICAL' }))).toEqual(critical)
  })

  it('that is older than the one held changes nothing: neither status nor version nor lease', () => {
    const older = observed(6, { status: 'CRITICAL', version: '1', leaseMillis: 60_000 })
    const records = [observed(7, { version: '2', leaseMillis: 500 }), older]
    const state = foldAll(records)
    expect(samplesIn(state, 'instances')).toEqual(passing)
    expect(samplesIn(state, 'version_instances')).toEqual({ 'default cart 2': 1 })
    expect(samplesIn(state, 'deployments_total')).toEqual({ 'default cart': 1 })
    expect(live(...records, lookup({}, 1_501))).toEqual({})
  })

  it('that is older than the one held does not end the instance', () => {
    expect(live(observed(7), deregistered(6))).toEqual(passing)
  })

  it('that is as new as the one held refreshes the lease, and nothing else', () => {
    const records = [observed(7, { leaseMillis: 500 }, 1_000), observed(7, { leaseMillis: 500, status: 'CRITICAL' }, 1_400)]
    expect(live(...records, lookup({}, 1_900))).toEqual(passing)
    expect(live(...records, lookup({}, 1_901))).toEqual({})
  })

  it('that is as new as the one held neither ends the instance nor counts an expiration', () => {
    const state = foldAll([observed(7), deregistered(7), registration({ operation: 'EXPIRE', source: 'consul/dc1', revision: 7 })])
    expect([samplesIn(state, 'instances'), samplesIn(state, 'lease_expirations_total')]).toEqual([passing, {}])
  })

  it('is counted as a registration all the same', () => {
    const state = foldAll([observed(7), deregistered(6), deregistered(6)])
    expect(samplesIn(state, 'registrations_total')).toEqual({ 'default cart deregister success': 2 })
  })

  it('of a failed registration is not held', () => {
    expect(live(observed(9, { outcome: 'FAILURE' }), observed(7))).toEqual(passing)
  })

  it('of an operation that this reader does not know is not held', () => {
    expect(live(observed(9, { operation: 'UNKNOWN' }), observed(7))).toEqual(passing)
  })
})

describe('an instance that a higher revision ended', () => {
  it('is not brought back by an older state that arrives late', () => {
    expect(live(observed(7), deregistered(9), observed(8))).toEqual({})
  })

  it('is not brought back by the very revision that ended it', () => {
    expect(live(observed(7), deregistered(9), observed(9))).toEqual({})
  })

  it('is given no lease by the revision that ended it: there is nothing that could run out', () => {
    const [cell] = foldAll([observed(7), deregistered(9), observed(9, { leaseMillis: 500 })]).cells.instance.values()
    expect(cell).toMatchObject({ live: false, leaseMillis: 0, leaseEnds: 0 })
  })

  it('is not brought back even if it was never known before', () => {
    expect(live(deregistered(9), observed(8))).toEqual({})
  })

  it('is brought back by a newer state', () => {
    expect(live(observed(7), deregistered(9), observed(10))).toEqual(passing)
  })
})

describe('an instance whose lease ran out', () => {
  const lapsed = [observed(7, { leaseMillis: 500 }), lookup({}, 2_000)]

  it('is brought back by an equal revision: a watcher that returns sees the old one still standing', () => {
    expect(live(...lapsed, observed(7, { leaseMillis: 500 }, 2_100))).toEqual(passing)
  })

  it('is not brought back by an older one', () => {
    expect(live(...lapsed, observed(6, {}, 2_100))).toEqual({})
  })

  it('and that its registry then ended as well stays away, at the same revision', () => {
    const ended = registration({ operation: 'DEREGISTER', source: 'consul/dc1', revision: 7 }, 2_100)
    expect(live(...lapsed, ended, observed(7, {}, 2_200))).toEqual({})
  })

  it('and that came back is again held to its revision', () => {
    const back = [observed(7, {}, 2_100), observed(7, { status: 'CRITICAL' }, 2_200), observed(6, { status: 'CRITICAL' }, 2_300)]
    expect(live(...lapsed, ...back)).toEqual(passing)
  })
})

describe('revisions', () => {
  it('are each source\'s own', () => {
    const other = { source: 'zookeeper', status: 'CRITICAL' } as const
    expect(live(observed(7), observed(3, other))).toEqual(critical)
    expect(live(observed(7), observed(3, other), observed(6))).toEqual(critical)
    expect(live(observed(7), observed(3, other), observed(2, { ...other, status: 'WARNING' }))).toEqual(critical)
  })

  it('are each instance\'s own', () => {
    expect(live(observed(7), observed(3, { instance: 'b' }))).toEqual({ 'default cart passing': 2 })
  })

  it('of 0 are none: such a state always counts, and lowers none that is held', () => {
    expect(live(observed(7), observed(0, { status: 'CRITICAL' }))).toEqual(critical)
    expect(live(observed(7), observed(0, { status: 'CRITICAL' }), observed(6))).toEqual(critical)
    expect(live(observed(7), observed(-1, { status: 'CRITICAL' }), observed(6))).toEqual(critical)
  })

  it('are held for eight sources of an instance, the ones last used', () => {
    const sources = Array.from({ length: 9 }, (_, index) => `registry-${index}`)
    const state = foldAll([...sources.slice(0, 8), 'registry-0', 'registry-8'].map((source, index) => observed(10 + index, { source })))
    const [cell] = state.cells.instance.values()
    expect([...cell?.revisions.keys() ?? []]).toEqual([...sources.slice(2, 8), 'registry-0', 'registry-8'])
  })
})

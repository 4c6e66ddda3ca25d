import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RegistrationEvent } from '../../src/contract/events.ts'
import { defaultRules } from '../../src/core/default-rules.ts'
import { asSent, Naming } from '../../src/core/naming.ts'
import { emptyState, type ShardState } from '../../src/core/state.ts'
import type { ValueRule } from '../../src/core/value-rules.ts'
import { foldBothWays } from './both-ways.ts'
import { happenings, START } from './happenings.ts'
import { foldAll, lookup, registration, samplesIn, type Told } from './story.ts'

const all = { edge: true, version: true, service: true }
const byDefault = new Naming({ rules: defaultRules, levels: all })
const without = (...levels: (keyof typeof all)[]): Naming => (
  new Naming({ rules: [], levels: { ...all, ...Object.fromEntries(levels.map(level => [level, false])) } })
)
const state = (naming: Naming): ShardState => emptyState(0, undefined, { naming })
const onePayRule: ValueRule = { fields: ['service', 'client'], match: 'pay|web', action: 'replace', replacement: 'shop' }
const namings = fc.constantFrom(
  asSent, byDefault, without('edge'), without('version'), without('service'), without('edge', 'version', 'service'),
  new Naming({ rules: [onePayRule], levels: all }),
)
const streams: fc.Arbitrary<Told[]> = fc.array(happenings, { maxLength: 60 })
  .map(steps => steps.map((happening, index) => happening(START + index * 3)))

/** What is counted over all series of a family. */
function total(folded: ShardState, family: string): number {
  return Object.values(samplesIn(folded, family)).reduce((sum, value) => sum + value, 0)
}

const exactFamilies = [
  'lookups_total', 'lookup_errors_total', 'lookup_cache_requests_total', 'lookup_duration_seconds', 'registrations_total',
  'registration_errors_total', 'registration_duration_seconds',
]

const totalsOf = (counted: ShardState) => exactFamilies.map(family => [family, total(counted, family)])

describe('names', () => {
  it('are counted after the value rules, on every way in', () => {
    const failed = { outcome: 'FAILURE', errorCode: 'NXDOMAIN' } as const
    const pod = { service: 'cart.svc.cluster.local', client: 'checkout-7d9f8b6c5d-x2x4z' }
    const folded = foldAll([lookup({ ...pod, ...failed }), lookup(), registration({ service: 'cart.', version: '1' })], state(byDefault))
    expect([...folded.cells.lookups.values()].map(({ service }) => service)).toEqual(['cart'])
    const edges = [...folded.cells.edge.values()].map(({ client, service, totals }) => [client, service, totals.lookups])
    expect(edges).toEqual([['checkout', 'cart', 2]])
    expect([...folded.cells.lookupError.values()].map(({ service }) => service)).toEqual(['cart'])
    expect([...folded.cells.instance.values(), ...folded.cells.version.values()].map(({ service }) => service)).toEqual(['cart', 'cart'])
  })

  it('come to the same cells for look-ups that are read straight from their bytes', () => {
    fc.assert(fc.property(streams, namings, (records, naming) => {
      const [decoded, read] = [state(naming), state(naming)]
      foldBothWays(records, { decoded, read })
      expect(read.cells).toEqual(decoded.cells)
    }))
  })

  it('change no sum, whatever the policy, and where it changes on the way', () => {
    fc.assert(fc.property(streams, fc.tuple(namings, namings), fc.nat({ max: 60 }), (records, [before, after], rollout) => {
      const plain = foldAll(records)
      const first = foldAll(records.slice(0, rollout), state(before))
      const then: ShardState = Object.assign(first, { naming: after, routes: emptyState(0).routes })
      const folded = foldAll(records.slice(rollout), then)
      expect(totalsOf(folded)).toEqual(totalsOf(plain))
    }))
  })
})

describe('a level that is switched off', () => {
  it('has no cells', () => {
    const records = [lookup(), registration({ version: '1' }), registration({ service: 'pay' })]
    const { cells } = foldAll(records, state(without('edge', 'version', 'service')))
    expect([cells.edge.size, cells.version.size, cells.lookups.size, cells.registrations.size]).toEqual([0, 0, 1, 1])
    expect([...cells.lookups.values()].map(({ service }) => service)).toEqual(['__all__'])
  })

  it('leaves instances of the same name in different services apart', () => {
    const records = [registration({ status: 'PASSING' }), registration({ service: 'pay', status: 'PASSING' })]
    const folded = foldAll(records, state(without('service')))
    expect(samplesIn(folded, 'instances')).toEqual({ 'default __all__ passing': 2 })
  })
})

const observed = (fields: Partial<RegistrationEvent>) =>
  registration({ service: 'cart.svc', operation: 'OBSERVE', status: 'PASSING', source: 'consul', ...fields })
const heldSince = (...before: Told[]): ShardState => Object.assign(foldAll(before, state(asSent)), { naming: byDefault })

describe('an instance that rules give another name', () => {
  it('is counted once, under its new one', () => {
    const held = foldAll([registration({ service: 'cart.svc', status: 'PASSING' })], state(asSent))
    const then: ShardState = Object.assign(held, { naming: byDefault })
    foldAll([registration({ service: 'cart.svc', operation: 'RENEW', status: 'PASSING' })], then)
    expect(samplesIn(then, 'instances')).toEqual({ 'default cart passing': 1 })
  })

  it('stays as it is, and is not counted twice, when an older state of it arrives late', () => {
    const then = heldSince(observed({ revision: 9 }))
    foldAll([observed({ revision: 8, status: 'CRITICAL' }), observed({ revision: 7, operation: 'DEREGISTER' })], then)
    expect(samplesIn(then, 'instances')).toEqual({ 'default cart.svc passing': 1 })
    foldAll([observed({ revision: 9 })], then)
    expect(samplesIn(then, 'instances')).toEqual({ 'default cart passing': 1 })
  })

  it('is not brought back under the new one by a state older than the one that ended it under the old', () => {
    const then = heldSince(observed({ revision: 5 }), observed({ revision: 9, operation: 'DEREGISTER' }))
    foldAll([observed({ revision: 8 })], then)
    expect(samplesIn(then, 'instances')).toEqual({})
    foldAll([observed({ revision: 10 })], then)
    expect(samplesIn(then, 'instances')).toEqual({ 'default cart passing': 1 })
  })

  it('stays by a state that nobody knows what to do with', () => {
    const then = heldSince(observed({ revision: 5 }))
    foldAll([observed({ revision: 6, operation: 'UNKNOWN' })], then)
    expect(samplesIn(then, 'instances')).toEqual({ 'default cart.svc passing': 1 })
  })
})

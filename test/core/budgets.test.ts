import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEncoder, Decoder } from '../../src/contract/codec.ts'
import { eventDefaults } from '../../src/contract/events.ts'
import { PlainLookup } from '../../src/contract/plain-lookup.ts'
import { budgetsOf, coarser, stepOf, type Budgets } from '../../src/core/budgets.ts'
import type { CellKind } from '../../src/core/cells.ts'
import { foldPlainLookup } from '../../src/core/fold.ts'
import { namesOf } from '../../src/core/names.ts'
import { defaultPolicy } from '../../src/core/policy.ts'
import { defaultRetention, keepsAll } from '../../src/core/retention.ts'
import { emptyState, type ShardState } from '../../src/core/state.ts'
import { foldBothWays } from './both-ways.ts'
import { foldAll, lookup, moveOn, registration, report, samplesIn, samplesOf, type Told } from './story.ts'

const START = 1_700_000_000_000
const numRuns = 300
const withBudgets = (budgets: Budgets, retention = keepsAll): ShardState => emptyState(0, retention, { budgets })

describe('what has no room', () => {
  it('is counted under __overflow__ of the same service, and what has a cell goes on in it', () => {
    const lookups = ['web', 'app', 'job', 'web', 'cron'].map(client => lookup({ client, namespace: 'shop' }))
    expect(samplesIn(foldAll(lookups, withBudgets({ edge: { total: 100, within: 2 } })), 'service_graph_request_total'))
      .toEqual({ 'web cart default shop ': 2, 'app cart default shop ': 1, '__overflow__ cart __overflow__ shop ': 2 })
  })

  it('is counted coarser still once overflow cells are a tenth of the budget: by namespace, and at last as one', () => {
    const services = Array.from({ length: 14 }, (_, index) => lookup({ namespace: index === 13 ? 'other' : 'shop', service: `s${index}` }))
    const counted = samplesIn(foldAll(services, withBudgets({ lookups: { total: 10, within: Infinity } })), 'lookups_total')
    expect(Object.entries(counted).filter(([name]) => name.includes('__overflow__')))
      .toEqual([['shop __overflow__ success', 3], ['__overflow__ __overflow__ success', 1]])
    expect(Object.keys(counted)).toHaveLength(12)
  })

  it('has its error counted without its code, and its category', () => {
    const failed = ['A', 'B', 'C'].map(errorCode => lookup({ outcome: 'FAILURE', errorCategory: 'TIMEOUT', errorCode }))
    expect(samplesIn(foldAll(failed, withBudgets({ lookupError: { total: 9, within: 1 } })), 'lookup_errors_total'))
      .toEqual({ 'default cart timeout A': 1, 'default cart timeout __overflow__': 2 })
  })

  it('has no state: its instances and versions are not among those that live, and their events are counted', () => {
    const registered = ['a', 'b', 'c'].map(instance => registration({ instance, version: instance, status: 'PASSING' }))
    const [fewInstances, fewVersions] = [{ instance: { total: 9, within: 2 } }, { version: { total: 9, within: 1 } }].map(budgets => foldAll(registered, withBudgets(budgets)))
    expect(samplesIn(fewInstances as ShardState, 'instances')).toEqual({ 'default cart passing': 2 })
    expect(samplesIn(fewInstances as ShardState, 'registrations_total')).toEqual({ 'default cart register success': 3 })
    expect(samplesIn(fewVersions as ShardState, 'instances')).toEqual({ 'default cart passing': 3 })
    expect(samplesIn(fewVersions as ShardState, 'version_instances')).toEqual({ 'default cart a': 1 })
    expect(samplesIn(fewVersions as ShardState, 'deployments_total')).toEqual({ 'default cart': 1 })
  })

  it('is told: how much of the budget is used, how often it overflowed, and about how many values had no room that day', () => {
    const state = withBudgets({ edge: { total: 2, within: Infinity } })
    foldAll(Array.from({ length: 502 }, (_, index) => lookup({ client: `c${index}` }, START)), state)
    const told = (family: string) => samplesIn(state, family)['discovery_service_graph_request_total']
    expect([told('cardinality_series'), told('cardinality_budget'), told('cardinality_overflow_total')]).toEqual([3, 2, 500])
    expect(Math.abs((told('cardinality_refused') ?? 0) - 500)).toBeLessThan(50)
    foldAll([lookup({ client: 'c500' }, START + 86_400_000)], state)
    expect([told('cardinality_overflow_total'), told('cardinality_refused')]).toEqual([501, 1])
  })

  it('has room again once something has expired, and begins anew then', () => {
    const state = withBudgets({ edge: { total: 1, within: 1 } }, { ...keepsAll, edge: 1_000 })
    foldAll([lookup({ client: 'web' }, START), lookup({ client: 'app' }, START + 500)], state)
    moveOn(state, START + 1_200)
    foldAll([lookup({ client: 'app' }, START + 1_300), lookup({ client: 'web' }, START + 1_300)], state)
    expect(samplesIn(state, 'service_graph_request_total'))
      .toEqual({ 'app cart default default ': 1, '__overflow__ cart __overflow__ default ': 2 })
  })

  it('is an instance, too, whose service has none: it leaves no count that it never came to', () => {
    const state = withBudgets({ registrations: { total: 1, within: 9 } }, { ...keepsAll, registrations: 1_000 })
    foldAll([registration({ service: 'pay', outcome: 'FAILURE' }, START), registration({ status: 'PASSING' }, START + 1)], state)
    expect(samplesIn(state, 'instances')).toEqual({})
    foldAll([registration({ operation: 'STATUS_CHANGE', status: 'CRITICAL' }, START + 2_000)], state)
    expect(samplesIn(state, 'instances')).toEqual({ 'default cart critical': 1 })
  })

  it('is told once for each event, however much of it had no room', () => {
    const state = withBudgets({ registrations: { total: 1, within: 9 } })
    foldAll([registration({ service: 'pay' }), registration(), registration()], state)
    expect(samplesIn(state, 'cardinality_overflow_total')).toMatchObject({ discovery_registrations_total: 2, discovery_instances: 2 })
  })

  it('does not hold an agent’s report, and what agents have sent is counted', () => {
    const state = withBudgets({ agent: { total: 1, within: Infinity } })
    foldAll([report({ agentId: 'sdk/1', recorded: 3, sequence: 1 }), report({ agentId: 'sdk/2', recorded: 4, sequence: 1 })], state)
    expect(samplesIn(state, 'agents')).toEqual({ 'sdk active': 1 })
    expect(samplesIn(state, 'agent_events_recorded_total')).toEqual({ sdk: 3 })
    expect(state.cells.agent.size).toBe(1)
  })
})

describe('budgets of a partition', () => {
  it('are its share of the policy’s, but whole within a service', () => {
    const { lookups, registrations, edge, version, instance, agent } = budgetsOf(defaultPolicy.budgets, 12)
    expect([lookups, registrations]).toEqual([{ total: 834, within: 417 }, { total: 834, within: 417 }])
    expect([edge, version, instance]).toEqual([{ total: 16_667, within: 2_000 }, { total: 1_667, within: 50 }, { total: 8_334, within: 5_000 }])
    expect(agent).toEqual({ total: 8_334, within: Infinity })
  })

  it('let names become coarser until there is nothing coarser', () => {
    const steps = (kind: CellKind, names: readonly string[] | null): (readonly string[])[] =>
      names === null ? [] : [names, ...steps(kind, coarser(kind, names))]
    expect(steps('edge', ['a', 'web', 'shop', 'cart']).map(names => names.join(' '))).toEqual([
      'a web shop cart', '__overflow__ __overflow__ shop cart', '__overflow__ __overflow__ shop __overflow__',
      '__overflow__ __overflow__ __overflow__ __overflow__',
    ])
    expect(steps('version', ['shop', 'cart', '1'])).toHaveLength(1)
  })
})

describe('a flood of names', () => {
  it('leaves no more cells than the budget and a tenth, and every total as it is', () => {
    const [encode, plain] = [createEncoder('lookup'), new PlainLookup(new Decoder('lookup'))]
    const state = withBudgets(budgetsOf(defaultPolicy.budgets, 100))
    const CLIENTS = 50_000
    for (let client = 0; client < CLIENTS; client++) {
      const bytes = encode({ ...eventDefaults.lookup, client: `pod-${client}`, namespace: 'shop', service: `s${client % 10}`, outcome: 'SUCCESS', durationMicros: 7 })
      if (!plain.read(bytes, 0, bytes.length)) throw new Error('a look-up that is not plain')
      foldPlainLookup(state, plain, { offset: client, appendTime: START + client })
    }
    expect([state.cells.edge.size, state.room.used('edge')]).toEqual([2_010, 2_010]) // and one of overflow for each service
    expect(added(samplesIn(state, 'service_graph_request_total'))).toBe(CLIENTS)
    expect(added(samplesIn(state, 'lookups_total'))).toBe(CLIENTS)
    expect(samplesIn(state, 'cardinality_overflow_total')).toMatchObject({ discovery_service_graph_request_total: CLIENTS - 2_000 })
    expect(Math.abs((samplesIn(state, 'cardinality_refused')['discovery_service_graph_request_total'] ?? 0) / (CLIENTS - 2_000) - 1)).toBeLessThan(0.1)
  })
})

/** Names that overflow: few of each, in several namespaces; `__overflow__` is sent by somebody, too. */
const name = (...names: readonly string[]) => fc.constantFrom(...names, '__overflow__')
const lookups = fc.record({
  clientNamespace: fc.constantFrom('', 'x'), client: name('a', 'b', 'c', 'd'), namespace: name('n', 'm'), service: name('r', 's', 't', 'u'),
  outcome: fc.constantFrom('SUCCESS' as const, 'FAILURE' as const), errorCategory: fc.constantFrom('TIMEOUT' as const, 'NOT_FOUND' as const),
  errorCode: name('E', 'F'), durationMicros: fc.integer({ min: -1, max: 3_000 }), weight: fc.integer({ min: 1, max: 5 }),
  agentId: fc.constantFrom('', 'sdk/1', 'dns/1'),
}).map(fields => (time: number) => lookup(fields, time))
const registrations = fc.record({
  namespace: name('n', 'm'), service: name('r', 's', 't', 'u'), instance: fc.constantFrom('a', 'b', 'c'), version: fc.constantFrom('', '1', '2', '3'),
  operation: fc.constantFrom('REGISTER' as const, 'RENEW' as const, 'DEREGISTER' as const, 'STATUS_CHANGE' as const), leaseMillis: fc.constantFrom(0, 15),
  outcome: fc.constantFrom('SUCCESS' as const, 'SUCCESS' as const, 'FAILURE' as const), errorCode: name('E', 'F'),
  status: fc.constantFrom('PASSING' as const, 'CRITICAL' as const),
}).map(fields => (time: number) => registration(fields, time))

function streams(): fc.Arbitrary<Told[]> {
  return fc.array(fc.tuple(fc.oneof(lookups, registrations), fc.integer({ min: -3, max: 12 })), { maxLength: 80 }).map(steps => {
    let time = START
    return steps.map(([happening, millis]) => happening(time += millis))
  })
}

const kinds = ['lookups', 'registrations', 'edge', 'lookupError', 'registrationError', 'version', 'instance'] as const
const limit = fc.constantFrom(1, 2, 3, 30)
const limited = fc.record({ total: limit, within: limit })
const anyBudgets: fc.Arbitrary<Budgets> = fc.record(Object.fromEntries(kinds.map(kind => [kind, limited])))
const wide = fc.record({ total: fc.constant(1e6), within: limit })
const withinServices: fc.Arbitrary<Budgets> = fc.record({ edge: wide, lookupError: wide, registrationError: wide })
const shortStays = { ...defaultRetention, edge: 20, lookups: 30, registrations: 30, instance: 15, version: 10, lookupError: 10 }
const retentions = fc.constantFrom(keepsAll, shortStays)

describe('for any stream and any budgets', () => {
  it('all that is counted adds up to what it does without budgets', () => {
    fc.assert(fc.property(streams(), anyBudgets, (records, budgets) => {
      expect(sums(foldAll(records, withBudgets(budgets)), [])).toEqual(sums(foldAll(records, withBudgets({})), []))
    }), { numRuns })
  })

  it('sums over what is kept apart are those without budgets: of a service, where only its clients and codes are limited', () => {
    const kept = ['namespace', 'service', 'server', 'server_service_namespace', 'category', 'operation', 'outcome', 'result']
    fc.assert(fc.property(streams(), withinServices, (records, budgets) => {
      expect(sums(foldAll(records, withBudgets(budgets)), kept)).toEqual(sums(foldAll(records, withBudgets({})), kept))
    }), { numRuns })
  })

  it('there are never more cells than the budget, and a tenth of overflow, and the coarsest', () => {
    fc.assert(fc.property(streams(), anyBudgets, retentions, (records, budgets, retention) => {
      const state = foldAll(records, withBudgets(budgets, retention))
      for (const kind of kinds) {
        const { total, within } = budgets[kind] ?? { total: 0, within: 0 }
        const names = Array.from(state.cells[kind].keys(), namesOf)
        const own = names.filter(each => stepOf(kind, each) === 0)
        const between = names.filter(each => stepOf(kind, each) > 0 && coarser(kind, each) !== null)
        expect([kind, own.length <= total, between.length <= Math.max(1, total / 10)]).toEqual([kind, true, true])
        expect([kind, mostOfOne(kind, own) <= within]).toEqual([kind, true])
        expect([kind, state.room.used(kind)]).toEqual([kind, names.length])
      }
    }), { numRuns })
  })

  it('no gauge falls below zero, and none tells of more instances than are held', () => {
    fc.assert(fc.property(streams(), anyBudgets, retentions, (records, budgets, retention) => {
      const state = foldAll(records, withBudgets(budgets, retention))
      expect(Object.entries(samplesOf(state)).filter(([, value]) => !(value >= 0))).toEqual([])
      const live = [...state.cells.instance.values()].filter(cell => cell.live)
      expect(added(samplesIn(state, 'instances'))).toBe(live.length)
      expect(added(samplesIn(state, 'version_instances'))).toBe(live.filter(({ version }) => version !== '').length)
    }), { numRuns })
  })

  it('look-ups that are read straight from their bytes come to the same cells', () => {
    fc.assert(fc.property(streams(), anyBudgets, retentions, (records, budgets, retention) => {
      const [decoded, read] = [withBudgets(budgets, retention), withBudgets(budgets, retention)]
      foldBothWays(records, { decoded, read })
      expect(read.cells).toEqual(decoded.cells)
    }), { numRuns })
  })
})

/** Counters and histograms, added up over all labels but those; what counts the states that are kept is left out. */
function sums(state: ShardState, kept: readonly string[]): Record<string, number> {
  const all: Record<string, number> = {}
  for (const [sample, value] of Object.entries(samplesOf(state))) {
    const [family = '', labels = ''] = sample.split(/[{}]/)
    if (/cardinality|instances$|deployment|lease_expirations|^discovery_agents$/.test(family) || value === 0) continue
    const key = `${family} ${labels.split(/,(?=\w+=)/).filter(label => kept.includes(label.split('=')[0] ?? '')).join()}`
    all[key] = (all[key] ?? 0) + value
  }
  return all
}

function mostOfOne(kind: CellKind, own: readonly string[][]): number {
  const parents = own.map(names => JSON.stringify(kind === 'edge' ? names.slice(2) : kind === 'lookups' || kind === 'registrations' ? names.slice(0, 1) : names.slice(0, 2)))
  return Math.max(0, ...[...new Set(parents)].map(parent => parents.filter(each => each === parent).length))
}

function added(samples: Record<string, number>): number {
  return Object.values(samples).reduce((sum, value) => sum + value, 0)
}

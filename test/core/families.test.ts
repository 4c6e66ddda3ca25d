import { describe, expect, it } from 'vitest'
import { budgetsOf } from '../../src/core/budgets.ts'
import { families } from '../../src/core/families.ts'
import { durationBounds, instanceBounds } from '../../src/core/histogram.ts'
import { defaultPolicy } from '../../src/core/policy.ts'
import { defaultRetention } from '../../src/core/retention.ts'
import { emptyState } from '../../src/core/state.ts'
import { foldAll, lookup, registration, rejection, report, samplesOf } from './story.ts'

const service = 'namespace, service'
const graph = 'client, server, client_service_namespace, server_service_namespace, connection_type'

/** The contract: DESIGN.md's table of families, but for those of the replica itself; and how many label values were refused. */
const table: readonly [name: string, type: string, labels: string][] = [
  ['registrations_total', 'counter', `${service}, operation, outcome`],
  ['registration_errors_total', 'counter', `${service}, operation, category, code`],
  ['registration_duration_seconds', 'histogram', service],
  ['lease_expirations_total', 'counter', service],
  ['instances', 'gauge', `${service}, status`],
  ['version_instances', 'gauge', `${service}, version`],
  ['deployments_total', 'counter', service],
  ['last_deployment_timestamp_seconds', 'gauge', service],
  ['lookups_total', 'counter', `${service}, outcome`],
  ['lookup_errors_total', 'counter', `${service}, category, code`],
  ['lookup_cache_requests_total', 'counter', `${service}, result`],
  ['lookup_duration_seconds', 'histogram', `${service}, cache`],
  ['lookup_instances', 'histogram', service],
  ['service_graph_request_total', 'counter', graph],
  ['service_graph_request_failed_total', 'counter', graph],
  ['service_graph_request_server_seconds', 'summary', graph],
  ['event_delay_seconds', 'histogram', 'kind'],
  ['agent_events_received_total', 'counter', 'kind'],
  ['agent_events_repeated_total', 'counter', 'kind'],
  ['agent_events_rejected_total', 'counter', 'kind, reason'],
  ['agent_events_recorded_total', 'counter', 'kind'],
  ['agent_events_dropped_total', 'counter', 'kind, reason'],
  ['agents', 'gauge', 'kind, state'],
  ['cardinality_series', 'gauge', 'family'],
  ['cardinality_budget', 'gauge', 'family'],
  ['cardinality_overflow_total', 'counter', 'family'],
  ['cardinality_refused', 'gauge', 'family'],
]

describe('the families', () => {
  it('are those of the contract, with its types and labels', () => {
    const declared = families.map(({ name, type, labels }) => `${name} | ${type} | ${labels.join(', ')}`)
    expect(new Set(declared)).toEqual(new Set(table.map(([name, type, labels]) => `discovery_${name} | ${type} | ${labels}`)))
    expect(declared).toHaveLength(table.length)
  })

  it('say what they are, and in which unit', () => {
    expect(families.filter(({ help }) => !/^[A-Z].{15,}\.$/.test(help)).map(({ name }) => name)).toEqual([])
    expect(families.filter(({ name, unit }) => name.endsWith('_seconds') !== (unit === 'seconds')).map(({ name }) => name)).toEqual([])
  })

  it('that are histograms have bounds, and no others have', () => {
    const bounds = families.flatMap(family => family.bounds === undefined ? [] : [[family.name, family.bounds]])
    expect(bounds.map(([name]) => name)).toEqual(families.filter(({ type }) => type === 'histogram').map(({ name }) => name))
    expect(Object.fromEntries(bounds)).toMatchObject({
      discovery_lookup_duration_seconds: durationBounds, discovery_lookup_instances: instanceBounds,
      discovery_event_delay_seconds: durationBounds,
    })
  })

  it('leave shard and instance to the exposition', () => {
    expect(families.flatMap(({ labels }) => labels).filter(label => ['shard', 'instance', 'le', 'quantile'].includes(label))).toEqual([])
  })

  it('give each sample as many label values as they have labels, and no sample twice', () => {
    const state = foldAll([
      registration({ version: '1', status: 'PASSING', durationMicros: 5 }),
      registration({ outcome: 'FAILURE', agentId: 'sdk/1', occurredAt: 5 }),
      lookup({ durationMicros: 5, instances: 2, cache: 'HIT' }), lookup({ outcome: 'FAILURE', client: '' }),
      report({ recorded: 2 }), rejection({}),
    ], emptyState(0, defaultRetention, { budgets: budgetsOf(defaultPolicy.budgets, 1) }))
    for (const family of families) {
      const given: string[][] = []
      for (const cell of state.cells[family.cell].values()) family.read(cell as never, labels => given.push([...labels]))
      expect([family.name, ...given.map(labels => labels.length)]).toEqual([family.name, ...given.map(() => family.labels.length)])
      expect(new Set(given.map(String)).size).toBe(given.length)
      expect([family.name, given.length]).not.toEqual([family.name, 0])
    }
  })
})

describe('the samples', () => {
  it('of a single registration are these', () => {
    const record = registration({ namespace: 'shop', version: '1.2.3', status: 'PASSING', durationMicros: 700 }, 1_700_000_000_500)
    const named = Object.entries(samplesOf(foldAll([record]))).filter(([name, value]) => value !== 0 && !name.includes('_bucket_'))
    expect(Object.fromEntries(named)).toEqual({
      'discovery_registrations_total{namespace="shop",service="cart",operation="register",outcome="success"}': 1,
      'discovery_registration_duration_seconds_count{namespace="shop",service="cart"}': 1,
      'discovery_registration_duration_seconds_sum{namespace="shop",service="cart"}': 700,
      'discovery_instances{namespace="shop",service="cart",status="passing"}': 1,
      'discovery_deployments_total{namespace="shop",service="cart"}': 1,
      'discovery_last_deployment_timestamp_seconds{namespace="shop",service="cart"}': 1_700_000_000.5,
      'discovery_version_instances{namespace="shop",service="cart",version="1.2.3"}': 1,
      'discovery_agent_events_received_total{kind="unknown"}': 1,
    })
  })

  it('of a single look-up that failed are these', () => {
    const failure = { outcome: 'FAILURE', errorCategory: 'NOT_FOUND', errorCode: 'NXDOMAIN' } as const
    const record = lookup({ ...failure, agentId: 'dns/1', occurredAt: 999, cache: 'MISS', durationMicros: 40 })
    const named = Object.entries(samplesOf(foldAll([record]))).filter(([name, value]) => value !== 0 && !name.includes('_bucket_'))
    const edge = 'client="checkout",server="cart",client_service_namespace="default",server_service_namespace="default",connection_type=""'
    expect(Object.fromEntries(named)).toEqual({
      'discovery_lookups_total{namespace="default",service="cart",outcome="failure"}': 1,
      'discovery_lookup_errors_total{namespace="default",service="cart",category="not_found",code="NXDOMAIN"}': 1,
      'discovery_lookup_cache_requests_total{namespace="default",service="cart",result="miss"}': 1,
      'discovery_lookup_duration_seconds_count{namespace="default",service="cart",cache="other"}': 1,
      'discovery_lookup_duration_seconds_sum{namespace="default",service="cart",cache="other"}': 40,
      [`discovery_service_graph_request_total{${edge}}`]: 1,
      [`discovery_service_graph_request_failed_total{${edge}}`]: 1,
      [`discovery_service_graph_request_server_seconds_count{${edge}}`]: 1,
      [`discovery_service_graph_request_server_seconds_sum{${edge}}`]: 40,
      'discovery_event_delay_seconds_count{kind="dns"}': 1,
      'discovery_event_delay_seconds_sum{kind="dns"}': 1_000,
      'discovery_agent_events_received_total{kind="dns"}': 1,
    })
  })

  it('of names are as they were sent; of enums they are lower case', () => {
    const state = foldAll([lookup({ namespace: 'Shop "1"', service: 'Cart\n', outcome: 'SUCCESS' })])
    expect(samplesOf(state)).toMatchObject({ 'discovery_lookups_total{namespace="Shop "1"",service="Cart\n",outcome="success"}': 1 })
  })
})

import { describe, expect, it } from 'vitest'
import { createRandom } from '../../demo/random.ts'
import { Decoder } from '../../src/contract/codec.ts'
import { Rejection } from '../../src/contract/bounds.ts'
import { eventDefaults, type EventKind, type LookupEvent, type RegistrationEvent } from '../../src/contract/events.ts'
import { Stream } from './stream.ts'
import { Truth } from './truth.ts'

const cart = { namespace: 'shop', service: 'cart' }
const lookup = (fields: Partial<LookupEvent>): LookupEvent =>
  ({ ...eventDefaults.lookup, ...cart, agentId: 'sdk/1', clientNamespace: 'shop', client: 'web', outcome: 'SUCCESS', ...fields })
const registration = (fields: Partial<RegistrationEvent>): RegistrationEvent =>
  ({ ...eventDefaults.registration, ...cart, agentId: 'consul/1', instance: 'a', operation: 'REGISTER', outcome: 'SUCCESS', ...fields })

function truthOf(...entries: readonly (Partial<LookupEvent> | Partial<RegistrationEvent>)[]): Record<string, number> {
  const truth = new Truth()
  for (const fields of entries) {
    if ('operation' in fields) truth.enter('registration', registration(fields), { shard: 'registrations-0' })
    else truth.enter('lookup', lookup(fields as Partial<LookupEvent>), { shard: 'lookups-0' })
  }
  return Object.fromEntries(truth.series())
}
const named = (series: Record<string, number>, name: string): Record<string, number> =>
  Object.fromEntries(Object.entries(series).filter(([key]) => key.startsWith(`${name}{`)))

const shopCart = 'namespace="shop",service="cart",shard'

describe('the truth about look-ups', () => {
  it('counts them by outcome with their weights, and failures by category and code', () => {
    const series = truthOf({ weight: 3 }, { outcome: 'FAILURE', errorCategory: 'NOT_FOUND', errorCode: 'NXDOMAIN', weight: 2 })
    expect(named(series, 'discovery_lookups_total')).toEqual({
      'discovery_lookups_total{namespace="shop",outcome="success",service="cart",shard="lookups-0"}': 3,
      'discovery_lookups_total{namespace="shop",outcome="failure",service="cart",shard="lookups-0"}': 2,
    })
    expect(named(series, 'discovery_lookup_errors_total')).toEqual({
      'discovery_lookup_errors_total{category="not_found",code="NXDOMAIN",namespace="shop",service="cart",shard="lookups-0"}': 2,
    })
    expect(Object.values(named(series, 'discovery_service_graph_request_failed_total'))).toEqual([2])
  })

  it('puts a duration that is a bound into the bucket of that bound, by the share of one look-up', () => {
    const series = truthOf({ cache: 'HIT', durationMicros: 300, weight: 3 }, { cache: 'HIT', durationMicros: 101 })
    const labels = 'cache="hit",le'
    const rest = 'namespace="shop",service="cart",shard="lookups-0"'
    expect(named(series, 'discovery_lookup_duration_seconds_bucket')).toMatchObject({
      [`discovery_lookup_duration_seconds_bucket{${labels}="0.0001",${rest}}`]: 3,
      [`discovery_lookup_duration_seconds_bucket{${labels}="0.00025",${rest}}`]: 4,
      [`discovery_lookup_duration_seconds_bucket{${labels}="+Inf",${rest}}`]: 4,
    })
    expect(named(series, 'discovery_lookup_duration_seconds_sum')).toEqual({
      [`discovery_lookup_duration_seconds_sum{cache="hit",${rest}}`]: 0.000401,
    })
  })

  it('calls a missing client unknown and a missing namespace default', () => {
    const series = truthOf({ namespace: '', clientNamespace: '', client: '' })
    expect(Object.keys(named(series, 'discovery_service_graph_request_total'))).toEqual([
      'discovery_service_graph_request_total{client="unknown",client_service_namespace="default",connection_type="virtual_node",'
      + 'server="cart",server_service_namespace="default",shard="lookups-0"}',
    ])
  })

  it('drops a number that is not above the last one, and only of the same agent', () => {
    const series = truthOf({ sequence: 2 }, { sequence: 2, weight: 5 }, { sequence: 1 }, { sequence: 1, agentId: 'sdk/2' }, {}, {})
    expect(Object.values(named(series, 'discovery_lookups_total'))).toEqual([4])
    expect(Object.values(named(series, 'discovery_agent_events_repeated_total'))).toEqual([6])
    expect(Object.values(named(series, 'discovery_agent_events_received_total'))).toEqual([4])
  })
})

describe('the truth about registrations', () => {
  it('follows an instance: its status, its version, and its expiry once', () => {
    const series = truthOf(
      { operation: 'REGISTER', status: 'STARTING', version: '1' }, { operation: 'STATUS_CHANGE', status: 'PASSING', version: '2' },
      { operation: 'REGISTER', instance: 'b', version: '2' }, { operation: 'EXPIRE', instance: 'b' },
      { operation: 'EXPIRE', instance: 'b' },
    )
    expect(named(series, 'discovery_instances')).toEqual({ [`discovery_instances{${shopCart}="registrations-0",status="passing"}`]: 1 })
    expect(named(series, 'discovery_version_instances')).toEqual({
      [`discovery_version_instances{${shopCart}="registrations-0",version="2"}`]: 1,
    })
    expect(named(series, 'discovery_lease_expirations_total')).toEqual({
      [`discovery_lease_expirations_total{${shopCart}="registrations-0"}`]: 1,
    })
    expect(named(series, 'discovery_deployments_total')).toEqual({ [`discovery_deployments_total{${shopCart}="registrations-0"}`]: 2 })
  })

  it('counts no observation, and what failed changes nothing', () => {
    const series = truthOf({ operation: 'OBSERVE', status: 'PASSING' }, { operation: 'DEREGISTER', outcome: 'FAILURE', durationMicros: 7 })
    expect(Object.keys(named(series, 'discovery_registrations_total'))).toEqual([
      `discovery_registrations_total{namespace="shop",operation="deregister",outcome="failure",service="cart",shard="registrations-0"}`,
    ])
    expect(Object.values(named(series, 'discovery_instances'))).toEqual([1])
  })

  it('ignores a revision that is not newer than that of the same source', () => {
    const series = truthOf(
      { operation: 'REGISTER', source: 'x', revision: 5, status: 'PASSING' }, { operation: 'DEREGISTER', source: 'x', revision: 5 },
      { operation: 'STATUS_CHANGE', source: 'x', revision: 4, status: 'CRITICAL' },
    )
    expect(Object.keys(named(series, 'discovery_instances'))).toEqual([
      `discovery_instances{${shopCart}="registrations-0",status="passing"}`,
    ])
  })
})

function streamOf(seed: number, count: number) {
  const truth = new Truth()
  const stream = new Stream({ random: createRandom(seed), truth, partitionOf: key => key.length % 4, now: () => 1_000_000 })
  return { truth, records: Array.from({ length: count }, () => stream.next()) }
}

describe('the stream', () => {
  it('is the same for the same seed, and its truth is, too', () => {
    const [one, two, other] = [streamOf(1, 3_000), streamOf(1, 3_000), streamOf(2, 3_000)]
    expect(one.records).toEqual(two.records)
    expect([...one.truth.series()]).toEqual([...two.truth.series()])
    expect(one.records).not.toEqual(other.records)
  })

  it('holds events and records that are none, as the contract has them', () => {
    const { truth, records } = streamOf(3, 20_000)
    const decoders = { registration: new Decoder('registration'), lookup: new Decoder('lookup'), agent: new Decoder('agent') }
    const reasons: Record<string, number> = {}
    const kinds: Record<EventKind, number> = { registration: 0, lookup: 0, agent: 0 }
    for (const { kind, value } of records) {
      const event = decoders[kind].decode(value)
      if (event instanceof Rejection) reasons[event.reason] = (reasons[event.reason] ?? 0) + 1
      else kinds[kind]++
    }
    const told: Record<string, number> = {}
    for (const [series, count] of truth.series()) {
      const reason = /rejected_total.*reason="(\w+)"/.exec(series)?.[1]
      if (reason !== undefined) told[reason] = (told[reason] ?? 0) + count
    }
    expect(reasons).toEqual(told)
    expect(Object.keys(reasons).length).toBeGreaterThan(5)
    expect(Math.min(...Object.values(kinds))).toBeGreaterThan(5)
    expect(truth.totals.get('discovery_agent_events_repeated_total')).toBeGreaterThan(10)
  })
})

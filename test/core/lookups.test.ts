import { describe, expect, it } from 'vitest'
import { foldAll, lookup, samplesIn, type Told } from './story.ts'

const told = (family: string, ...records: Told[]) => samplesIn(foldAll(records), family)

describe('a look-up', () => {
  it('is counted by outcome', () => {
    const outcomes = ['SUCCESS', 'SUCCESS', 'EMPTY', 'FAILURE', 'UNKNOWN'] as const
    expect(told('lookups_total', ...outcomes.map(outcome => lookup({ outcome }))))
      .toEqual({ 'default cart success': 2, 'default cart empty': 1, 'default cart failure': 1, 'default cart unknown': 1 })
  })

  it('without a namespace is one in the namespace default', () => {
    expect(told('lookups_total', lookup(), lookup({ namespace: 'default' }), lookup({ namespace: 'shop' })))
      .toEqual({ 'default cart success': 2, 'shop cart success': 1 })
  })

  it('that failed is counted among the errors, by category and code', () => {
    const gone = { outcome: 'FAILURE', errorCategory: 'NOT_FOUND', errorCode: 'NXDOMAIN' } as const
    expect(told('lookup_errors_total', lookup(gone), lookup(gone), lookup({ outcome: 'FAILURE', errorCategory: 'TIMEOUT' })))
      .toEqual({ 'default cart not_found NXDOMAIN': 2, 'default cart timeout ': 1 })
  })

  it('that did not fail is no error, one that found none usable neither', () => {
    const error = { errorCategory: 'NOT_FOUND', errorCode: 'NODATA' } as const
    const outcomes = ['SUCCESS', 'EMPTY', 'UNKNOWN'] as const
    expect(told('lookup_errors_total', ...outcomes.map(outcome => lookup({ ...error, outcome })))).toEqual({})
  })

  it('is counted by the cache\'s result, unless that is not known', () => {
    expect(told('lookup_cache_requests_total', lookup({ cache: 'HIT' }), lookup({ cache: 'HIT' }), lookup({ cache: 'MISS' }),
      lookup({ cache: 'STALE' }), lookup({ cache: 'BYPASS' }), lookup({ cache: 'UNKNOWN' })))
      .toEqual({ 'default cart hit': 2, 'default cart miss': 1, 'default cart stale': 1, 'default cart bypass': 1 })
  })

  it('has its duration observed apart for cache hits and all others', () => {
    expect(told('lookup_duration_seconds', lookup({ cache: 'HIT', durationMicros: 90 }), lookup({ cache: 'STALE', durationMicros: 300 }),
      lookup({ durationMicros: 10_000_000 }), lookup({ durationMicros: 10_000_001, outcome: 'FAILURE' }), lookup({ durationMicros: -1 })))
      .toEqual({
        'default cart hit_bucket_100': 1, 'default cart hit_count': 1, 'default cart hit_sum': 90,
        'default cart other_bucket_500': 1, 'default cart other_bucket_10000000': 1, 'default cart other_bucket_above': 1,
        'default cart other_count': 3, 'default cart other_sum': 20_000_301,
      })
  })

  it('has the instances of its answer observed, where they are known', () => {
    expect(told('lookup_instances', ...[0, 3, 101, -1].map(instances => lookup({ instances })))).toEqual({
      'default cart_bucket_0': 1, 'default cart_bucket_5': 1, 'default cart_bucket_above': 1, 'default cart_count': 3,
      'default cart_sum': 104,
    })
  })
})

function declaredAt(time: number): Told {
  return lookup({ client: 'web', weight: 0, durationMicros: 70, instances: 3, cache: 'HIT', outcome: 'FAILURE' }, time)
}

describe('an event that stands for no look-up', () => {
  const declared = declaredAt(1_000)
  const served = ['lookups_total', 'lookup_errors_total', 'lookup_cache_requests_total', 'lookup_duration_seconds', 'lookup_instances']

  it('counts nothing of the service', () => {
    expect(served.map(family => told(family, declared))).toEqual(served.map(() => ({})))
  })

  it('declares an edge, which is first seen then and was not looked up', () => {
    const { cells } = foldAll([declared, declaredAt(61_000)])
    const [edge] = cells.edge.values()
    expect(edge).toMatchObject({ client: 'web', service: 'cart', firstSeen: declared.appendTime, lastSeen: 0, totals: { lookups: 0, failures: 0 } })
  })

  it('changes nothing of an edge that is used', () => {
    const used = lookup({ client: 'web' })
    const [edge] = foldAll([used, declaredAt(61_000)]).cells.edge.values()
    expect(edge).toMatchObject({ firstSeen: used.appendTime, lastSeen: used.appendTime, totals: { lookups: 1, failures: 0 } })
  })
})

describe('an event that stands for many look-ups', () => {
  const many = lookup({ weight: 5, durationMicros: 1_000, instances: 3, cache: 'HIT', outcome: 'FAILURE', errorCategory: 'TIMEOUT' })

  it('is counted as so many, in all that is counted', () => {
    expect(told('lookups_total', many, lookup())).toEqual({ 'default cart failure': 5, 'default cart success': 1 })
    expect(told('lookup_errors_total', many, lookup())).toEqual({ 'default cart timeout ': 5 })
    expect(told('lookup_cache_requests_total', many, lookup())).toEqual({ 'default cart hit': 5 })
  })

  it('has its duration shared out: the sum as it is, the bucket by the mean', () => {
    expect(told('lookup_duration_seconds', many))
      .toEqual({ 'default cart hit_bucket_250': 5, 'default cart hit_count': 5, 'default cart hit_sum': 1_000 })
  })

  it('had so many answers, each with its instances', () => {
    expect(told('lookup_instances', many)).toEqual({ 'default cart_bucket_5': 5, 'default cart_count': 5, 'default cart_sum': 15 })
  })

  it('keeps sums exact where a mean is no whole number', () => {
    const thirds = Array.from({ length: 300 }, () => lookup({ weight: 3, durationMicros: 100 }))
    expect(told('lookup_duration_seconds', ...thirds)).toMatchObject({ 'default cart other_sum': 30_000, 'default cart other_count': 900 })
  })
})

describe('the service graph', () => {
  it('counts the look-ups of a server by a client', () => {
    const records = [lookup(), lookup({ weight: 9 }), lookup({ client: 'web', clientNamespace: 'shop', namespace: 'infra' })]
    expect(told('service_graph_request_total', ...records))
      .toEqual({ 'checkout cart default default ': 10, 'web cart shop infra ': 1 })
  })

  it('counts as failed what failed, and nothing else', () => {
    const records = [lookup({ outcome: 'FAILURE', weight: 2 }), lookup({ outcome: 'EMPTY' }), lookup({ outcome: 'UNKNOWN' }), lookup()]
    expect(told('service_graph_request_failed_total', ...records)).toEqual({ 'checkout cart default default ': 2 })
  })

  it('sums and counts the time of the look-ups, those that were measured', () => {
    const records = [lookup({ durationMicros: 1_234, weight: 2 }), lookup({ durationMicros: 66, cache: 'HIT' }), lookup()]
    expect(told('service_graph_request_server_seconds', ...records))
      .toEqual({ 'checkout cart default default _count': 3, 'checkout cart default default _sum': 1_300 })
  })

  it('takes a client without a name for the virtual node unknown', () => {
    const records = [lookup({ client: '' }), lookup({ client: 'unknown' }), lookup({ client: '', clientNamespace: 'shop' })]
    expect(told('service_graph_request_total', ...records))
      .toEqual({ 'unknown cart default default virtual_node': 2, 'unknown cart shop default virtual_node': 1 })
  })

  it('keeps an edge\'s first and last append time, and steps back for no clock', () => {
    const state = foldAll([lookup({}, 5_000), lookup({}, 9_000), lookup({}, 8_000)])
    expect([...state.cells.edge.values()]).toEqual([expect.objectContaining({ firstSeen: 5_000, lastSeen: 9_000 })])
  })

  it('keeps edges apart whose names run together', () => {
    const records = [lookup({ client: 'a', clientNamespace: 'bc' }), lookup({ client: 'ca', clientNamespace: 'b' })]
    expect(told('service_graph_request_total', ...records)).toEqual({ 'a cart bc default ': 1, 'ca cart b default ': 1 })
  })
})

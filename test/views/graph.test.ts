import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Graph } from '../../src/views/formats/json.ts'
import { graphOf } from './map-of.ts'
import { lookup, MINUTE, registration, SECOND, shardOf, T0, type Appended } from './shards.ts'

describe('the dependency map', () => {
  it('is empty where nothing happened', () => {
    expect(graphOf([], T0)).toEqual({ windowSeconds: 300, nodes: [], edges: [] })
  })

  it('has a node for every service that is registered, looked up or looking up, by namespace and name', () => {
    const pay = { namespace: 'bank', service: 'pay' }
    const events = [lookup({ client: 'web' }), registration({ service: 'mail' }), lookup({ ...pay, client: 'cart' })]
    const { nodes } = graphOf([shardOf(events)], T0)
    expect(nodes.map(({ namespace, service, registered, known }) => [namespace, service, registered, known])).toEqual([
      ['bank', 'pay', false, true], ['shop', 'cart', false, true], ['shop', 'mail', true, true], ['shop', 'web', false, true],
    ])
  })

  it('has a node that is not known for clients that did not say who they are', () => {
    const { nodes, edges } = graphOf([shardOf([lookup({ client: '', clientNamespace: '' })])], T0)
    expect(nodes.filter(({ known }) => !known).map(({ namespace, service }) => [namespace, service])).toEqual([['default', 'unknown']])
    expect(edges.map(({ clientNamespace, client }) => [clientNamespace, client])).toEqual([['default', 'unknown']])
  })

  it('tells of an edge how often, how well and since when', () => {
    const events = [
      lookup({ weight: 8, cache: 'HIT', durationMicros: 640 }, T0),
      lookup({ weight: 2, outcome: 'FAILURE', cache: 'MISS' }, T0 + 100 * SECOND),
    ]
    expect(graphOf([shardOf(events)], T0 + 100 * SECOND).edges).toEqual([{
      clientNamespace: 'shop', client: 'web', namespace: 'shop', service: 'cart', lookups: 10, failures: 2,
      cache: { hit: 8, miss: 2, stale: 0, bypass: 0 }, ratePerSecond: 0.1, errorRatio: 0.2, cacheHitRatio: 0.8,
      p50Seconds: 0.00005, p95Seconds: 0.000095, p99Seconds: 0.000099,
      firstSeen: '2026-01-01T12:00:00.000Z', lastSeen: '2026-01-01T12:01:40.000Z', active: true,
    }])
  })

  it('calls an edge idle after fifteen minutes without a look-up', () => {
    const shards = [shardOf([lookup({})])]
    const seen = [15 * MINUTE, 15 * MINUTE + 1].map(later => graphOf(shards, T0 + later).edges[0]?.active)
    expect(seen).toEqual([true, false])
  })

  it('shows a dependency that is only declared as one that was never looked up, and idle', () => {
    const { nodes, edges } = graphOf([shardOf([lookup({ weight: 0 })])], T0)
    expect(edges).toMatchObject([{ client: 'web', service: 'cart', lookups: 0, ratePerSecond: 0, firstSeen: '2026-01-01T12:00:00.000Z', lastSeen: null, active: false }])
    expect(nodes.map(({ service, lookedUp, dependents }) => [service, lookedUp, dependents])).toEqual([['cart', false, 1], ['web', false, 0]])
  })

  it('keeps apart edges whose names differ only in where one ends and the next begins', () => {
    const names = [
      { clientNamespace: 'a', client: 'bc' }, { clientNamespace: 'ab', client: 'c' },
      { clientNamespace: 'a', client: 'b', namespace: 'cshop' },
    ]
    expect(graphOf([shardOf(names.map(fields => lookup(fields)))], T0).edges.map(({ lookups }) => lookups)).toEqual([1, 1, 1])
  })

  it('adds an edge up that is spread over several shards', () => {
    const shards = [
      shardOf([lookup({ weight: 3 }, T0)], { shard: 'lookups-0' }),
      shardOf([lookup({ weight: 4, outcome: 'FAILURE' }, T0 + SECOND)], { shard: 'lookups-1' }),
    ]
    expect(graphOf(shards, T0 + 10 * SECOND).edges).toMatchObject([
      { lookups: 7, failures: 4, ratePerSecond: 0.7, firstSeen: '2026-01-01T12:00:00.000Z', lastSeen: '2026-01-01T12:00:01.000Z' },
    ])
  })

  it('is the same map however the look-ups are spread over shards', () => {
    const name = fc.constantFrom('a', 'b', 'c')
    const fields = fc.record({
      clientNamespace: name, client: name, namespace: name, service: name, outcome: fc.constantFrom('SUCCESS', 'EMPTY', 'FAILURE'),
      cache: fc.constantFrom('HIT', 'MISS', 'UNKNOWN'), weight: fc.integer({ min: 1, max: 50 }),
      durationMicros: fc.integer({ min: -1, max: 20_000_000 }),
    })
    const event = fc.record({ fields, after: fc.integer({ min: 0, max: 4 * MINUTE }), shard: fc.integer({ min: 0, max: 3 }) })
    const events = fc.array(event, { maxLength: 30 })
    fc.assert(fc.property(events, fc.integer({ min: 0, max: 20 * MINUTE }), (recorded, later) => {
      const spread: Appended[][] = [[], [], [], []]
      let at = T0
      for (const { fields: sent, after, shard } of recorded) spread[shard]?.push(lookup(sent, at += after))
      const whole = shardOf(spread.flat().toSorted((a, b) => a.at - b.at))
      const parts = spread.map((part, index) => shardOf(part, { shard: `lookups-${index}` }))
      const one = graphOf([whole], at + later)
      const many = graphOf(parts, at + later)
      expect(countsOf(many)).toEqual(countsOf(one))
      for (const [index, rate] of ratesOf(one).entries()) expect(ratesOf(many)[index]).toBeCloseTo(rate, 5)
    }))
  })
})

/** What is exact of a map, in an order of its own. Rates are sums of fractions, which round by the order of adding them up. */
function countsOf({ nodes, edges }: Graph) {
  const counts = edges.map(({ clientNamespace, client, namespace, service, lookups, failures, cache, firstSeen, lastSeen, active }) =>
    ({ name: [clientNamespace, client, namespace, service].join('/'), lookups, failures, cache, firstSeen, lastSeen, active }))
  return {
    nodes: nodes.map(({ namespace, service, lookups: { total, failures } }) => [namespace, service, total, failures]),
    edges: counts.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

function ratesOf({ nodes }: Graph): number[] {
  return nodes.map(({ lookups }) => lookups.ratePerSecond)
}

import { describe, expect, it } from 'vitest'
import type { GraphEdge, GraphNode, NamespaceSummary } from '../../src/page/api-types.ts'
import { modelOf } from '../../src/page/map-model.ts'

const T = '2026-01-01T12:00:00.000Z'
const summary: NamespaceSummary = {
  totals: { namespaces: 0, services: 0, edges: 0, activeEdges: 0, instances: 0, ratePerSecond: 0 }, nodes: [], edges: [],
}
const anywhere = { namespace: null, selected: null }

function node(namespace: string, service: string, ratePerSecond = 0): GraphNode {
  return {
    namespace, service, known: true, registered: true, lookedUp: true, instances: { passing: 2, critical: 1 }, versions: [], lastDeployment: null,
    lookups: { total: 0, failures: 0, ratePerSecond, errorRatio: null }, dependencies: 0, dependents: 0, findings: [],
  }
}

function edge(from: string, to: string, facts: Partial<GraphEdge> = {}): GraphEdge {
  const [[clientNamespace = '', client = ''], [namespace = '', service = '']] = [from.split('/'), to.split('/')]
  return {
    clientNamespace, client, namespace, service, lookups: 0, failures: 0, cacheHitRatio: null, ratePerSecond: 1, errorRatio: 0, p50Seconds: null,
    p95Seconds: null, p99Seconds: null, firstSeen: T, lastSeen: T, active: true, ...facts,
  }
}

describe('the map’s model', () => {
  it('takes a service to be as slow as its slowest client sees it, and idle when all its lines are', () => {
    const nodes = [node('n', 'a', 3), node('n', 'b', 2), node('n', 'c', 1)]
    const edges = [edge('n/a', 'n/c', { p95Seconds: 0.1 }), edge('n/b', 'n/c', { p95Seconds: 0.5 }), edge('n/b', 'n/b', { active: false })]
    const shown = modelOf({ summary, graph: { nodes, edges } }, anywhere).nodes
    expect(shown.map(({ name, p95Seconds, idle, passing, instances }) => ({ name, p95Seconds, idle, passing, instances }))).toEqual([
      { name: 'a', p95Seconds: null, idle: false, passing: 2, instances: 3 },
      { name: 'b', p95Seconds: null, idle: false, passing: 2, instances: 3 },
      { name: 'c', p95Seconds: 0.5, idle: false, passing: 2, instances: 3 },
    ])
    const idle = modelOf({ summary, graph: { nodes: [node('n', 'b')], edges: edges.slice(2) } }, anywhere).nodes
    expect(idle.map(each => each.idle)).toEqual([true])
  })

  it('draws no more than can be seen, the busiest, and always what is selected; and keeps the rest for the tables', () => {
    const nodes = Array.from({ length: 1_000 }, (_, index) => node('n', `s${index}`, index))
    const edges = nodes.flatMap((_, index) => [1, 2, 3, 4, 5, 6, 7].map(step => edge(`n/s${index}`, `n/s${(index + step) % 1_000}`)))
    const model = modelOf({ summary, graph: { nodes, edges } }, { namespace: null, selected: { namespace: 'n', service: 's3' } })
    expect([model.nodes.length, model.edges.length, model.drawn.nodes.length, model.drawn.edges.length]).toEqual([1_000, 7_000, 150, 300])
    expect(model.drawn.nodes[0]?.name).toBe('s999')
    expect(model.drawn.nodes.some(({ name }) => name === 's3')).toBe(true)
  })

  it('folds other namespaces into one node each where there are many strangers, with the lines summed up', () => {
    const strangers = Array.from({ length: 40 }, (_, index) => node(`other-${index % 2}`, `s${index}`, 1))
    const edges = strangers.map(({ namespace, service }) => edge('n/a', `${namespace}/${service}`, { ratePerSecond: 2, errorRatio: 0.5 }))
    const model = modelOf({ summary, graph: { nodes: [node('n', 'a', 9), ...strangers], edges } }, { namespace: 'n', selected: null })
    expect(model.nodes.map(({ id, kind, services }) => [id, kind, services])).toEqual([
      ['n/a', 'service', 1], ['other-0/', 'namespace', 20], ['other-1/', 'namespace', 20],
    ])
    expect(model.edges.map(({ id, ratePerSecond, errorRatio, count }) => [id, ratePerSecond, errorRatio, count])).toEqual([
      ['n/a>other-0/', 40, 0.5, 20], ['n/a>other-1/', 40, 0.5, 20],
    ])
  })

  it('is a summary where no part of the map was asked for', () => {
    const lookups = { ratePerSecond: 5, errorRatio: 0.1 }
    const nodes = [{ namespace: 'n', services: 900, registered: 800, instances: { passing: 7 }, lookups, findings: 2 }]
    const edges = [{ clientNamespace: 'n', namespace: 'n', edges: 10, activeEdges: 0, ...lookups, firstSeen: T, lastSeen: T }]
    const model = modelOf({ summary: { ...summary, nodes, edges }, graph: null }, anywhere)
    expect(model).toMatchObject({
      isSummary: true, nodes: [{ id: 'n/', kind: 'namespace', services: 900, findings: ['2 findings'] }], edges: [{ id: 'n/>n/', idle: true, count: 10 }],
    })
  })
})

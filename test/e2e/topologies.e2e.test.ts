import { readFileSync } from 'node:fs'
import { DirectedGraph } from 'graphology'
import { stronglyConnectedComponents } from 'graphology-components'
import { bfsFromNode } from 'graphology-traversal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDiscoveryAgent, type DiscoveryAgent } from '../../src/sdk.ts'
import type { GraphEdge } from '../../src/views/edges.ts'
import type { Graph } from '../../src/views/formats/json.ts'
import { startReplicas, stopReplicas, type Replica } from '../support/replicas.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { quietKafka } from './workload.ts'

interface Findings {
  counts: Record<string, number>
}

interface Cycles {
  components: { namespace: string; service: string }[][]
}

interface System {
  readonly system: string
  readonly services: readonly string[]
  readonly dependencies: readonly (readonly [client: string, server: string])[]
}

const systems = JSON.parse(readFileSync(new URL('../data/topologies.json', import.meta.url), 'utf8')) as System[]

/** A dependency of the n-th line is looked up n times, modulo five: no two neighbours can be taken for each other. */
const lookupsOf = (index: number): number => 1 + (index % 5)

describe('the dependency map', () => {
  const { brokers } = sharedBroker()
  const topicPrefix = uniquePrefix()
  let replicas: Replica[] = []
  let agents: DiscoveryAgent[] = []
  let graphs: Graph[] = []

  beforeAll(async () => {
    replicas = await startReplicas(2, { brokers, topicPrefix })
    agents = replay(topicPrefix, brokers)
    await Promise.all(agents.map(agent => agent.flush()))
    const counts = systems.flatMap(({ dependencies }) => dependencies.map((_, index) => lookupsOf(index)))
    const wanted = counts.reduce((sum, count) => sum + count, 0)
    graphs = await until(async () => {
      const answers = (await Promise.all(replicas.map(replica => replica.json('/api/v1/graph')))) as Graph[]
      return answers.every(({ edges, nodes }) => {
        const lookups = edges.reduce((sum, edge) => sum + edge.lookups, 0)
        return lookups >= wanted && nodes.filter(node => node.registered).length >= agents.length
      }) && answers
    }, { timeoutMs: 30_000, message: `${wanted} look-ups and ${agents.length} registered services in the map` })
  })

  afterAll(async () => {
    await Promise.all(agents.map(agent => agent.close()))
    await stopReplicas(replicas)
  })

  it('is of fourteen systems', () => {
    expect(systems.map(({ system }) => system)).toHaveLength(14)
  })

  it('is of two replicas, each of which tells it whole', () => {
    expect(graphs).toHaveLength(2)
  })

  it.each(systems)('of $system is what was published, service by service and edge by edge', ({ system, services, dependencies }) => {
    const published = dependencies.map(([client, server], index) => `${system}/${client} -> ${system}/${server} ${lookupsOf(index)}`)
    for (const graph of graphs) {
      const nodes = graph.nodes.filter(({ namespace }) => namespace === system)
      expect(nodes.map(({ service }) => service).toSorted()).toEqual(services.toSorted())
      const edges = graph.edges.filter(edge => edge.clientNamespace === system || edge.namespace === system)
      expect(edges.map(edgeText).toSorted()).toEqual(published.toSorted())
    }
  })

  it.each(systems)('of $system has the blast radius and the cycles that graphology finds', async ({ system, dependencies, services }) => {
    const theirs = new DirectedGraph({ allowSelfLoops: true })
    for (const service of services) theirs.addNode(service)
    for (const [client, server] of dependencies) theirs.addDirectedEdge(client, server)
    const replica = first(replicas)
    for (const service of services) {
      const expected: string[] = []
      bfsFromNode(theirs, service, node => { if (node !== service) expected.push(node) }, { mode: 'inbound' })
      const { nodes } = await replica.json(`/api/v1/services/${system}/${service}/dependents?transitive=true`) as Graph
      expect(nodes.map(node => node.service).toSorted()).toEqual(expected.toSorted())
    }
    const { components } = await replica.json('/api/v1/graph/cycles') as Cycles
    const ours = components.filter(([one]) => one?.namespace === system).map(each => each.map(node => node.service).toSorted())
    const cyclic = stronglyConnectedComponents(theirs).filter(([one, ...others]) => others.length > 0 || theirs.hasEdge(one, one))
    expect(ours.map(String).toSorted()).toEqual(cyclic.map(each => String(each.toSorted())).toSorted())
  })

  it('has findings, which one replica alone shows as a metric', async () => {
    const kinds = ['cycle', 'unregistered_lookup', 'unused_registration', 'single_point_of_failure', 'cache_bypass', 'stale_answers']
    const shown = await until(async () => {
      const pages = await Promise.all(replicas.map(async replica => (await replica.scrape()).filter(({ name }) => name === 'discovery_findings')))
      const isOfAll = pages.flat().some(({ labels, value }) => labels['kind'] === 'unregistered_lookup' && value === 0)
      return isOfAll && pages
    }, { timeoutMs: 40_000, message: 'findings are shown, made when all had registered' })
    expect(shown.map(samples => samples.map(({ labels }) => labels['kind']).join()).toSorted()).toEqual(['', kinds.join()])
    const { counts } = await first(replicas).json('/api/v1/findings') as Findings
    expect(Object.keys(counts)).toEqual(kinds)
  })

  it('tells of a new dependency as it comes to be', async () => {
    const [agent] = agents
    const changes = await fetch(`${first(replicas).url}/api/v1/graph/changes?kind=edge_appeared`, { headers: { accept: 'text/event-stream' } })
    agent?.recordLookup({ namespace: 'elsewhere', service: 'appeared', outcome: 'SUCCESS', instances: 1 })
    await agent?.flush()
    let text = ''
    for await (const chunk of changes.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString()
      if (text.includes('"appeared"')) break
    }
    expect(text).toMatch(/event: edge_appeared\ndata: \{.*"namespace":"elsewhere","service":"appeared"\}/)
  })

  it('holds nothing else, and every service in it is registered', () => {
    const published = systems.flatMap(({ system, services }) => services.map(service => `${system}/${service}`))
    const nodes = graphs.flatMap(graph => graph.nodes)
    expect(new Set(nodes.map(nodeName))).toEqual(new Set(published))
    expect(new Set(nodes.filter(node => node.registered).map(nodeName))).toEqual(new Set(published))
  })
})

function first(replicas: readonly Replica[]): Replica {
  const [replica] = replicas
  if (replica === undefined) throw new Error('no replica runs')
  return replica
}

/** Every service registers and looks up what it depends on, through an agent of its own. */
function replay(topicPrefix: string, brokers: readonly string[]): DiscoveryAgent[] {
  const kafka = quietKafka(brokers)
  return systems.flatMap(({ system: namespace, services, dependencies }) =>
    services.map(service => {
      const agent = createDiscoveryAgent({ kafka, topicPrefix, namespace, service, instance: `${service}-0`, reportIntervalMs: 0 })
      agent.recordRegistration({ operation: 'REGISTER', outcome: 'SUCCESS', status: 'PASSING' })
      for (const [index, [client, server]] of dependencies.entries()) {
        if (client !== service) continue
        const lookup = { namespace, service: server, outcome: 'SUCCESS', instances: 1 } as const
        for (let count = 0; count < lookupsOf(index); count++) agent.recordLookup(lookup)
      }
      return agent
    }))
}

function edgeText({ clientNamespace, client, namespace, service, lookups }: GraphEdge): string {
  return `${clientNamespace}/${client} -> ${namespace}/${service} ${lookups}`
}

function nodeName({ namespace, service }: { namespace: string; service: string }): string {
  return `${namespace}/${service}`
}

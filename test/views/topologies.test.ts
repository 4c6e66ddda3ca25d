import { readFileSync } from 'node:fs'
import { DirectedGraph } from 'graphology'
import { stronglyConnectedComponents } from 'graphology-components'
import { bfsFromNode } from 'graphology-traversal'
import { describe, expect, it } from 'vitest'
import { graphWriters, type GraphFormat } from '../../src/views/formats/formats.ts'
import { componentsOf, cyclicComponents } from '../../src/views/graph/algorithms/components.ts'
import { reach } from '../../src/views/graph/algorithms/reach.ts'
import { namedOf, readCytoscape, readDot, readGraphml, readJson, readMermaid } from './formats/read-back.ts'
import { atOnce } from '../../src/views/steps.ts'
import { graphOf, readingOf } from './map-of.ts'
import { all, namesIn } from './random-graph.ts'
import { lookup, registration, shardOf, T0 } from './shards.ts'

interface System {
  system: string
  services: string[]
  dependencies: [client: string, server: string][]
}

const systems = JSON.parse(readFileSync(new URL('../data/topologies.json', import.meta.url), 'utf8')) as System[]

/** As agents would tell it: each service registers, each client looks up what it depends on; spread over two partitions of each topic. */
function shardsOf({ system, services, dependencies }: System) {
  const events = {
    lookups: dependencies.map(([client, service]) => lookup({ namespace: system, service, clientNamespace: system, client })),
    registrations: services.map(service => registration({ namespace: system, service, instance: `${service}-1` })),
  }
  return Object.entries(events).flatMap(([topic, all2]) => [0, 1].map(half =>
    shardOf(all2.filter((_, index) => index % 2 === half), { shard: `${topic}-${half}` })))
}

function published({ system, services, dependencies }: System): DirectedGraph {
  const graph = new DirectedGraph({ allowSelfLoops: true })
  for (const service of services) graph.addNode(`${system}/${service}`)
  for (const [client, server] of dependencies) graph.addDirectedEdge(`${system}/${client}`, `${system}/${server}`)
  return graph
}

const readers = { json: readJson, dot: readDot, mermaid: readMermaid, graphml: readGraphml, cytoscape: readCytoscape }

describe('fourteen published systems', () => {
  it('are fourteen', () => {
    expect(systems).toHaveLength(14)
  })
})

describe.each(systems)('the map of $system', system => {
  const shards = shardsOf(system)
  const theirs = published(system)
  const { topology } = readingOf(shards, T0).snapshot

  it.each(Object.keys(readers) as GraphFormat[])('is, in %s, what was published', format => {
    const text = [...graphWriters[format].write(graphOf(shards, T0))].join('')
    expect(readers[format](text)).toEqual(namedOf(theirs))
  })

  it.each(['dependencies', 'dependents'] as const)('has the transitive %s that graphology finds', direction => {
    for (const [root, name] of namesIn(topology, topology.nodes.keys()).entries()) {
      const { nodes, depths } = atOnce(reach(topology, { from: [root], direction, depth: Infinity, admits: all }))
      const expected: [string, number][] = []
      bfsFromNode(theirs, name, (node, _, depth) => { expected.push([node, depth]) }, { mode: direction === 'dependencies' ? 'outbound' : 'inbound' })
      expect(new Map(namesIn(topology, nodes).map((node, index) => [node, depths[index]]))).toEqual(new Map(expected))
    }
  })

  it('has the cycles that graphology finds', () => {
    const cyclic = atOnce(cyclicComponents(topology, atOnce(componentsOf(topology, all)), all)).map(nodes => namesIn(topology, nodes).toSorted())
    const expected = stronglyConnectedComponents(theirs).filter(([first, ...others]) => others.length > 0 || theirs.hasEdge(first, first))
    expect(cyclic.map(String).toSorted()).toEqual(expected.map(nodes => String(nodes.toSorted())).toSorted())
  })
})

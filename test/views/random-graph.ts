import * as fc from 'fast-check'
import { DirectedGraph } from 'graphology'
import type { ServiceName } from '../../src/core/cells.ts'
import type { Topology } from '../../src/views/graph/topology.ts'
import { readingOf } from './map-of.ts'
import { lookup, shardOf, T0 } from './shards.ts'

/** Who looks up whom, by numbers. */
export type Edges = readonly (readonly [client: number, service: number])[]

/** Dependencies among few services: so cycles, and edges that are there twice, are common. */
export const arbitraryEdges: fc.Arbitrary<Edges> = fc.integer({ min: 1, max: 12 }).chain(services => {
  const service = fc.integer({ min: 0, max: services - 1 })
  return fc.array(fc.tuple(service, service), { maxLength: 30 })
})

export function nameOf(number: number): ServiceName {
  return { namespace: `ns${number % 3}`, service: `s${number}` }
}

export function keyOfName({ namespace, service }: ServiceName): string {
  return `${namespace}/${service}`
}

/** The topology that such look-ups make, the odd ones in a second shard. */
export function topologyOf(edges: Edges): Topology {
  const events = edges.map(([client, service]) =>
    lookup({ ...nameOf(service), clientNamespace: nameOf(client).namespace, client: nameOf(client).service }))
  const shards = [0, 1].map(half => shardOf(events.filter((_, index) => index % 2 === half), { shard: `lookups-${half}` }))
  return readingOf(shards, T0).snapshot.topology
}

/** The same, by an independent library. */
export function graphologyOf(edges: Edges): DirectedGraph {
  const graph = new DirectedGraph({ allowSelfLoops: true })
  for (const [client, service] of edges) graph.mergeEdge(keyOfName(nameOf(client)), keyOfName(nameOf(service)))
  return graph
}

export function namesIn({ nodes }: Topology, numbers: Iterable<number>): string[] {
  return Array.from(numbers, number => keyOfName(nodes[number] ?? { namespace: '', service: '' }))
}

export const all = (): boolean => true

import type { ServiceName } from '../../core/cells.ts'
import { reach, type Direction } from './algorithms/reach.ts'
import type { EdgeFacts, FactReader } from './edge-facts.ts'
import type { Snapshot } from './graph-index.ts'
import { nodeNamed } from './node-reader.ts'
import { AT_ONCE, type Steps } from '../steps.ts'
import type { Topology } from './topology.ts'

/** What part of the map is asked for. */
export interface GraphQuery {
  namespace?: string | undefined
  service?: string | undefined
  /** How many edges away from the service. */
  depth: number
  direction: Direction
  /** Milliseconds since the epoch; edges with a look-up since then, to the second. */
  since?: number | undefined
  /** Look-ups a second. */
  minRate?: number | undefined
  failing: boolean
  includeIdle: boolean
}

/** Nodes and edges by number, both ascending and so by name. The ends of each edge are among the nodes. */
export interface Selection {
  nodes: number[]
  edges: number[]
}

export function* select(snapshot: Snapshot, facts: FactReader, query: GraphQuery): Steps<Selection> {
  const { topology } = snapshot
  const admits = admitting(facts, query)
  if (query.service !== undefined) {
    const from = servicesNamed(topology, { namespace: query.namespace, service: query.service })
    const { nodes, edges } = yield* reach(topology, { from, direction: query.direction, depth: query.depth, admits })
    return { nodes: ascending(nodes), edges: ascending(edges) }
  }
  const within = query.namespace === undefined ? null : nodesIn(topology, query.namespace)
  const edges = yield* within === null ? all(topology, admits) : touching(topology, within, admits)
  const shown = endsOf(topology, edges)
  const { from, to } = within ?? { from: 0, to: topology.nodes.length }
  for (let node = from; node < to; node++) if (isShownAlone(snapshot, node, query)) shown[node] = 1
  return { nodes: marked(shown), edges }
}

/** By node: 1 if it is an end of one of the edges. */
export function endsOf({ nodes, clients, services }: Topology, edges: readonly number[]): Uint8Array {
  const ends = new Uint8Array(nodes.length)
  for (const edge of edges) ends[clients[edge] as number] = ends[services[edge] as number] = 1
  return ends
}

function marked(marks: Uint8Array): number[] {
  const found: number[] = []
  for (const [index, mark] of marks.entries()) if (mark === 1) found.push(index)
  return found
}

/** Whether an edge is asked for. */
export function admitting(facts: FactReader, { since, minRate, failing, includeIdle }: Omit<GraphQuery, 'depth' | 'direction'>) {
  const rules: ((edge: EdgeFacts) => boolean)[] = []
  if (since !== undefined) rules.push(({ lastSeen }) => lastSeen >= Math.floor(since / 1_000))
  if (minRate !== undefined) rules.push(edge => facts.rate(edge) >= minRate)
  if (failing) rules.push(({ failures }) => failures > 0)
  if (rules.length === 0) return includeIdle ? () => true : (edge: number) => facts.isActive(edge)
  return (edge: number) => {
    if (!includeIdle && !facts.isActive(edge)) return false
    const known = facts.of(edge)
    return rules.every(rule => rule(known))
  }
}

/** A node without a shown edge: where only edges of some kind are asked for, it is left out; and where idle ones are not, if it is only theirs. */
function isShownAlone({ topology: { outStart, inStart }, groups: { registrations } }: Snapshot, node: number, query: GraphQuery): boolean {
  if (query.since !== undefined || query.minRate !== undefined || query.failing) return false
  const hasEdges = outStart[node] !== outStart[node + 1] || inStart[node] !== inStart[node + 1]
  return query.includeIdle || !hasEdges || registrations.start[node] !== registrations.start[node + 1]
}

function servicesNamed({ nodes }: Topology, { namespace, service }: { namespace: string | undefined; service: string }): number[] {
  if (namespace !== undefined) return [nodeNamed(nodes, { namespace, service })].filter(node => node >= 0)
  return nodes.flatMap((node, index) => (node.service === service ? [index] : []))
}

interface Span {
  from: number
  /** Below which. */
  to: number
}

function nodesIn({ nodes }: Topology, namespace: string): Span {
  const from = firstNode(nodes, ({ namespace: other }) => other >= namespace)
  return { from, to: firstNode(nodes, ({ namespace: other }) => other > namespace) }
}

/** The first node for which it is true, given that it is true for all behind it. */
export function firstNode(nodes: readonly ServiceName[], isBehind: (node: ServiceName) => boolean): number {
  let [low, high] = [0, nodes.length]
  while (low < high) {
    const middle = low + high >>> 1
    const node = nodes[middle]
    if (node === undefined || isBehind(node)) high = middle
    else low = middle + 1
  }
  return low
}

function* all({ clients }: Topology, admits: (edge: number) => boolean): Steps<number[]> {
  const edges: number[] = []
  for (let edge = 0; edge < clients.length; edge++) {
    if (admits(edge)) edges.push(edge)
    if (edge % AT_ONCE === 0) yield
  }
  return edges
}

function* touching(topology: Topology, { from, to }: Span, admits: (edge: number) => boolean): Steps<number[]> {
  const { outStart, inStart, inEdges } = topology
  const edges: number[] = []
  for (let edge = outStart[from] as number; edge < (outStart[to] as number); edge++) {
    if (admits(edge)) edges.push(edge)
    if (edge % AT_ONCE === 0) yield
  }
  for (let at = inStart[from] as number; at < (inStart[to] as number); at++) {
    const edge = inEdges[at] as number
    const client = topology.clients[edge] as number
    if ((client < from || client >= to) && admits(edge)) edges.push(edge)
    if (at % AT_ONCE === 0) yield
  }
  return ascending(edges)
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Int32Array(numbers).toSorted()]
}

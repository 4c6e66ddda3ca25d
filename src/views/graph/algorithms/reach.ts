import type { Steps } from '../source.ts'
import { AT_ONCE } from '../steps.ts'
import type { Topology } from '../topology.ts'

export type Direction = 'both' | 'dependencies' | 'dependents'

export interface Reached {
  /** Nodes in the order in which they are met, nearest first, the ones to begin with included; and how far each is. */
  nodes: number[]
  depths: number[]
  /** Edges that were gone along, each once. */
  edges: number[]
}

export interface ReachQuery {
  from: readonly number[]
  direction: Direction
  /** How many edges away; Infinity: however far. */
  depth: number
  /** Whether an edge may be gone along. */
  admits: (edge: number) => boolean
}

/** A breadth-first search: what is reached from nodes within so many edges. */
export function* reach(topology: Topology, { from, direction, depth, admits }: ReachQuery): Steps<Reached> {
  const depths = new Map(from.map(node => [node, 0]))
  const nodes = [...depths.keys()]
  const edges = new Set<number>()
  for (let index = 0, looked = 0; index < nodes.length; index++) {
    const node = nodes[index] as number
    const at = depths.get(node) as number
    if (at >= depth) break
    for (const [edge, other] of around(topology, node, direction)) {
      if (++looked % AT_ONCE === 0) yield
      if (edges.has(edge) || !admits(edge)) continue
      edges.add(edge)
      if (depths.has(other)) continue
      depths.set(other, at + 1)
      nodes.push(other)
    }
  }
  return { nodes, depths: nodes.map(node => depths.get(node) as number), edges: [...edges] }
}

/** Edges at a node, each with the node at its other end. */
export function* around({ clients, services, outStart, inStart, inEdges }: Topology, node: number, direction: Direction): Generator<[number, number]> {
  if (direction !== 'dependents') {
    for (let edge = outStart[node] as number; edge < (outStart[node + 1] as number); edge++) yield [edge, services[edge] as number]
  }
  if (direction === 'dependencies') return
  for (let at = inStart[node] as number; at < (inStart[node + 1] as number); at++) {
    const edge = inEdges[at] as number
    yield [edge, clients[edge] as number]
  }
}

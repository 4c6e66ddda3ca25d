import { AT_ONCE, type Steps } from '../../steps.ts'
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

const UNSEEN = -1

/** A breadth-first search: what is reached from nodes within so many edges. */
export function* reach(topology: Topology, { from, direction, depth, admits }: ReachQuery): Steps<Reached> {
  const depthOf = new Int32Array(topology.nodes.length).fill(UNSEEN)
  const isSeen = new Uint8Array(topology.clients.length)
  const reached: Reached = { nodes: [...from], depths: from.map(() => 0), edges: [] }
  for (const node of from) depthOf[node] = 0
  for (let index = 0, looked = 0; index < reached.nodes.length; index++) {
    const node = reached.nodes[index] as number
    const at = depthOf[node] as number
    if (at >= depth) break
    for (const edge of edgesAt(topology, node, direction)) {
      if (++looked % AT_ONCE === 0) yield
      if (isSeen[edge] === 1 || !admits(edge)) continue
      const other = otherEnd(topology, edge, node)
      isSeen[edge] = 1
      reached.edges.push(edge)
      if (depthOf[other] !== UNSEEN) continue
      depthOf[other] = at + 1
      reached.nodes.push(other)
      reached.depths.push(at + 1)
    }
  }
  return reached
}

function edgesAt({ outStart, inStart, inEdges }: Topology, node: number, direction: Direction): number[] {
  const edges: number[] = []
  if (direction !== 'dependents') for (let edge = outStart[node] as number; edge < (outStart[node + 1] as number); edge++) edges.push(edge)
  if (direction === 'dependencies') return edges
  for (let at = inStart[node] as number; at < (inStart[node + 1] as number); at++) edges.push(inEdges[at] as number)
  return edges
}

function otherEnd({ clients, services }: Topology, edge: number, node: number): number {
  const client = clients[edge] as number
  return client === node ? services[edge] as number : client
}

import type { ServiceName } from '../core/cells.ts'
import { UNKNOWN_CLIENT } from '../core/names.ts'
import { RECENT_MS } from '../core/recent.ts'
import { graphEdge, mergeEdges, type GraphEdge, type MergedEdge } from './edges.ts'
import { servicesOf, type Service } from './services.ts'
import { cellsOf, type VisibleShard } from './shard.ts'

export interface GraphNode extends Service {
  /** False: stands for clients that did not say who they are. */
  known: boolean
}

export interface Graph {
  windowSeconds: number
  nodes: GraphNode[]
  edges: GraphEdge[]
}

/** The dependency map at `now` (milliseconds since the epoch): every service registered, looked up or looking up, and who looks up whom. */
export function graphOf(shards: readonly VisibleShard[], now: number): Graph {
  const edges = mergeEdges(cellsOf(shards, 'edge'), now)
  const nodes = servicesOf(shards, { now, edges, named: edges.map(clientOf) })
  return {
    windowSeconds: RECENT_MS / 1_000,
    nodes: nodes.map(node => ({ ...node, known: node.service !== UNKNOWN_CLIENT })),
    edges: edges.map(edge => graphEdge(edge, now)),
  }
}

function clientOf({ clientNamespace, client }: MergedEdge): ServiceName {
  return { namespace: clientNamespace, service: client }
}

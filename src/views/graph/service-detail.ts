import type { InstanceCell } from '../../core/cells.ts'
import { addTotals, emptyEdgeTotals } from '../../core/recent.ts'
import { graphEdge, type GraphEdge, type MergedEdge } from '../edges.ts'
import { isoTime, trafficOf, type Traffic } from '../traffic.ts'
import type { EdgeReader } from './edge-reader.ts'
import type { Finding } from './findings.ts'
import type { Snapshot } from './graph-index.ts'
import type { GraphNode, NodeReader } from './node-reader.ts'
import { DECODED_AT_ONCE, type Steps } from '../steps.ts'

export interface ServiceInstance {
  instance: string
  status: string
  version: string
  zone: string
  address: string
  /** ISO 8601. */
  firstSeen: string
  lastSeen: string
  leaseEnds: string | null
}

/** One service with all that is known of it. */
export type ServiceDetail = Omit<GraphNode, 'lookups' | 'findings' | 'dependencies' | 'dependents'> & {
  lookups: { total: number; failures: number } & Traffic
  liveInstances: ServiceInstance[]
  /** Whom it looks up, and who looks it up. */
  dependencies: GraphEdge[]
  dependents: GraphEdge[]
  findings: Finding[]
}

export interface DetailParts {
  edges: EdgeReader
  nodes: NodeReader
  findings: readonly Finding[]
  /** Milliseconds since the epoch. */
  now: number
}

export function* detailOf(snapshot: Snapshot, node: number, { edges, nodes, findings, now }: DetailParts): Steps<ServiceDetail> {
  const { outStart, inStart, inEdges } = snapshot.topology
  const outgoing = Array.from({ length: (outStart[node + 1] as number) - (outStart[node] as number) }, (_, index) => (outStart[node] as number) + index)
  const dependencies = yield* mergedEdges(edges, outgoing)
  const dependents = yield* mergedEdges(edges, inEdges.subarray(inStart[node], inStart[node + 1]))
  const { lookups: { total, failures }, ...known } = nodes.node(node)
  const recent = emptyEdgeTotals()
  for (const edge of dependents) addTotals(recent, edge.recent)
  const since = dependents.reduce((first, { firstSeen }) => Math.min(first, firstSeen), now)
  return {
    ...known, lookups: { total, failures, ...trafficOf(recent, { since, now }) },
    liveInstances: nodes.instances(node).filter(({ live }) => live).map(shownInstance),
    dependencies: dependencies.map(edge => graphEdge(edge, now)), dependents: dependents.map(edge => graphEdge(edge, now)),
    findings: findings.filter(({ namespace, service }) => namespace === known.namespace && service === known.service),
  }
}

function* mergedEdges(reader: EdgeReader, edges: Iterable<number>): Steps<MergedEdge[]> {
  const merged: MergedEdge[] = []
  for (const edge of edges) {
    const found = reader.merged(edge)
    if (found !== null && merged.push(found) % DECODED_AT_ONCE === 0) yield
  }
  return merged
}

function shownInstance({ instance, status, version, zone, address, firstSeen, lastSeen, leaseEnds }: InstanceCell): ServiceInstance {
  return {
    instance, status: status.toLowerCase(), version, zone, address, firstSeen: isoTime(firstSeen), lastSeen: isoTime(lastSeen),
    leaseEnds: leaseEnds > 0 ? isoTime(leaseEnds) : null,
  }
}

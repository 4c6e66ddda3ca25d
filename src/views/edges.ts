import { cacheResults } from '../contract/events.ts'
import type { EdgeCell, ServiceName } from '../core/cells.ts'
import { keyOf } from '../core/names.ts'
import { addTotals, emptyEdgeTotals, recentTotals, type EdgeTotals } from '../core/recent.ts'
import { isoTime, isoTimeIfAny, trafficOf, type Traffic } from './traffic.ts'

/** An edge without a look-up for this long is idle, in milliseconds. */
export const IDLE_MS = 900_000

/** A client's look-ups of a service. Counts are ever since `firstSeen`; rates, ratios and quantiles speak for five minutes. */
export interface GraphEdge extends ServiceName, Traffic {
  clientNamespace: string
  client: string
  lookups: number
  failures: number
  /** Look-ups by cache result, the unknown ones left out. */
  cache: Record<string, number>
  /** ISO 8601. */
  firstSeen: string
  /** Null: the dependency is declared, and was never looked up. */
  lastSeen: string | null
  active: boolean
}

/** An edge's counts, whichever shards they came from: agents that key by their own rule spread an edge over several. */
export interface MergedEdge extends ServiceName {
  clientNamespace: string
  client: string
  totals: EdgeTotals
  recent: EdgeTotals
  firstSeen: number
  lastSeen: number
}

export function mergeEdges(cells: Iterable<EdgeCell>, now: number): MergedEdge[] {
  const merged = new Map<string, MergedEdge>()
  for (const cell of cells) {
    const key = keyOf(cell.clientNamespace, cell.client, cell.namespace, cell.service)
    const held = merged.get(key)
    if (held === undefined) merged.set(key, mergedEdge(cell, now))
    else addEdge(held, mergedEdge(cell, now))
  }
  return [...merged.values()]
}

function mergedEdge(cell: EdgeCell, now: number): MergedEdge {
  const { clientNamespace, client, namespace, service, firstSeen, lastSeen } = cell
  return { clientNamespace, client, namespace, service, totals: cell.totals, recent: recentTotals(cell, now), firstSeen, lastSeen }
}

function addEdge(sum: MergedEdge, edge: MergedEdge): void {
  const totals = emptyEdgeTotals() // what is held may be a cell's own, which the fold alone may change
  addTotals(totals, sum.totals)
  addTotals(totals, edge.totals)
  sum.totals = totals
  addTotals(sum.recent, edge.recent)
  sum.firstSeen = Math.min(sum.firstSeen, edge.firstSeen)
  sum.lastSeen = Math.max(sum.lastSeen, edge.lastSeen)
}

export function graphEdge(edge: MergedEdge, now: number): GraphEdge {
  const { clientNamespace, client, namespace, service, totals, recent, firstSeen, lastSeen } = edge
  return {
    clientNamespace, client, namespace, service,
    lookups: totals.lookups, failures: totals.failures, cache: cacheCounts(totals.cacheResults),
    ...trafficOf(recent, { since: firstSeen, now }),
    firstSeen: isoTime(firstSeen), lastSeen: isoTimeIfAny(lastSeen), active: now - lastSeen <= IDLE_MS,
  }
}

function cacheCounts(counts: readonly number[]): Record<string, number> {
  const known = cacheResults.map((result, index) => [result.toLowerCase(), counts[index] ?? 0] as const)
  return Object.fromEntries(known.filter(([result]) => result !== 'unknown'))
}

import type { ServiceName } from '../../core/cells.ts'
import type { EdgeReader } from '../graph/edge-reader.ts'
import type { FactReader } from '../graph/edge-facts.ts'
import type { Snapshot } from '../graph/graph-index.ts'
import { AT_ONCE, DECODED_AT_ONCE, type Steps } from '../steps.ts'

/** A link as Zipkin's page reads it (zipkin-api, `DependencyLink`). */
export interface DependencyLink {
  parent: string
  child: string
  callCount: number
  errorCount: number
}

/** Of an edge seen between two times, in milliseconds since the epoch. */
export interface Lookback {
  from: number
  to: number
}

/** Tracing tools know one name for a service. */
export function flatName({ namespace, service }: ServiceName): string {
  return `${namespace}/${service}`
}

/** Edges that were looked up along between two times. Counts are since each was first seen: no history is kept. */
export function* dependencyLinks(
  { topology: { clients } }: Snapshot, { facts, edges }: { facts: FactReader; edges: EdgeReader }, { from, to }: Lookback,
): Steps<DependencyLink[]> {
  const links: DependencyLink[] = []
  for (let edge = 0; edge < clients.length; edge++) {
    if (edge % AT_ONCE === 0) yield
    const { firstSeen, lastSeen } = facts.of(edge)
    if (lastSeen < Math.floor(from / 1_000) || firstSeen > to / 1_000) continue
    const merged = edges.merged(edge)
    if (merged === null) continue
    const { clientNamespace: namespace, client: service, totals: { lookups, failures } } = merged
    links.push({ parent: flatName({ namespace, service }), child: flatName(merged), callCount: lookups, errorCount: failures })
    if (links.length % DECODED_AT_ONCE === 0) yield
  }
  return links
}

/** Jaeger's answers (jaeger-ui, `api/jaeger`): what is asked for is `data`. */
export function jaegerAnswer<T>(data: readonly T[]): { data: readonly T[]; total: number; limit: number; offset: number; errors: null } {
  return { data, total: data.length, limit: 0, offset: 0, errors: null }
}

/** Jaeger knows no count of errors. */
export function jaegerLink({ parent, child, callCount }: DependencyLink): Omit<DependencyLink, 'errorCount'> {
  return { parent, child, callCount }
}

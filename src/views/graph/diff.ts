import type { ServiceName } from '../../core/cells.ts'
import { IDLE_MS } from '../edges.ts'
import { isoTime } from '../traffic.ts'
import type { ChangeReaders } from './changes.ts'
import type { EdgeName } from './gone-edges.ts'
import type { Snapshot } from './graph-index.ts'
import { lifeOf, type ServiceLife } from './service-life.ts'
import { AT_ONCE, DECODED_AT_ONCE, type Steps } from '../steps.ts'

export interface EdgeSpan extends EdgeName {
  /** ISO 8601. */
  firstSeen: string
  lastSeen: string
}

export interface Diff {
  from: string
  to: string
  edges: { added: EdgeSpan[]; removed: EdgeSpan[] }
  services: { added: ServiceName[]; removed: ServiceName[] }
  /** There are more than are listed. */
  truncated: boolean
}

export interface DiffQuery {
  /** Milliseconds since the epoch. */
  from: number
  to: number
  namespace?: string | undefined
}

/** Of each list. */
const MOST_LISTED = 10_000

/**
 * What was there at one time and not at the other, to the second. An edge was there from its first look-up until a quarter of an hour after
 * its last; a service while it had an instance or such an edge. What was idle in between, and came again, was there all the time.
 */
export function* diffOf(snapshot: Snapshot, readers: ChangeReaders, query: DiffQuery): Steps<Diff> {
  const { topology: { nodes } } = snapshot
  const edges = yield* edgeDiff(snapshot, readers, query)
  const services: Diff['services'] = { added: [], removed: [] }
  for (const [node, name] of nodes.entries()) {
    if (node % DECODED_AT_ONCE === 0) yield
    if (query.namespace !== undefined && name.namespace !== query.namespace) continue
    const life = lifeOf(snapshot, readers.nodes, { node, now: query.to })
    const then = edges.present.from[node] === 1 || livedAt(life, query.from)
    const later = edges.present.to[node] === 1 || livedAt(life, query.to)
    if (then !== later) services[later ? 'added' : 'removed'].push(name)
  }
  const listed = [edges.added, edges.removed, services.added, services.removed]
  return {
    from: isoTime(query.from), to: isoTime(query.to),
    edges: { added: edges.added.slice(0, MOST_LISTED), removed: edges.removed.slice(0, MOST_LISTED) },
    services: { added: services.added.slice(0, MOST_LISTED), removed: services.removed.slice(0, MOST_LISTED) },
    truncated: listed.some(({ length }) => length > MOST_LISTED),
  }
}

interface EdgeDiff {
  added: EdgeSpan[]
  removed: EdgeSpan[]
  /** Nodes with an edge at each time. */
  present: { from: Uint8Array; to: Uint8Array }
}

function* edgeDiff({ topology }: Snapshot, readers: ChangeReaders, query: DiffQuery): Steps<EdgeDiff> {
  const { clients, services, nodes } = topology
  const found: EdgeDiff = { added: [], removed: [], present: { from: new Uint8Array(nodes.length), to: new Uint8Array(nodes.length) } }
  for (let edge = 0; edge < clients.length; edge++) {
    if (edge % AT_ONCE === 0) yield
    const { firstSeen, lastSeen } = readers.facts.of(edge)
    const isThere = (time: number) => firstSeen <= time / 1_000 && lastSeen + IDLE_MS / 1_000 >= Math.floor(time / 1_000)
    const [client, service] = [clients[edge] as number, services[edge] as number]
    const [then, later] = [isThere(query.from), isThere(query.to)]
    if (then) found.present.from[client] = found.present.from[service] = 1
    if (later) found.present.to[client] = found.present.to[service] = 1
    const isAsked = query.namespace === undefined || [nodes[client], nodes[service]].some(node => node?.namespace === query.namespace)
    const list = found[later ? 'added' : 'removed']
    if (then === later || !isAsked || list.length > MOST_LISTED) continue
    const span = spanOf(readers, edge)
    if (span !== null) list.push(span)
    if (list.length % DECODED_AT_ONCE === 0) yield
  }
  return found
}

function spanOf({ edges }: ChangeReaders, edge: number): EdgeSpan | null {
  const merged = edges.merged(edge)
  if (merged === null) return null
  const { clientNamespace, client, namespace, service, firstSeen, lastSeen } = merged
  return { clientNamespace, client, namespace, service, firstSeen: isoTime(firstSeen), lastSeen: isoTime(lastSeen) }
}

function livedAt({ firstSeen, endedAt, hasInstances }: ServiceLife, time: number): boolean {
  return firstSeen <= time && (hasInstances || endedAt >= time)
}

import type { FactReader } from './edge-facts.ts'
import type { Snapshot } from './graph-index.ts'
import { instanceStatuses } from '../../contract/events.ts'
import { RECENT_MS } from '../../core/recent.ts'
import { isoTime, isoTimeIfAny } from '../traffic.ts'
import { byStatus, type NodeReader } from './node-reader.ts'
import { AT_ONCE, DECODED_AT_ONCE, type Steps } from '../steps.ts'

interface Rates {
  ratePerSecond: number
  errorRatio: number | null
}

export interface NamespaceNode {
  namespace: string
  services: number
  registered: number
  instances: Record<string, number>
  /** Of all services in it. */
  lookups: Rates
  /** How many were found about services in it. */
  findings: number
}

/** All edges from one namespace to another, or within one. */
export interface NamespaceEdge extends Rates {
  clientNamespace: string
  namespace: string
  edges: number
  activeEdges: number
  firstSeen: string
  /** Null: all are declared, and none was ever looked up. */
  lastSeen: string | null
}

export interface NamespaceSummary {
  windowSeconds: number
  totals: {
    namespaces: number; services: number; registered: number; instances: number; edges: number; activeEdges: number; ratePerSecond: number
  }
  nodes: NamespaceNode[]
  edges: NamespaceEdge[]
}

interface Sum {
  /** Number of the services' namespace. */
  namespace: number
  edges: number
  active: number
  rate: number
  failureRate: number
  firstSeen: number
  lastSeen: number
}

export interface SummaryParts {
  facts: FactReader
  reader: NodeReader
  includeIdle: boolean
  /** By namespace: how many were found. */
  findings: ReadonlyMap<string, number>
}

/** The map by namespaces. */
export function* summarize(snapshot: Snapshot, parts: SummaryParts): Steps<NamespaceSummary> {
  const { nodes } = snapshot.topology
  const namespaces = [...new Set(nodes.map(({ namespace }) => namespace))]
  const numberOf = new Map(namespaces.map((namespace, number) => [namespace, number]))
  const namespaceOf = Int32Array.from(nodes, ({ namespace }) => numberOf.get(namespace) ?? 0)
  const sums = yield* sumEdges(snapshot, { ...parts, namespaceOf, count: namespaces.length })
  const own = yield* sumNodes(snapshot, { reader: parts.reader, namespaceOf, count: namespaces.length })
  const incoming = new Map<number, Sum[]>()
  for (const sum of sums.values()) {
    const known = incoming.get(sum.namespace)
    if (known === undefined) incoming.set(sum.namespace, [sum])
    else known.push(sum)
  }
  const shownNodes = namespaces.map((namespace, number): NamespaceNode => {
    const { services = 0, registered = 0, statuses = [] } = own[number] ?? {}
    const lookups = ratesOf(incoming.get(number) ?? [])
    return { namespace, services, registered, instances: byStatus(statuses), lookups, findings: parts.findings.get(namespace) ?? 0 }
  })
  yield
  const shownEdges: NamespaceEdge[] = []
  for (const [pair, sum] of [...sums].toSorted(([a], [b]) => a - b)) {
    if (shownEdges.push(namespaceEdge(namespaces, pair, sum)) % AT_ONCE === 0) yield
  }
  return { windowSeconds: RECENT_MS / 1_000, totals: totalsOf(shownNodes, [...sums.values()]), nodes: shownNodes, edges: shownEdges }
}

function namespaceEdge(namespaces: readonly string[], pair: number, sum: Sum): NamespaceEdge {
  return {
    clientNamespace: namespaces[Math.floor(pair / namespaces.length)] ?? '', namespace: namespaces[pair % namespaces.length] ?? '',
    edges: sum.edges, activeEdges: sum.active, ...ratesOf([sum]), firstSeen: isoTime(sum.firstSeen * 1_000), lastSeen: isoTimeIfAny(sum.lastSeen * 1_000),
  }
}

interface Numbered {
  namespaceOf: Int32Array
  count: number
}

/** By pair: number of the client's namespace × their count + number of the service's. */
function* sumEdges(
  { topology: { clients, services } }: Snapshot, { facts, includeIdle, namespaceOf, count }: SummaryParts & Numbered,
): Steps<Map<number, Sum>> {
  const sums = new Map<number, Sum>()
  for (let edge = 0; edge < clients.length; edge++) {
    if (edge % AT_ONCE === 0) yield
    const isActive = facts.isActive(edge)
    if (!isActive && !includeIdle) continue
    const known = facts.of(edge)
    const namespace = namespaceOf[services[edge] as number] as number
    const pair = (namespaceOf[clients[edge] as number] as number) * count + namespace
    const sum = sums.get(pair) ?? { namespace, edges: 0, active: 0, rate: 0, failureRate: 0, firstSeen: Infinity, lastSeen: 0 }
    sums.set(pair, sum)
    sum.edges++
    if (isActive) sum.active++
    sum.rate += facts.rate(known)
    sum.failureRate += facts.rate({ lookups: known.failures, firstSeen: known.firstSeen })
    sum.firstSeen = Math.min(sum.firstSeen, known.firstSeen)
    sum.lastSeen = Math.max(sum.lastSeen, known.lastSeen)
  }
  return sums
}

interface Own {
  services: number
  registered: number
  statuses: number[]
}

function* sumNodes(
  { topology: { nodes }, groups: { registrations } }: Snapshot, { reader, namespaceOf, count }: Numbered & Pick<SummaryParts, 'reader'>,
): Steps<Own[]> {
  const sums = Array.from({ length: count }, (): Own => ({ services: 0, registered: 0, statuses: instanceStatuses.map(() => 0) }))
  for (let node = 0; node < nodes.length; node++) {
    if (node % DECODED_AT_ONCE === 0) yield
    const sum = sums[namespaceOf[node] as number]
    if (sum === undefined) continue
    sum.services++
    if (registrations.start[node] === registrations.start[node + 1]) continue
    const { registered, statuses } = reader.registered(node)
    if (registered) sum.registered++
    sum.statuses = sum.statuses.map((total, status) => total + (statuses[status] ?? 0))
  }
  return sums
}

function ratesOf(sums: readonly Sum[]): Rates {
  const rate = sums.reduce((total, sum) => total + sum.rate, 0)
  return { ratePerSecond: rate, errorRatio: rate > 0 ? sums.reduce((total, sum) => total + sum.failureRate, 0) / rate : null }
}

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}

function totalsOf(nodes: readonly NamespaceNode[], sums: readonly Sum[]): NamespaceSummary['totals'] {
  return {
    namespaces: nodes.length, services: sumOf(nodes, ({ services }) => services), registered: sumOf(nodes, ({ registered }) => registered),
    instances: sumOf(nodes, ({ instances }) => sumOf(Object.values(instances), count => count)),
    edges: sumOf(sums, ({ edges }) => edges), activeEdges: sumOf(sums, ({ active }) => active), ratePerSecond: sumOf(sums, ({ rate }) => rate),
  }
}

import { instanceStatuses } from '../contract/events.ts'
import type { InstanceCell, ServiceName, VersionCell } from '../core/cells.ts'
import { labelValues, keyOf } from '../core/names.ts'
import { addTotals, emptyEdgeTotals } from '../core/recent.ts'
import { graphEdge, mergeEdges, type GraphEdge, type MergedEdge } from './edges.ts'
import { cellsOf, type VisibleShard } from './shard.ts'
import { isoTime, trafficOf, type Traffic } from './traffic.ts'

export interface ServiceVersion {
  version: string
  instances: number
  firstSeen: string
  lastSeen: string
}

/** A service: what is registered of it, and how it is looked up. */
export interface Service extends ServiceName {
  /** Some agent has reported registrations of it. */
  registered: boolean
  /** Live instances, by status. */
  instances: Record<string, number>
  versions: ServiceVersion[]
  /** ISO 8601; null: no deployment seen. */
  lastDeployment: string | null
  lookups: { total: number; failures: number } & Traffic
}

export interface ServiceInstance {
  instance: string
  status: string
  version: string
  zone: string
  address: string
  firstSeen: string
  lastSeen: string
  leaseEnds: string | null
}

export interface ServiceDetail extends Service {
  liveInstances: ServiceInstance[]
  /** Whom it looks up. */
  dependencies: GraphEdge[]
  /** Who looks it up. */
  dependents: GraphEdge[]
}

interface Draft extends ServiceName {
  registered: boolean
  statuses: number[]
  lastDeployment: number
  versions: Map<string, VersionCell>
  lookups: MergedEdge[]
}

export interface ServicesQuery {
  /** Milliseconds since the epoch. */
  now: number
  /** The shards' edges, where they are merged already. */
  edges?: readonly MergedEdge[]
  /** Services to list although nothing else is known of them. */
  named?: readonly ServiceName[]
}

/** All services that are registered, looked up, or named, by namespace and name. */
export function servicesOf(shards: readonly VisibleShard[], { now, edges, named = [] }: ServicesQuery): Service[] {
  const drafts = new Map<string, Draft>()
  const draft = ({ namespace, service }: ServiceName): Draft => {
    const key = keyOf(namespace, service)
    const made = drafts.get(key) ?? {
      namespace, service, registered: false, statuses: instanceStatuses.map(() => 0), lastDeployment: 0, versions: new Map(), lookups: [],
    }
    drafts.set(key, made)
    return made
  }
  for (const cell of cellsOf(shards, 'registrations')) {
    const service = draft(cell)
    service.registered = true
    service.statuses = service.statuses.map((count, status) => count + (cell.statuses[status] ?? 0))
    service.lastDeployment = Math.max(service.lastDeployment, cell.lastDeployment)
  }
  for (const cell of cellsOf(shards, 'version')) mergeVersion(draft(cell).versions, cell)
  for (const edge of edges ?? mergeEdges(cellsOf(shards, 'edge'), now)) draft(edge).lookups.push(edge)
  for (const name of named) draft(name)
  return [...drafts.values()].map(service => finish(service, now)).toSorted(byName)
}

/** One service with its instances and its edges; null if nothing is known of it. */
export function serviceOf(shards: readonly VisibleShard[], { namespace, service }: ServiceName, now: number): ServiceDetail | null {
  const edges = mergeEdges(cellsOf(shards, 'edge'), now)
  const outgoing = edges.filter(edge => edge.clientNamespace === namespace && edge.client === service)
  const incoming = edges.filter(edge => edge.namespace === namespace && edge.service === service)
  const named = outgoing.length > 0 ? [{ namespace, service }] : []
  const found = servicesOf(shards, { now, edges, named }).find(other => other.namespace === namespace && other.service === service)
  if (found === undefined) return null
  const instances = [...cellsOf(shards, 'instance')].filter(cell => cell.live && cell.namespace === namespace && cell.service === service)
  return {
    ...found,
    liveInstances: instances.map(serviceInstance),
    dependencies: outgoing.map(edge => graphEdge(edge, now)),
    dependents: incoming.map(edge => graphEdge(edge, now)),
  }
}

function finish({ namespace, service, registered, statuses, lastDeployment, versions, lookups }: Draft, now: number): Service {
  const totals = emptyEdgeTotals()
  const recent = emptyEdgeTotals()
  for (const edge of lookups) {
    addTotals(totals, edge.totals)
    addTotals(recent, edge.recent)
  }
  const since = lookups.reduce((first, edge) => Math.min(first, edge.firstSeen), now)
  return {
    namespace, service, registered,
    instances: Object.fromEntries(labelValues(instanceStatuses).map((status, index) => [status, statuses[index] ?? 0])),
    versions: [...versions.values()].map(({ version, instances, firstSeen, lastSeen }) =>
      ({ version, instances, firstSeen: isoTime(firstSeen), lastSeen: isoTime(lastSeen) })),
    lastDeployment: lastDeployment > 0 ? isoTime(lastDeployment) : null,
    lookups: { total: totals.lookups, failures: totals.failures, ...trafficOf(recent, { since, now }) },
  }
}

function mergeVersion(versions: Map<string, VersionCell>, cell: VersionCell): void {
  const held = versions.get(cell.version)
  versions.set(cell.version, held === undefined ? { ...cell } : {
    ...held, instances: held.instances + cell.instances,
    firstSeen: Math.min(held.firstSeen, cell.firstSeen), lastSeen: Math.max(held.lastSeen, cell.lastSeen),
  })
}

function serviceInstance({ instance, status, version, zone, address, firstSeen, lastSeen, leaseEnds }: InstanceCell): ServiceInstance {
  return {
    instance, status: status.toLowerCase(), version, zone, address, firstSeen: isoTime(firstSeen), lastSeen: isoTime(lastSeen),
    leaseEnds: leaseEnds > 0 ? isoTime(leaseEnds) : null,
  }
}

function byName(a: ServiceName, b: ServiceName): number {
  return a.namespace.localeCompare(b.namespace) || a.service.localeCompare(b.service)
}

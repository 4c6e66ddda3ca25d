import { cacheResults } from '../../contract/events.ts'
import type { ServiceName } from '../../core/cells.ts'
import { isOne } from '../../core/value-rules.ts'
import type { MergedEdge } from '../edges.ts'
import { componentsOf, cyclicComponents } from './algorithms/components.ts'
import { countDependents } from './algorithms/dependents.ts'
import { HAS_BYPASS, HAS_STALE } from './edge-rows.ts'
import type { FactReader } from './edge-facts.ts'
import type { EdgeReader } from './edge-reader.ts'
import type { Snapshot } from './graph-index.ts'
import type { NodeReader } from './node-reader.ts'
import { AT_ONCE, DECODED_AT_ONCE, type Steps } from '../steps.ts'
import type { Topology } from './topology.ts'

export const findingKinds = [
  'cycle', 'unregistered_lookup', 'unused_registration', 'single_point_of_failure', 'cache_bypass', 'stale_answers',
] as const
export type FindingKind = (typeof findingKinds)[number]

/** Something that looks wrong about a service. */
export interface Finding extends ServiceName {
  kind: FindingKind
  /** For people: what was found, and what to do. */
  message: string
  /** Others that take part, at most ten. */
  services: ServiceName[]
  /** How bad; null: there is no number. */
  value: number | null
}

/** A service on which a larger share of all others depends, however indirectly, is a single point of failure; where there are that many. */
export const SINGLE_POINT_SHARE = 0.5
const FEWEST_DEPENDENTS = 3
/** A client bypasses a cache if it does so at more than this share of its look-ups of a service, in five minutes. */
export const BYPASS_SHARE = 0.5
const MOST_OTHERS = 10

const UNKNOWN = cacheResults.indexOf('UNKNOWN')
const STALE = cacheResults.indexOf('STALE')
const BYPASS = cacheResults.indexOf('BYPASS')

export interface FindingReaders {
  facts: FactReader
  edges: EdgeReader
  nodes: NodeReader
}

/** What looks wrong in the map, by its active edges; by kind, then by name. */
export function* findingsOf(snapshot: Snapshot, readers: FindingReaders): Steps<Finding[]> {
  const single = yield* singleServices(snapshot.topology)
  const admits = yield* activeSingleEdges(snapshot, readers.facts, single)
  return [
    ...(yield* structuralFindings(snapshot, { admits, single })), ...(yield* registrationFindings(snapshot, readers, admits)),
    ...(yield* cacheFindings(snapshot, readers, admits)),
  ].toSorted((a, b) => findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind))
}

type Admits = (edge: number) => boolean

/** Which nodes are one service each, as numbers: 1. Others say not who they are, or stand for many. */
function* singleServices({ nodes }: Topology): Steps<Uint8Array> {
  const single = new Uint8Array(nodes.length)
  for (const [node, { service }] of nodes.entries()) {
    if (node % AT_ONCE === 0) yield
    if (isOne(service)) single[node] = 1
  }
  return single
}

/** Edges that are active, between two single services. */
function* activeSingleEdges({ topology: { clients, services } }: Snapshot, facts: FactReader, single: Uint8Array): Steps<Admits> {
  const active = new Uint8Array(clients.length)
  for (let edge = 0; edge < clients.length; edge++) {
    if (edge % AT_ONCE === 0) yield
    if (single[clients[edge] as number] === 1 && single[services[edge] as number] === 1 && facts.isActive(edge)) active[edge] = 1
  }
  return edge => active[edge] === 1
}

function* structuralFindings({ topology }: Snapshot, { admits, single }: { admits: Admits; single: Uint8Array }): Steps<Finding[]> {
  const { nodes } = topology
  const nameOf = (node: number | undefined) => nodes[node ?? -1] ?? { namespace: '', service: '' }
  const components = yield* componentsOf(topology, admits)
  const cycles = (yield* cyclicComponents(topology, components, admits)).filter(({ length }) => length > 1)
  const found = cycles.map(([first, ...others]): Finding => ({
    kind: 'cycle', ...nameOf(first), services: others.slice(0, MOST_OTHERS).map(nameOf), value: others.length + 1,
    message: `${others.length + 1} services depend on each other in a circle: when one fails, none of them can start; break it at one place.`,
  }))
  const known = single.reduce((sum, one) => sum + one, 0)
  const atLeast = Math.max(FEWEST_DEPENDENTS, Math.ceil(SINGLE_POINT_SHARE * (known - 1)))
  const dependents = yield* countDependents(topology, components, { admits, atLeast })
  for (const [node, count] of dependents.entries()) {
    if (node % AT_ONCE === 0) yield
    const share = count / (known - 1)
    if (count < FEWEST_DEPENDENTS || !(share > SINGLE_POINT_SHARE)) continue
    found.push({
      kind: 'single_point_of_failure', ...nameOf(node), services: [], value: share,
      message: `${Math.round(share * 100)} % of all services depend on it, directly or not: see that it cannot fail as a whole.`,
    })
  }
  return found
}

function* registrationFindings({ topology, groups }: Snapshot, { nodes: reader }: FindingReaders, admits: Admits): Steps<Finding[]> {
  const { nodes, inStart, inEdges, clients } = topology
  const found: Finding[] = []
  for (const [node, name] of nodes.entries()) {
    if (node % DECODED_AT_ONCE === 0) yield
    if (!isOne(name.service)) continue
    const isRegistered = groups.registrations.start[node] !== groups.registrations.start[node + 1]
    if (isRegistered && !reader.isWanted(node) && reader.registered(node).statuses.some(count => count > 0)) {
      found.push({
        kind: 'unused_registration', ...name, services: [], value: null,
        message: 'It is registered and has instances, but nobody has ever looked it up: it may be needless, or found in another way.',
      })
    }
    if (isRegistered) continue
    const users = [...inEdges.subarray(inStart[node], inStart[node + 1])].filter(admits).map(edge => nodes[clients[edge] as number])
    if (users.length === 0) continue
    found.push({
      kind: 'unregistered_lookup', ...name, services: users.slice(0, MOST_OTHERS).flatMap(user => user ?? []), value: users.length,
      message: 'It is looked up, but no agent has reported a registration of it: mend the name, register it, or attach an agent to its registry.',
    })
  }
  return found
}

/** Only edges that are marked are decoded. */
function* cacheFindings({ topology: { clients } }: Snapshot, { facts, edges }: FindingReaders, admits: Admits): Steps<Finding[]> {
  const [bypassed, stale] = [new Map<string, Finding>(), new Map<string, Finding>()]
  for (let edge = 0, decoded = 0; edge < clients.length; edge++) {
    if (edge % AT_ONCE === 0) yield
    const { marks } = facts.of(edge)
    if ((marks & (HAS_BYPASS | HAS_STALE)) === 0 || !admits(edge)) continue
    const merged = edges.merged(edge)
    if (merged !== null) noteCaches(merged, { bypassed, stale })
    if (++decoded % DECODED_AT_ONCE === 0) yield
  }
  return [...bypassed.values(), ...stale.values()].toSorted((a, b) => (`${a.namespace} ${a.service}` < `${b.namespace} ${b.service}` ? -1 : 1))
}

interface CacheFindings {
  bypassed: Map<string, Finding>
  stale: Map<string, Finding>
}

function noteCaches({ recent: { cacheResults: counts }, ...edge }: MergedEdge, { bypassed, stale }: CacheFindings): void {
  const known = counts.reduce((sum, count, result) => sum + (result === UNKNOWN ? 0 : count), 0)
  const share = (result: number) => (known > 0 ? (counts[result] ?? 0) / known : 0)
  const [client, service] = [{ namespace: edge.clientNamespace, service: edge.client }, { namespace: edge.namespace, service: edge.service }]
  if (share(BYPASS) > BYPASS_SHARE) {
    note(bypassed, {
      kind: 'cache_bypass', ...client, services: [service], value: share(BYPASS),
      message: 'More than half of its look-ups go past its cache: let it keep answers for as long as they hold.',
    })
  }
  if (share(STALE) > 0) {
    note(stale, {
      kind: 'stale_answers', ...service, services: [client], value: share(STALE),
      message: 'Caches have given stale answers for it in the last five minutes: its registry may be slow or out of reach.',
    })
  }
}

function note(findings: Map<string, Finding>, finding: Finding): void {
  const key = JSON.stringify([finding.namespace, finding.service])
  const held = findings.get(key)
  if (held === undefined) findings.set(key, finding)
  else if (held.services.length < MOST_OTHERS) held.services.push(...finding.services)
  if (held !== undefined) held.value = Math.max(held.value ?? 0, finding.value ?? 0)
}

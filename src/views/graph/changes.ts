import type { ServiceName } from '../../core/cells.ts'
import { IDLE_MS } from '../edges.ts'
import { isoTime } from '../traffic.ts'
import type { FactReader } from './edge-facts.ts'
import type { EdgeReader } from './edge-reader.ts'
import type { EdgeName } from './gone-edges.ts'
import type { Snapshot } from './graph-index.ts'
import { nodeNamed, type NodeReader } from './node-reader.ts'
import { firstSeenOf, lifeOf } from './service-life.ts'
import type { Steps } from './source.ts'
import { AT_ONCE, DECODED_AT_ONCE } from './steps.ts'

export const changeKinds = [
  'edge_appeared', 'edge_idle', 'edge_gone', 'service_appeared', 'service_lost_last_instance', 'service_new_version',
] as const
export type ChangeKind = (typeof changeKinds)[number]

/** Something that came to be at a time. */
export interface Change extends ServiceName, Partial<Pick<EdgeName, 'clientNamespace' | 'client'>> {
  kind: ChangeKind
  /** ISO 8601. */
  at: string
  version?: string
}

export interface ChangesQuery {
  /** Milliseconds since the epoch: changes after the one, up to the other. */
  since: number
  until: number
  kind?: ChangeKind | undefined
  namespace?: string | undefined
  /** At most so many, the newest. */
  limit: number
}

export interface ChangeReaders {
  facts: FactReader
  edges: EdgeReader
  nodes: NodeReader
}

/** A change by its time to the second, and how to find out the rest of it. */
interface Candidate {
  kind: ChangeKind
  seconds: number
  tell: () => Timed | null
}

interface Timed {
  change: Change
  /** Milliseconds since the epoch. */
  time: number
}

/** What has changed, oldest first, as first and last seen tell it: of an edge that was idle in between, only the last time is known. */
export function* changesOf(snapshot: Snapshot, readers: ChangeReaders, query: ChangesQuery): Steps<{ changes: Change[]; truncated: boolean }> {
  const candidates = [...(yield* edgeCandidates(snapshot, readers, query)), ...goneCandidates(snapshot, query), ...(yield* serviceCandidates(snapshot, readers, query))]
    .filter(({ kind }) => query.kind === undefined || kind === query.kind)
    .toSorted((a, b) => b.seconds - a.seconds)
  yield
  const found: Timed[] = []
  let truncated = false
  for (const [index, { tell }] of candidates.entries()) {
    if (found.length >= query.limit) {
      truncated = true
      break
    }
    const told = tell()
    if (told !== null && told.time > query.since && told.time <= query.until && isWithin(told.change, query.namespace)) found.push(told)
    if (index % DECODED_AT_ONCE === 0) yield
  }
  return { changes: found.toSorted((a, b) => a.time - b.time).map(({ change }) => change), truncated }
}

function isWithin({ namespace, clientNamespace }: Change, wanted: string | undefined): boolean {
  return wanted === undefined || namespace === wanted || clientNamespace === wanted
}

function* edgeCandidates({ topology: { clients } }: Snapshot, { facts, edges }: ChangeReaders, { since, until }: ChangesQuery): Steps<Candidate[]> {
  const found: Candidate[] = []
  const [from, to] = [Math.floor(since / 1_000), Math.floor(until / 1_000)]
  const idle = IDLE_MS / 1_000
  for (let edge = 0; edge < clients.length; edge++) {
    if (edge % AT_ONCE === 0) yield
    const { firstSeen, lastSeen } = facts.of(edge)
    if (firstSeen >= from && firstSeen <= to) {
      found.push({ kind: 'edge_appeared', seconds: firstSeen, tell: () => edgeChange(edges, edge, 'edge_appeared') })
    }
    if (lastSeen + idle >= from && lastSeen + idle <= to) {
      found.push({ kind: 'edge_idle', seconds: lastSeen + idle, tell: () => edgeChange(edges, edge, 'edge_idle') })
    }
  }
  return found
}

function edgeChange(edges: EdgeReader, edge: number, kind: 'edge_appeared' | 'edge_idle'): Timed | null {
  const merged = edges.merged(edge)
  if (merged === null) return null
  const { clientNamespace, client, namespace, service, firstSeen, lastSeen } = merged
  const time = kind === 'edge_appeared' ? firstSeen : lastSeen + IDLE_MS
  return { change: { kind, at: isoTime(time), clientNamespace, client, namespace, service }, time }
}

/** Edges that another shard still holds, or that have come again, are not gone. */
function goneCandidates({ topology, gone }: Snapshot, { since }: ChangesQuery): Candidate[] {
  const { nodes, outStart, services } = topology
  return gone.since(since).filter(({ clientNamespace, client, namespace, service }) => {
    const node = nodeNamed(nodes, { namespace: clientNamespace, service: client })
    return node < 0 || !services.subarray(outStart[node], outStart[node + 1]).includes(nodeNamed(nodes, { namespace, service }))
  }).map(({ at, ...name }) => ({
    kind: 'edge_gone', seconds: Math.floor(at / 1_000), tell: () => ({ change: { kind: 'edge_gone', at: isoTime(at), ...name }, time: at }),
  }))
}

function* serviceCandidates(snapshot: Snapshot, { facts, nodes }: ChangeReaders, { since, until }: ChangesQuery): Steps<Candidate[]> {
  const found: Candidate[] = []
  for (const [node, { namespace, service }] of snapshot.topology.nodes.entries()) {
    if (node % DECODED_AT_ONCE === 0) yield
    const life = lifeOf(snapshot, nodes, { node, now: until })
    const note = (kind: ChangeKind, time: number, version?: string) => {
      if (time < since || time > until) return
      const change = { kind, at: isoTime(time), namespace, service, ...(version === undefined ? {} : { version }) }
      found.push({ kind, seconds: time / 1_000, tell: () => ({ change, time }) })
    }
    note('service_appeared', firstSeenOf(snapshot, facts, { node, life }))
    if (life.endedAt > 0) note('service_lost_last_instance', life.endedAt)
    for (const { version, firstSeen } of life.versions) note('service_new_version', firstSeen, version)
  }
  return found
}

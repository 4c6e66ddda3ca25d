import type { ServiceName } from '../../core/cells.ts'
import { IDLE_MS } from '../edges.ts'
import { isoTime } from '../traffic.ts'
import type { FactReader } from './edge-facts.ts'
import type { EdgeReader } from './edge-reader.ts'
import type { EdgeName } from './gone-edges.ts'
import type { Snapshot } from './graph-index.ts'
import { nodeNamed, type NodeReader } from './node-reader.ts'
import { firstSeenOf, lifeOf } from './service-life.ts'
import { AT_ONCE, DECODED_AT_ONCE, type Steps } from '../steps.ts'

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

/** Told of a possible change; the newest are kept, and somewhat more than are asked for: some prove to be none. */
class Newest {
  #kept: Candidate[] = []
  #from = -Infinity
  hasDropped = false
  readonly #most: number
  readonly #kind: ChangeKind | undefined

  constructor({ limit, kind }: ChangesQuery) {
    this.#most = limit + SPARE
    this.#kind = kind
  }

  note(kind: ChangeKind, seconds: number, tell: Candidate['tell']): void {
    if (this.#kind !== undefined && kind !== this.#kind) return
    if (seconds < this.#from) this.hasDropped = true
    else if (this.#kept.push({ kind, seconds, tell }) >= 2 * this.#most) this.#drop()
  }

  sorted(): Candidate[] {
    return this.#kept.toSorted((a, b) => b.seconds - a.seconds)
  }

  #drop(): void {
    this.#kept = this.sorted().slice(0, this.#most)
    this.#from = this.#kept.at(-1)?.seconds ?? this.#from
    this.hasDropped = true
  }
}

const SPARE = 256

/** What has changed, oldest first, as first and last seen tell it: of an edge that was idle in between, only the last time is known. */
export function* changesOf(snapshot: Snapshot, readers: ChangeReaders, query: ChangesQuery): Steps<{ changes: Change[]; truncated: boolean }> {
  const newest = new Newest(query)
  const isAsked = (node: number) => query.namespace === undefined || snapshot.topology.nodes[node]?.namespace === query.namespace
  yield* noteEdges(snapshot, readers, { ...query, newest, isAsked })
  noteGone(snapshot, { ...query, newest, isAsked })
  yield* noteServices(snapshot, readers, { ...query, newest, isAsked })
  const found: Timed[] = []
  let truncated = newest.hasDropped
  for (const [index, { tell }] of newest.sorted().entries()) {
    if (found.length >= query.limit) {
      truncated = true
      break
    }
    const told = tell()
    if (told !== null && told.time > query.since && told.time <= query.until) found.push(told)
    if (index % DECODED_AT_ONCE === 0) yield
  }
  return { changes: found.toSorted((a, b) => a.time - b.time).map(({ change }) => change), truncated }
}

interface Noting extends ChangesQuery {
  newest: Newest
  /** Whether a node is of the namespace that is asked for. */
  isAsked: (node: number) => boolean
}

function* noteEdges({ topology: { clients, services } }: Snapshot, { facts, edges }: ChangeReaders, { since, until, newest, isAsked }: Noting): Steps<void> {
  const [from, to] = [Math.floor(since / 1_000), Math.floor(until / 1_000)]
  const idle = IDLE_MS / 1_000
  for (let edge = 0; edge < clients.length; edge++) {
    if (edge % AT_ONCE === 0) yield
    const { firstSeen, lastSeen } = facts.of(edge)
    const [appeared, isIdle] = [firstSeen >= from && firstSeen <= to, lastSeen + idle >= from && lastSeen + idle <= to]
    if (!appeared && !isIdle) continue
    if (!isAsked(clients[edge] as number) && !isAsked(services[edge] as number)) continue
    if (appeared) newest.note('edge_appeared', firstSeen, () => edgeChange(edges, edge, 'edge_appeared'))
    if (isIdle) newest.note('edge_idle', lastSeen + idle, () => edgeChange(edges, edge, 'edge_idle'))
  }
}

function edgeChange(edges: EdgeReader, edge: number, kind: 'edge_appeared' | 'edge_idle'): Timed | null {
  const merged = edges.merged(edge)
  if (merged === null) return null
  const { clientNamespace, client, namespace, service, firstSeen, lastSeen } = merged
  const time = kind === 'edge_appeared' ? firstSeen : lastSeen + IDLE_MS
  return { change: { kind, at: isoTime(time), clientNamespace, client, namespace, service }, time }
}

/** Edges that another shard still holds, or that have come again, are not gone. */
function noteGone({ topology, gone }: Snapshot, { since, namespace: wanted, newest }: Noting): void {
  const { nodes, outStart, services } = topology
  for (const { at, ...name } of gone.since(since)) {
    const { clientNamespace, client, namespace, service } = name
    if (wanted !== undefined && wanted !== namespace && wanted !== clientNamespace) continue
    const node = nodeNamed(nodes, { namespace: clientNamespace, service: client })
    if (node >= 0 && services.subarray(outStart[node], outStart[node + 1]).includes(nodeNamed(nodes, { namespace, service }))) continue
    newest.note('edge_gone', Math.floor(at / 1_000), () => ({ change: { kind: 'edge_gone', at: isoTime(at), ...name }, time: at }))
  }
}

function* noteServices(snapshot: Snapshot, { facts, nodes }: ChangeReaders, { since, until, newest, isAsked }: Noting): Steps<void> {
  for (const [node, { namespace, service }] of snapshot.topology.nodes.entries()) {
    if (node % DECODED_AT_ONCE === 0) yield
    if (!isAsked(node)) continue
    const life = lifeOf(snapshot, nodes, { node, now: until })
    const note = (kind: ChangeKind, time: number, version?: string) => {
      if (time < since || time > until) return
      const change = { kind, at: isoTime(time), namespace, service, ...(version === undefined ? {} : { version }) }
      newest.note(kind, time / 1_000, () => ({ change, time }))
    }
    note('service_appeared', firstSeenOf(snapshot, facts, { node, life }))
    if (life.endedAt > 0) note('service_lost_last_instance', life.endedAt)
    for (const { version, firstSeen } of life.versions) note('service_new_version', firstSeen, version)
  }
}

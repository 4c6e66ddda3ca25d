import type { ServiceName } from '../../core/cells.ts'
import type { FactReader } from './edge-facts.ts'
import type { Snapshot } from './graph-index.ts'
import type { NodeReader } from './node-reader.ts'

/** When a service and its versions were first seen, and when it lost its last instance. Milliseconds since the epoch. */
export interface ServiceLife {
  /** By its instances and versions; Infinity: it has none. */
  firstSeen: number
  /** When its last instance ended; 0: it has one, or never had. */
  endedAt: number
  hasInstances: boolean
  versions: readonly { version: string; firstSeen: number }[]
  /** When a lease runs out, so that this no longer holds. */
  holdsUntil: number
}

/** What instances and versions tell of the life of a node's service; kept until something touches them. */
export function lifeOf(snapshot: Snapshot, reader: NodeReader, { node, now }: { node: number; now: number }): ServiceLife {
  const name = snapshot.topology.nodes[node] as ServiceName
  const held = snapshot.lives.get(name)
  if (held !== undefined && held.holdsUntil >= now) return held
  const instances = reader.instances(node)
  const versions = reader.versions(node).map(({ version, firstSeen }) => ({ version, firstSeen }))
  const live = instances.filter(instance => instance.live)
  const leases = live.map(({ leaseEnds }) => leaseEnds).filter(leaseEnds => leaseEnds > 0)
  const life: ServiceLife = {
    firstSeen: Math.min(...[...instances, ...versions].map(({ firstSeen }) => firstSeen)),
    endedAt: live.length > 0 ? 0 : Math.max(0, ...instances.map(({ lapsed, leaseMillis, lastSeen }) => lastSeen + (lapsed ? leaseMillis : 0))),
    hasInstances: live.length > 0, versions, holdsUntil: Math.min(...leases),
  }
  snapshot.lives.set(name, life)
  return life
}

/** When a service was first seen, in milliseconds since the epoch: by its instances and versions, or to the second by its edges. */
export function firstSeenOf(snapshot: Snapshot, facts: FactReader, { node, life }: { node: number; life: ServiceLife }): number {
  const { outStart, inStart, inEdges } = snapshot.topology
  let first = life.firstSeen
  for (let edge = outStart[node] as number; edge < (outStart[node + 1] as number); edge++) first = Math.min(first, facts.of(edge).firstSeen * 1_000)
  for (let at = inStart[node] as number; at < (inStart[node + 1] as number); at++) {
    first = Math.min(first, facts.of(inEdges[at] as number).firstSeen * 1_000)
  }
  return first
}

import type { ServiceName } from '../../core/cells.ts'
import { visibleInSteps, type CellSource } from '../shard.ts'
import { EdgeRows } from './edge-rows.ts'
import { GoneEdges } from './gone-edges.ts'
import { NameTable } from './name-table.ts'
import type { ServiceLife } from './service-life.ts'
import { ServiceRows } from './service-rows.ts'
import { serviceKinds, type NumberedShard, type ServiceKind } from './source.ts'
import { SCANNED_AT_ONCE, type Steps } from '../steps.ts'
import { buildTopology, sortedBy, sortNames, type SortedNames, type Topology } from './topology.ts'

/** Cells of a kind, grouped by the node that they tell of; their parts are numbered as those of edges are. */
export interface Grouped {
  start: Int32Array
  parts: Int32Array
}

/** The map at one moment; what lies behind it, its rows and cells, is of now. */
export interface Snapshot {
  topology: Topology
  groups: Readonly<Record<ServiceKind, Grouped>>
  edges: readonly EdgeRows[]
  services: readonly Readonly<Record<ServiceKind, ServiceRows>>[]
  /** Per shard, as they are to be shown. */
  cells: readonly CellSource[]
  gone: GoneEdges
  /** What was found out about services, until something touches them. */
  lives: WeakMap<ServiceName, ServiceLife>
  /** By node: what was counted of all edges to it, for as long as the snapshot is fresh. */
  recents: Map<number, Recent>
}

/** What was counted of some edges in five minutes, and when the first was seen, in seconds since the epoch. */
export interface Recent {
  lookups: number
  failures: number
  firstSeen: number
}

interface IndexedShard {
  edges: EdgeRows
  services: Readonly<Record<ServiceKind, ServiceRows>>
}

/** An index of names and adjacency over numbered cells, brought up to date when it is asked for: cells are decoded for what is shown alone. */
export class GraphIndex {
  readonly #names = new NameTable()
  readonly #gone = new GoneEdges()
  readonly #lives: Snapshot['lives'] = new WeakMap()
  readonly #shards = new Map<string, IndexedShard>()
  #order: number[] = []
  #built: { version: string; topology: Topology; groups: Snapshot['groups'] } | null = null

  #indexed({ visible, edges, services }: NumberedShard): IndexedShard {
    const names = this.#names
    const held = this.#shards.get(visible.shard)
    if (held !== undefined) return held
    const rows = Object.fromEntries(serviceKinds.map(kind => [kind, new ServiceRows(services[kind], names, name => { this.#lives.delete(name) })])) as Record<ServiceKind, ServiceRows>
    const made = { edges: new EdgeRows(edges, { names, gone: this.#gone }), services: rows }
    this.#shards.set(visible.shard, made)
    return made
  }

  /** Takes in what has changed. One call must be done before the next begins. */
  *refresh(shards: readonly NumberedShard[]): Steps<Snapshot> {
    const cells: CellSource[] = []
    const indexed = shards.map(shard => this.#indexed(shard))
    for (const [index, { visible }] of shards.entries()) {
      const { edges, services } = indexed[index] as IndexedShard
      yield* edges.refresh(visible.time)
      yield* edges.readGists()
      for (const kind of serviceKinds) yield* services[kind].refresh(visible.time)
      cells.push(yield* visibleInSteps(visible))
      yield
    }
    const { topology, groups } = yield* this.#build(indexed)
    return { topology, groups, edges: indexed.map(({ edges }) => edges), services: indexed.map(({ services }) => services), cells, gone: this.#gone, lives: this.#lives, recents: new Map() }
  }

  *#build(indexed: readonly IndexedShard[]): Steps<Pick<Snapshot, 'topology' | 'groups'>> {
    const version = versionOf(this.#names, indexed)
    if (this.#built?.version === version) return this.#built
    const { order, ...sorted } = yield* sortNames(this.#names, this.#order)
    this.#order = order
    yield
    const topology = yield* buildTopology(indexed.map(({ edges }) => edges), sorted)
    const groups: Partial<Record<ServiceKind, Grouped>> = {}
    for (const kind of serviceKinds) {
      groups[kind] = yield* group(indexed.map(({ services }) => services[kind]), sorted)
    }
    this.#built = { version, topology, groups: groups as Record<ServiceKind, Grouped> }
    return this.#built
  }
}

function versionOf(names: NameTable, shards: readonly IndexedShard[]): string {
  const each = shards.map(({ edges, services }) => [edges.version, ...serviceKinds.map(kind => services[kind].version)].join())
  return `${names.version} ${each.join(' ')}`
}

function* group(shards: readonly ServiceRows[], { nodes, nodeOf }: SortedNames): Steps<Grouped> {
  const most = shards.reduce((sum, { end }) => sum + end, 0)
  const [owners, parts] = [new Int32Array(most), new Int32Array(most)]
  let count = 0
  for (const [shard, { services, end }] of shards.entries()) {
    for (let entry = 0; entry < end; entry++) {
      if (entry % SCANNED_AT_ONCE === 0) yield
      const service = services[entry] as number
      if (service < 0) continue
      owners[count] = nodeOf[service] as number
      parts[count++] = entry * shards.length + shard
    }
  }
  const { order, start } = yield* sortedBy(owners.subarray(0, count), null, nodes.length)
  return { start, parts: order.map(item => parts[item] as number) }
}

import { createRandom, type Random } from '../demo/random.ts'
import { CheckpointCodec } from '../src/checkpoint/codec.ts'
import { checkpointKey } from '../src/checkpoint/keys.ts'
import type { KeyedRecord, ReadStretch } from '../src/checkpoint/log.ts'
import { View } from '../src/checkpoint/view.ts'
import { eventDefaults, type LookupEvent, type RegistrationEvent } from '../src/contract/events.ts'
import type { AnyCell, EdgeCell } from '../src/core/cells.ts'
import { keyOf } from '../src/core/names.ts'
import { windowAt } from '../src/core/recent.ts'
import { fold } from '../src/core/fold.ts'
import { emptyState, type ShardState } from '../src/core/state.ts'
import { recordsOf } from '../test/support/records.ts'

export interface ClusterSizes {
  services: number
  edges: number
  instances: number
}

const PARTITIONS = 4
const NAMESPACES = 100
const SPREAD_MS = 600_000

interface Edge {
  client: number
  service: number
}

/** A view of a large cluster: services are looked up as Zipf has it, by clients that are any of them; look-ups go on. */
export class GraphCluster {
  readonly view: View
  readonly edges: readonly Edge[]
  readonly #codec = new CheckpointCodec()
  readonly #random: Random = createRandom(7)

  constructor({ services, edges, instances }: ClusterSizes, turn: () => Promise<void>) {
    this.view = new View({ codec: this.#codec, turn, onClaim: () => {}, onUnreadable: ({ reason }) => { throw new Error(reason) } })
    this.edges = edgesOf({ services, edges }, this.#random)
    const [now, states] = [Date.now(), new Map<string, ShardState>()]
    const any = () => now - this.#random.below(SPREAD_MS)
    for (const edge of this.edges) foldInto(states, shardOf(edge), { event: { kind: 'lookup', event: this.#lookup(edge) }, at: any() })
    for (let instance = 0; instance < instances; instance++) {
      const service = instance % services
      const event = { kind: 'registration', event: registration(instance, service) } as const
      foldInto(states, `registrations-${service % PARTITIONS}`, { event, at: any() })
    }
    for (const [shard, state] of states) this.view.apply(this.#stretch(shard, state.changes.take().changed))
  }

  /** Look-ups along some edges; each partition's changes as one batch. */
  async goOn(count: number): Promise<void> {
    const [now, shards] = [Date.now(), new Map<string, EdgeCell[]>()]
    for (let index = 0; index < count; index++) {
      const edge = this.#random.pick(this.edges)
      const shard = edge === undefined ? '' : shardOf(edge)
      const cell = edge === undefined ? null : this.view.shard(shard).cells.edge.copy(keyOfEdge(edge))
      if (cell === null || cell === undefined) continue
      cell.recent = windowAt(cell.recent, cell.totals, now)
      cell.totals.lookups++
      cell.lastSeen = now
      cell.asOf++
      shards.set(shard, [...shards.get(shard) ?? [], cell])
    }
    for (const [shard, cells] of shards) await this.view.take(this.#stretch(shard, cells))
  }

  #lookup({ client, service }: Edge): LookupEvent {
    return {
      ...eventDefaults.lookup, ...nameOf(service), clientNamespace: nameOf(client).namespace, client: nameOf(client).service,
      cache: this.#random.chance(0.7) ? 'HIT' : 'MISS', outcome: this.#random.chance(0.02) ? 'FAILURE' : 'SUCCESS',
      durationMicros: this.#random.below(20_000),
    }
  }

  #stretch(shard: string, cells: readonly AnyCell[]): ReadStretch {
    const plain = { offset: 0, appendTime: 0, headers: [] }
    const key = (kind: string, name: string) => Buffer.from(checkpointKey({ shard, kind, key: name }))
    const records = cells.map((cell): KeyedRecord =>
      ({ ...plain, key: key(cell.kind, cell.key), value: Buffer.from(this.#codec.encodeCell(cell, 0)) }))
    const now = Date.now()
    const progress = this.#codec.encodeProgress({
      epoch: 0, asOf: now, expiresAt: 0, streamTime: now, atEnd: now, lastOffset: -1, lastAppendTime: 0, lastHash: '', topicId: '', policy: '', policySince: 0,
      digests: {},
    })
    return { partition: 0, next: 0, low: 0, high: 0, records: recordsOf([...records, { ...plain, key: key('progress', ''), value: progress }]) }
  }
}

function shardOf({ service }: Edge): string {
  return `lookups-${service % PARTITIONS}`
}

function keyOfEdge({ client, service }: Edge): string {
  const [from, to] = [nameOf(client), nameOf(service)]
  return keyOf(from.namespace, from.service, to.namespace, to.service)
}

function registration(instance: number, service: number): RegistrationEvent {
  return {
    ...eventDefaults.registration, ...nameOf(service), instance: `instance-${instance}`, operation: 'REGISTER', outcome: 'SUCCESS',
    status: 'PASSING', version: `1.${service % 30}`, address: `10.0.${instance >> 8 & 255}.${instance & 255}:8080`,
  }
}

type FoldedEvent = Parameters<typeof fold>[1]

function foldInto(states: Map<string, ShardState>, shard: string, { event, at }: { event: FoldedEvent; at: number }): void {
  const state = states.get(shard) ?? emptyState(0)
  states.set(shard, state)
  fold(state, event, { offset: state.next, appendTime: at })
}

/** The name that a service goes by. */
export function nameOf(service: number): { namespace: string; service: string } {
  return { namespace: `team-${service % NAMESPACES}`, service: `payments-gateway-${service}` }
}

function edgesOf({ services, edges: wanted }: Pick<ClusterSizes, 'services' | 'edges'>, random: Random): Edge[] {
  const seen = new Set<number>()
  const edges: Edge[] = []
  const scale = Math.log(services)
  while (edges.length < wanted) {
    const service = Math.min(services - 1, Math.floor(Math.exp(random.next() * scale)) - 1) // density 1 / rank
    const client = random.below(services)
    if (client === service || seen.has(client * services + service)) continue
    seen.add(client * services + service)
    edges.push({ client, service })
  }
  return edges
}

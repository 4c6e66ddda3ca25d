import { CheckpointCodec } from '../../src/checkpoint/codec.ts'
import { checkpointKey } from '../../src/checkpoint/keys.ts'
import { AS_OF_HEADER, EPOCH_HEADER } from '../../src/checkpoint/shard-view.ts'
import { View } from '../../src/checkpoint/view.ts'
import type { AnyCell, ServiceName } from '../../src/core/cells.ts'
import { LiveMap, type Reading } from '../../src/http/map/live-map.ts'
import type { Graph } from '../../src/views/formats/json.ts'
import { FactReader } from '../../src/views/graph/edge-facts.ts'
import { EdgeReader } from '../../src/views/graph/edge-reader.ts'
import { findingsOf } from '../../src/views/graph/findings.ts'
import { GraphIndex, type Snapshot } from '../../src/views/graph/graph-index.ts'
import { NodeReader, nodeNamed } from '../../src/views/graph/node-reader.ts'
import { detailOf, type ServiceDetail } from '../../src/views/graph/service-detail.ts'
import type { NumberedShard } from '../../src/views/graph/source.ts'
import { atOnce } from '../../src/views/steps.ts'
import { recordsOf } from '../support/records.ts'
import type { FoldedShard } from './shards.ts'

/** What the checkpoint log tells of folded shards: a view that their checkpoints are written to, again and again if need be. */
export class LoggedShards {
  readonly view = new View({ codec: new CheckpointCodec(), onClaim: () => {}, onUnreadable: ({ reason }) => { throw new Error(reason) } })
  readonly #codec = new CheckpointCodec()

  constructor(shards: readonly FoldedShard[] = []) {
    for (const shard of shards) this.write(shard)
  }

  get numbered(): NumberedShard[] {
    return this.view.numbered
  }

  /** Writes all of a shard as it now is, and what has been removed since the last time. */
  write({ shard, state, time }: Pick<FoldedShard, 'shard' | 'state' | 'time'>): void {
    const key = (kind: string, name: string) => Buffer.from(checkpointKey({ shard, kind, key: name }))
    const plain = { offset: 0, appendTime: 0, headers: [] }
    const headers = [[EPOCH_HEADER, Buffer.from('0')], [AS_OF_HEADER, Buffer.from(String(state.next))]] as const
    const cells = Object.values(state.cells).flatMap((held: Map<string, AnyCell>) => [...held.values()])
    const progress = this.#codec.encodeProgress({
      epoch: 0, asOf: state.next, expiresAt: 0, streamTime: state.streamTime, atEnd: time, lastOffset: -1, lastAppendTime: 0, lastHash: '',
      topicId: '', policy: '', policySince: 0, digests: {},
    })
    this.view.apply({ partition: 0, records: recordsOf([
      ...state.changes.take().removed.map(name => ({ ...plain, headers, key: key(name.kind, name.key), value: null })),
      ...cells.map(cell => ({ ...plain, key: key(cell.kind, cell.key), value: Buffer.from(this.#codec.encodeCell(cell, 0)) })),
      { ...plain, key: key('progress', ''), value: progress },
    ]) })
  }
}

/** The map that the shards make, seen at `now` in milliseconds since the epoch. */
export function readingOf(shards: readonly FoldedShard[], now: number): Reading {
  return readingAt(atOnce(new GraphIndex().refresh(new LoggedShards(shards).numbered)), now)
}

export function readingAt(snapshot: Snapshot, now: number): Reading {
  const facts = new FactReader(snapshot, now)
  return { snapshot, now, facts, edges: new EdgeReader(snapshot, now), nodes: new NodeReader(snapshot, facts) }
}

export function liveMapOf(shards: readonly FoldedShard[], now: number): LiveMap {
  const logged = new LoggedShards(shards)
  return new LiveMap({ shards: () => logged.numbered, now: () => now, turn: async () => {} })
}

/** All of the map. */
export function graphOf(shards: readonly FoldedShard[], now: number): Graph {
  const { snapshot: { topology }, nodes, edges } = readingOf(shards, now)
  return {
    windowSeconds: 300, nodes: topology.nodes.map((_, node) => nodes.node(node)),
    edges: [...topology.clients.keys()].flatMap(edge => edges.edge(edge) ?? []),
  }
}

/** Null if nothing is known of it. */
export function serviceOf(shards: readonly FoldedShard[], name: ServiceName, now: number): ServiceDetail | null {
  const reading = readingOf(shards, now)
  const node = nodeNamed(reading.snapshot.topology.nodes, name)
  const findings = atOnce(findingsOf(reading.snapshot, reading))
  return node < 0 ? null : atOnce(detailOf(reading.snapshot, node, { ...reading, findings }))
}

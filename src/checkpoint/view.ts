import type { CellKind } from '../core/cells.ts'
import type { Retention } from '../core/retention.ts'
import type { NumberedShard } from '../views/graph/source.ts'
import type { VisibleShard } from '../views/shard.ts'
import { isCellKind, type CheckpointCodec } from './codec.ts'
import type { HeldCells } from './held-cells.ts'
import { KeyReader } from './keys.ts'
import { recordAt, type ReadStretch, type RecordCursor } from './log.ts'
import { ShardView, type StandingClaim } from './shard-view.ts'

export interface ViewOptions {
  codec: CheckpointCodec
  /** For how long what ends by itself is shown; for ever unless given. */
  retention?: Retention
  /** Told of every claim, as it is read. */
  onClaim: (shard: string, claim: StandingClaim) => void
  /** Told of what is no record of ours, or damaged. */
  onUnreadable: (record: { partition?: number; offset?: number; reason: string }) => void
  /** Lets others work, between two batches; unless given, they wait. */
  turn?: () => Promise<void>
  /** What a shard's records are applied to, each by its `apply`; a {@link ShardView} unless given. */
  makeShard?: (name: string) => ShardView
}

/** What the records of one shard and kind are applied to. */
interface Place {
  shard: ShardView
  kind: string
  /** Null: they are applied to the shard, as objects. */
  cells: HeldCells<CellKind> | null
}

/** Records without progress among them are no batch that was written like this, but what compaction has left of many. */
const MORE_THAN_A_BATCH = 16_384

/** All shards, as the checkpoint log alone tells them. Every replica has it: who takes a partition over begins with it. */
export class View {
  readonly #options: ViewOptions
  readonly #shards = new Map<string, ShardView>()
  readonly #keys = new KeyReader((shard, kind) => this.#place(this.shard(shard), kind))
  /** Renderings under way: nothing new is taken meanwhile. */
  #holders = 0
  #released: (() => void)[] = []

  constructor(options: ViewOptions) {
    this.#options = options
  }

  /** A shard's view; empty for one that the log says nothing of. */
  shard(name: string): ShardView {
    const held = this.#shards.get(name)
    if (held !== undefined) return held
    const made = this.#options.makeShard?.(name) ?? this.#makeShard(name)
    this.#shards.set(name, made)
    return made
  }

  /** Everything that can be shown. */
  get visible(): VisibleShard[] {
    return [...this.#shards.values()].flatMap(({ visible }) => visible ?? [])
  }

  /** The same, with the numbers of its cells. */
  get numbered(): NumberedShard[] {
    return [...this.#shards.values()].flatMap(({ visible, cells: { edge, lookups, registrations, version, instance } }) => {
      if (visible === null) return []
      const numbered = { lookups: lookups.numbered, registrations: registrations.numbered, version: version.numbered, instance: instance.numbered }
      return [{ visible, edges: edge.numbered, services: numbered }]
    })
  }

  /** Takes a stretch of the log, batch by batch, while nobody holds the view. */
  async take({ partition, records }: ReadStretch): Promise<void> {
    const cursor = records.cursor()
    do {
      await this.#options.turn?.()
      while (this.#holders > 0) await new Promise<void>(resolve => { this.#released.push(resolve) })
    } while (this.#takeBatch(partition, cursor))
  }

  /** Takes a stretch of the log, at once. */
  apply({ partition, records }: Pick<ReadStretch, 'partition' | 'records'>): void {
    const cursor = records.cursor()
    while (this.#takeBatch(partition, cursor)) {}
  }

  /** Takes records up to the next progress, with which a batch ends. False if there are no more. */
  #takeBatch(partition: number, cursor: RecordCursor): boolean {
    for (let left = MORE_THAN_A_BATCH; left > 0; left--) {
      if (!cursor.advance()) return false
      try {
        if (this.#applyRecord(cursor) === 'progress') return true
      } catch (error) {
        this.#options.onUnreadable({ partition, offset: cursor.offset, reason: error instanceof Error ? error.message : String(error) })
      }
    }
    return true
  }

  /** Holds new batches back, so that what is read stays as it is. Returns what lets go. */
  hold(): () => void {
    this.#holders++
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#holders--
      if (this.#holders === 0) for (const resume of this.#released.splice(0)) resume()
    }
  }

  #makeShard(name: string): ShardView {
    const { codec, retention, onUnreadable } = this.#options
    return new ShardView(name, {
      codec, retention, onDamaged: ({ shard, kind, key }) => { onUnreadable({ reason: `${shard} ${kind} ${key} is damaged, and not shown` }) },
    })
  }

  #place(shard: ShardView, kind: string): Place {
    return { shard, kind, cells: this.#options.makeShard === undefined && isCellKind(kind) ? shard.cells[kind] : null }
  }

  /** Returns the kind of what it was. */
  #applyRecord(cursor: RecordCursor): string {
    const { bytes, keyStart, keyEnd } = cursor
    const place = keyStart < 0 ? null : this.#keys.read(bytes, keyStart, keyEnd)
    if (place === null) throw new Error('its key is none of ours')
    const { shard, kind, cells } = place
    if (cells !== null) {
      shard.applyCell(cells, cursor, this.#keys.keyStart)
      return kind
    }
    shard.apply({ shard: shard.shard, kind, key: bytes.toString('utf8', this.#keys.keyStart, keyEnd) }, recordAt(cursor))
    if (kind === 'claim' && shard.claim !== null) this.#options.onClaim(shard.shard, shard.claim)
    return kind
  }
}

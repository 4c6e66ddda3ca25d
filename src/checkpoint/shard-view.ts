import { cellKinds } from '../core/blank-cells.ts'
import type { CellKind } from '../core/cells.ts'
import { KeyHash } from '../core/digest.ts'
import { keepsAll, mayLive, type Retention } from '../core/retention.ts'
import type { VisibleShard } from '../views/shard.ts'
import { isCellKind, type CheckpointCodec, type Claim, type Head, type Progress } from './codec.ts'
import { HeadReader } from './head-reader.ts'
import { HeldCells } from './held-cells.ts'
import type { CheckpointName } from './keys.ts'
import type { RecordHeaders } from '../contract/dead-letters.ts'
import type { KeyedRecord, RecordCursor } from './log.ts'

export type HeldByKind = { readonly [K in CellKind]: HeldCells<K> }

export interface StandingClaim extends Claim {
  /** Offset of its record. */
  epoch: number
}

/** What a record of a cell is, as a cursor tells of it. */
export type CellRecord = Pick<RecordCursor, 'bytes' | 'keyEnd' | 'valueStart' | 'valueEnd' | 'headers'>

/** Headers of a tombstone, which has no value to carry them. */
export const EPOCH_HEADER = 'epoch'
export const AS_OF_HEADER = 'asOf'

const NO_BYTES = Buffer.alloc(0)
/** Of the record at hand: nothing is made for each. */
const keyAt = new KeyHash()
const headAt = new HeadReader()
const heldHead: Head = { epoch: 0, asOf: 0, expiresAt: 0 }

export interface ShardViewOptions {
  codec: CheckpointCodec
  /** For how long what ends by itself is shown; for ever unless given. */
  retention?: Retention | undefined
  /** Told once of each cell that is not shown, since it cannot be read. */
  onDamaged?: (name: CheckpointName) => void
}

/**
 * One shard as the checkpoint log tells it, by rules 1, 3 and 5: what an earlier claim's owner writes after a later claim is ignored; of
 * what is left the higher epoch and then the higher offset win; and the names of records that lost are remembered until a newer one is
 * read, since compaction may keep just those.
 */
export class ShardView {
  readonly shard: string
  readonly cells: HeldByKind
  /** The highest claim so far. */
  claim: StandingClaim | null = null
  progress: Progress | null = null
  /** Writers' schemas that the log holds for this shard, by fingerprint. */
  readonly schemas = new Set<string>()
  /** What must be written again, by kind and key. */
  readonly stale = new Map<string, CheckpointName>()
  readonly #codec: CheckpointCodec
  readonly #retention: Retention

  constructor(shard: string, { codec, retention, onDamaged = () => {} }: ShardViewOptions) {
    this.shard = shard
    this.#codec = codec
    this.#retention = retention ?? keepsAll
    const streamTime = () => this.progress?.streamTime ?? 0
    this.cells = Object.fromEntries(cellKinds.map(kind =>
      [kind, new HeldCells(kind, { codec, streamTime, onDamaged: key => onDamaged({ shard, kind, key }) })])) as unknown as HeldByKind
  }

  /** Null until the first checkpoint. */
  get visible(): VisibleShard | null {
    if (this.progress === null) return null
    return { shard: this.shard, cells: this.cells, time: Math.max(this.progress.streamTime, this.progress.atEnd), retention: this.#retention }
  }

  /** Takes one record, in the order of the log. Throws for one that is damaged. */
  apply(name: CheckpointName, record: KeyedRecord): void {
    if (name.kind === 'claim') this.#applyClaim(record)
    else if (name.kind === 'schema') this.#applySchema(name.key, record)
    else if (name.kind === 'progress') this.#applyProgress(name, record)
    else if (isCellKind(name.kind)) this.applyCell(this.cells[name.kind], cellRecord(name.key, record), 0)
    // Any other kind is a newer version's.
  }

  /** Takes one record of a cell, as `apply` does; its key within the kind begins at `keyStart`. Makes nothing, unless the record loses. */
  applyCell(cells: HeldCells<CellKind>, record: CellRecord, keyStart: number): void {
    const { bytes, keyEnd, valueStart, valueEnd } = record
    const head = valueStart < 0 ? tombstoneHead(record.headers()) : headAt.read(bytes, valueStart, valueEnd)
    const key = keyAt.ofBytes(bytes, keyStart, keyEnd)
    const entry = cells.find(key)
    const held = entry >= 0 ? cells.headOf(entry, heldHead) : buriedHead(cells, record, keyStart)
    if (this.isFenced(head) || this.isOlder(head, held)) {
      this.noteStale({ shard: this.shard, kind: cells.kind, key: bytes.toString('utf8', keyStart, keyEnd) })
      return
    }
    if (this.stale.size > 0) this.#isFresh({ kind: cells.kind, key: bytes.toString('utf8', keyStart, keyEnd) })
    if (valueStart < 0 && mayLive(cells.kind)) cells.graveyard.bury(bytes.toString('utf8', keyStart, keyEnd), head)
    else if (entry < 0 && held !== undefined) cells.graveyard.forget(bytes.toString('utf8', keyStart, keyEnd))
    if (valueStart >= 0) cells.put(entry, record, { key, head })
    else if (entry >= 0) cells.remove(entry)
  }

  /** Rule 1. */
  isFenced({ epoch }: Head): boolean {
    return this.claim !== null && epoch < this.claim.epoch
  }

  /** Rule 3. */
  isOlder(head: Head, held: Head | null | undefined): boolean {
    if (held === null || held === undefined) return false
    return head.epoch < held.epoch || (head.epoch === held.epoch && head.asOf < held.asOf)
  }

  /** Rule 3 for progress: while a partition is idle, only when its owner stood at its end moves on. */
  isOlderProgress(progress: Progress): boolean {
    const held = this.progress
    const isSameStep = held !== null && progress.epoch === held.epoch && progress.asOf === held.asOf
    return isSameStep ? progress.atEnd < held.atEnd : this.isOlder(progress, held)
  }

  /** Rule 5. */
  noteStale(name: CheckpointName): void {
    this.stale.set(staleKey(name), name)
  }

  #applyClaim({ offset, value }: KeyedRecord): void {
    if (value !== null && offset > (this.claim?.epoch ?? -1)) this.claim = { ...this.#codec.decodeClaim(value), epoch: offset }
  }

  #applySchema(fingerprint: string, { value }: KeyedRecord): void {
    if (value === null) return
    const fault = this.#codec.learn(fingerprint, value.toString())
    if (fault !== null) throw new Error(`schema ${fingerprint} cannot be used: ${fault}`)
    this.schemas.add(fingerprint)
  }

  #applyProgress(name: CheckpointName, { value }: KeyedRecord): void {
    const progress = value === null ? null : this.#codec.decodeProgress(value)
    if (progress === null || this.isFenced(progress) || this.isOlderProgress(progress)) {
      this.noteStale(name)
      return
    }
    this.#isFresh(name)
    this.progress = progress
  }

  #isFresh(name: Omit<CheckpointName, 'shard'>): void {
    this.stale.delete(staleKey(name))
  }
}

function buriedHead({ graveyard }: HeldCells<CellKind>, { bytes, keyEnd }: CellRecord, keyStart: number): Head | undefined {
  return graveyard.isEmpty ? undefined : graveyard.find(bytes.toString('utf8', keyStart, keyEnd))
}

/** A tombstone without headers is not ours: it is as old as can be. */
function tombstoneHead(headers: RecordHeaders): Head {
  const number = (wanted: string) => Number(headers.find(([name]) => name === wanted)?.[1]?.toString() ?? -1)
  return { epoch: number(EPOCH_HEADER), asOf: number(AS_OF_HEADER), expiresAt: 0 }
}

function cellRecord(name: string, { value, headers }: KeyedRecord): CellRecord {
  const keyEnd = Buffer.byteLength(name)
  const bytes = Buffer.concat([Buffer.from(name), value ?? NO_BYTES])
  return { bytes, keyEnd, valueStart: value === null ? -1 : keyEnd, valueEnd: bytes.length, headers: () => headers }
}

function staleKey({ kind, key }: Omit<CheckpointName, 'shard'>): string {
  return `${kind} ${key}`
}

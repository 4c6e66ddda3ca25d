import type { CellKind, CellOf } from '../core/cells.ts'
import { isPast } from '../core/state.ts'
import type { ReadableCells } from '../views/shard.ts'
import type { CheckpointCodec, Head } from './codec.ts'

/** A cell as the log has it. */
export interface Held<C> extends Head {
  /** The value's bytes, one to a character: the smallest thing to keep that pins no fetched buffer. */
  value: string
  /** Undefined: not decoded yet. Null: damaged. */
  cell: C | undefined | null
}

export interface HeldCellsOptions {
  codec: CheckpointCodec
  /** Of the shard's progress, in milliseconds since the epoch. */
  streamTime: () => number
  /** Told once of each cell that is not shown, since it cannot be read. */
  onDamaged: (key: string) => void
}

/**
 * The cells of one kind that the log holds for a shard, each decoded when it is first asked for. To those who read them, what has expired
 * does not exist (rule 6): its tombstone may still come, or a late record may have brought it back, and the fold is done with it.
 */
export class HeldCells<K extends CellKind> implements ReadableCells<CellOf[K]> {
  readonly kind: K
  readonly #codec: CheckpointCodec
  readonly #streamTime: () => number
  readonly #onDamaged: (key: string) => void
  readonly #held = new Map<string, Held<CellOf[K]>>()

  constructor(kind: K, { codec, streamTime, onDamaged }: HeldCellsOptions) {
    this.kind = kind
    this.#codec = codec
    this.#streamTime = streamTime
    this.#onDamaged = onDamaged
  }

  get size(): number {
    return this.#held.size
  }

  head(key: string): Held<CellOf[K]> | undefined {
    return this.#held.get(key)
  }

  /** Holds a newer value; `held`, what `head` has answered, is changed in place: at a start, most records replace another. */
  put(key: string, { epoch, asOf, expiresAt }: Head, { value, held }: { value: Buffer; held: Held<CellOf[K]> | undefined }): void {
    const text = value.toString('latin1')
    if (held === undefined) {
      this.#held.set(key, { epoch, asOf, expiresAt, value: text, cell: undefined })
      return
    }
    held.epoch = epoch
    held.asOf = asOf
    held.expiresAt = expiresAt
    held.value = text
    held.cell = undefined
  }

  delete(key: string): void {
    this.#held.delete(key)
  }

  get(key: string): CellOf[K] | undefined {
    const held = this.#held.get(key)
    return held === undefined || isPast(held.expiresAt, this.#streamTime()) ? undefined : this.#cell(key, held) ?? undefined
  }

  *values(): Generator<CellOf[K]> {
    const streamTime = this.#streamTime()
    for (const [key, held] of this.#held) {
      const cell = isPast(held.expiresAt, streamTime) ? null : this.#cell(key, held)
      if (cell !== null) yield cell
    }
  }

  /** What is held, expired or not. */
  entries(): Iterable<[string, Held<CellOf[K]>]> {
    return this.#held
  }

  /** A copy of a cell, to be changed, expired or not; null for one that is damaged, or not held. */
  copy(key: string): CellOf[K] | null {
    const held = this.#held.get(key)
    return held === undefined ? null : this.#decode(key, held)
  }

  /** A copy of each cell, to be changed, expired ones included; null for one that is damaged. */
  *copies(): Generator<{ key: string; head: Head; cell: CellOf[K] | null }> {
    for (const [key, held] of this.#held) yield { key, head: held, cell: this.#decode(key, held) }
  }

  #cell(key: string, held: Held<CellOf[K]>): CellOf[K] | null {
    if (held.cell === undefined) {
      held.cell = this.#decode(key, held)
      if (held.cell === null) this.#onDamaged(key)
    }
    return held.cell
  }

  #decode(key: string, { value }: Held<CellOf[K]>): CellOf[K] | null {
    try {
      return this.#codec.decodeCell(this.kind, key, Buffer.from(value, 'latin1'))
    } catch {
      return null
    }
  }
}

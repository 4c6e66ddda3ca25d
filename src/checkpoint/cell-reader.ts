import type { CellKind, CellOf } from '../core/cells.ts'
import { isPast } from '../core/retention.ts'
import type { CheckpointCodec } from './codec.ts'
import type { KeyedBytes } from './keyed-bytes.ts'
import { PassingCell } from './passing-cell.ts'

/** Reads the cells of one kind from their bytes, by their entries. */
export class CellReader<K extends CellKind> {
  readonly #kind: K
  readonly #held: KeyedBytes
  readonly #codec: CheckpointCodec
  readonly #onDamaged: (key: string) => void
  #passing: PassingCell<K> | null = null

  /** `onDamaged`: told once of each cell that is not shown, since it cannot be read. */
  constructor(kind: K, held: KeyedBytes, { codec, onDamaged }: { codec: CheckpointCodec; onDamaged: (key: string) => void }) {
    this.#kind = kind
    this.#held = held
    this.#codec = codec
    this.#onDamaged = onDamaged
  }

  /** A copy, to be changed, expired or not; null for one that is damaged. */
  copy(entry: number): CellOf[K] | null {
    try {
      return this.#codec.decodeCell(this.#kind, this.#held.key(entry), this.#held.value(entry))
    } catch {
      return null
    }
  }

  /** Null for one that has expired by then, or is damaged. */
  shown(entry: number, streamTime: number): CellOf[K] | null {
    if (isPast(this.#held.expiresAt(entry), streamTime)) return null
    const cell = this.copy(entry)
    if (cell === null && !this.#held.isFlagged(entry)) {
      this.#held.flag(entry)
      this.#onDamaged(this.#held.key(entry))
    }
    return cell
  }

  /** The same, in a cell that is nearly always the same one; null, too, for one that is not wanted by its names. */
  passed(entry: number, streamTime: number, isWanted: (names: CellOf[K]) => boolean): CellOf[K] | null {
    if (isPast(this.#held.expiresAt(entry), streamTime)) return null
    const passing = this.#passing ??= new PassingCell(this.#kind, this.#codec)
    try {
      const cell = passing.setKey(this.#held.key(entry))
      if (!isWanted(cell)) return null
      cell.asOf = this.#held.asOf(entry)
      cell.expiresAt = this.#held.expiresAt(entry)
      if (this.#held.readValue(entry, passing.read)) return cell
    } catch {
      // It is damaged, or has more than there is place for.
    }
    return this.shown(entry, streamTime)
  }
}

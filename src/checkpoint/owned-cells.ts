import { CellMap, type Expired } from '../core/cell-map.ts'
import type { CellKind, CellOf } from '../core/cells.ts'
import { isPast } from '../core/retention.ts'
import type { HeldCells } from './held-cells.ts'

/** Rounds begin at least so far apart, in milliseconds: what is let go and comes back costs more than what is kept. */
const ROUND_MS = 60_000

/** How far the fold is: its next offset, and its stream time in milliseconds since the epoch. */
export interface FoldClock {
  readonly next: number
  readonly streamTime: number
}

export interface OwnedCellsOptions<K extends CellKind> {
  /** What the log holds. Nobody but the owner writes to it while the cells are in use. */
  held: HeldCells<K>
  clock: () => FoldClock
  /** The next input offset by the view's progress. */
  viewedUntil: () => number
  /** Told once of each cell that cannot be read and is taken for absent. */
  onDamaged: (key: string, asOf: number) => void
}

/**
 * The cells of one kind of the shard that is folded here. Those in use are objects; all others lie in the view, as their bytes, and are
 * decoded when they are asked for: so taking over a million of them takes no time, and those that nobody changes take little memory.
 * Whoever asks for all of them decodes all.
 */
export class OwnedCells<K extends CellKind> extends CellMap<CellOf[K]> {
  readonly #held: HeldCells<K>
  readonly #clock: () => FoldClock
  readonly #viewedUntil: () => number
  readonly #onDamaged: (key: string, asOf: number) => void
  /** Keys that the view may still show as they were: deleted cells by the fold's next offset then, and damaged ones for ever. */
  readonly #gone = new Map<string, number>()
  #round: Iterator<CellOf[K]> | null = null
  #roundBeganAt = -Infinity
  /** The fold's next offset when the round under way, and the one before, began. */
  #roundBegan = 0
  #lastRoundBegan = -1

  constructor({ held, clock, viewedUntil, onDamaged }: OwnedCellsOptions<K>) {
    super()
    this.#held = held
    this.#clock = clock
    this.#viewedUntil = viewedUntil
    this.#onDamaged = onDamaged
  }

  /** How many are objects. */
  get inUse(): number {
    return super.size
  }

  override get size(): number {
    this.#decodeAll()
    return super.size
  }

  override get(key: string): CellOf[K] | undefined {
    return super.get(key) ?? this.#decoded(key)
  }

  override has(key: string): boolean {
    return this.get(key) !== undefined
  }

  override set(key: string, cell: CellOf[K]): this {
    if (this.#gone.size > 0) this.#gone.delete(key)
    return super.set(key, cell)
  }

  override delete(key: string): boolean {
    const isThere = super.delete(key) || this.#isHeld(key)
    // The view may have it as it was when it did not expire, or be about to.
    if (isThere) this.#gone.set(key, this.#clock().next)
    return isThere
  }

  override keys(): MapIterator<string> {
    this.#decodeAll()
    return super.keys()
  }

  override values(): MapIterator<CellOf[K]> {
    this.#decodeAll()
    return super.values()
  }

  override entries(): MapIterator<[string, CellOf[K]]> {
    this.#decodeAll()
    return super.entries()
  }

  override [Symbol.iterator](): MapIterator<[string, CellOf[K]]> {
    return this.entries()
  }

  override forEach(visit: (cell: CellOf[K], key: string, cells: Map<string, CellOf[K]>) => void): void {
    for (const [key, cell] of this.entries()) visit(cell, key, this)
  }

  override eachExpired(span: { since: number; time: number }, visit: (expired: Expired<CellOf[K]>) => void): number {
    const next = super.eachExpired(span, visit)
    return Math.min(next, this.#held.eachExpired(span, ({ key, asOf }, entry) => {
      if (!super.has(key) && !this.#gone.has(key)) visit({ key, takenAsOf: asOf, cell: () => this.#held.copyAt(entry) ?? undefined })
    }))
  }

  /** Lets go of those that have not changed since the round before, where the view has them just as they are; goes on with the round. */
  override letGo(most: number, now: number): void {
    if (this.#round === null) {
      if (now - this.#roundBeganAt < ROUND_MS) return
      this.#roundBeganAt = now
      this.#round = this.#beginRound()
    }
    for (let left = most; left > 0; left--) {
      const { value: cell, done } = this.#round.next()
      if (done === true) {
        this.#round = null
        return this.#forgetGone()
      }
      if (!cell.changed && cell.asOf <= this.#lastRoundBegan && this.#held.head(cell.key)?.asOf === cell.takenAsOf) {
        super.delete(cell.key)
      }
    }
  }

  #beginRound(): Iterator<CellOf[K]> {
    this.#lastRoundBegan = this.#roundBegan
    this.#roundBegan = this.#clock().next
    return super.values()
  }

  /** What had been written of a deleted cell before is read, once the view has come so far: its tombstone, or nothing, is all that is left. */
  #forgetGone(): void {
    for (const [key, next] of this.#gone) if (this.#viewedUntil() >= next && this.#held.head(key) === undefined) this.#gone.delete(key)
  }

  #decoded(key: string): CellOf[K] | undefined {
    if (!this.#isHeld(key)) return undefined
    const cell = this.#held.copy(key) ?? undefined
    if (cell === undefined) {
      this.#gone.set(key, Infinity)
      this.#onDamaged(key, this.#held.head(key)?.asOf ?? 0)
    } else {
      cell.takenAsOf = cell.asOf
      super.set(key, cell)
    }
    return cell
  }

  /** Whether the view has it, and it is not known better. */
  #isHeld(key: string): boolean {
    const head = this.#held.head(key)
    return head !== undefined && !isPast(head.expiresAt, this.#clock().streamTime) && !this.#gone.has(key)
  }

  #decodeAll(): void {
    for (const [key] of this.#held.entries()) this.get(key)
  }
}

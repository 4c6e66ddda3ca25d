import type { CellKind, CellOf } from '../core/cells.ts'

/** What was there before; it may become less, never more, and each cell stays as it was. */
export interface CellsBefore<C> {
  has: (key: string) => boolean
  /** A copy of a cell; undefined for one that is not there, or damaged. */
  copy: (key: string) => C | undefined
  keys: () => Iterable<string>
}

/** Keys that are remembered as gone before it is first looked which of them may be forgotten. */
const FEW_GONE = 1_024

/**
 * The cells of one kind in a state that was restored: over those from before lie those that have been asked for since, each decoded once, so
 * that taking over a million of them takes no time. Whoever asks for all of them decodes all.
 */
export class RestoredCells<K extends CellKind> extends Map<string, CellOf[K]> {
  /** Null: all are decoded. */
  #before: CellsBefore<CellOf[K]> | null
  /** Keys of those from before that are deleted, or damaged. */
  readonly #gone = new Set<string>()
  #mostGone = FEW_GONE

  constructor(before: CellsBefore<CellOf[K]>) {
    super()
    this.#before = before
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

  override delete(key: string): boolean {
    const wasBefore = this.#before?.has(key) === true && !this.#gone.has(key)
    if (wasBefore) this.#noteGone(key)
    return super.delete(key) || wasBefore
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

  #decoded(key: string): CellOf[K] | undefined {
    if (this.#before?.has(key) !== true || this.#gone.has(key)) return undefined
    const cell = this.#before.copy(key)
    if (cell === undefined) this.#noteGone(key)
    else super.set(key, cell)
    return cell
  }

  #decodeAll(): void {
    if (this.#before === null) return
    for (const key of this.#before.keys()) this.get(key)
    this.#before = null
    this.#gone.clear()
  }

  /** What is not there any more, since its tombstone has been read, need not be remembered. */
  #noteGone(key: string): void {
    this.#gone.add(key)
    if (this.#gone.size <= this.#mostGone) return
    for (const gone of this.#gone) if (this.#before?.has(gone) !== true) this.#gone.delete(gone)
    this.#mostGone = Math.max(FEW_GONE, 2 * this.#gone.size)
  }
}

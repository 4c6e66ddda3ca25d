import type { CellKind, CellOf } from '../core/cells.ts'
import type { Held } from './held-cells.ts'

/** Decodes a held cell; null for one that is damaged, which is then absent. */
export type DecodeHeld<K extends CellKind> = (key: string, held: Held<CellOf[K]>) => CellOf[K] | null

/**
 * The cells of one kind in a state that was restored: each is decoded when it is first asked for, so that taking over a million of them takes
 * no longer than naming them. Whoever asks for all of them decodes all.
 */
export class RestoredCells<K extends CellKind> extends Map<string, CellOf[K]> {
  readonly #pending = new Map<string, Held<CellOf[K]>>()
  readonly #decode: DecodeHeld<K>

  constructor(decode: DecodeHeld<K>) {
    super()
    this.#decode = decode
  }

  /** Notes a cell that is held and not decoded yet. */
  put(key: string, held: Held<CellOf[K]>): void {
    this.#pending.set(key, held)
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
    const wasPending = this.#pending.delete(key)
    return super.delete(key) || wasPending
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
    const held = this.#pending.get(key)
    if (held === undefined) return undefined
    this.#pending.delete(key)
    const cell = this.#decode(key, held)
    if (cell === null) return undefined
    super.set(key, cell)
    return cell
  }

  #decodeAll(): void {
    for (const key of this.#pending.keys()) this.#decoded(key)
  }
}

import { KeyHash, type HashedKey } from '../core/digest.ts'
import { Arena } from './arena.ts'
import type { Head } from './codec.ts'
import { EntryRows } from './entry-rows.ts'
import { HashIndex } from './hash-index.ts'
import type { RecordCursor } from './log.ts'

/** Where a value stands. */
export type ValueAt = Pick<RecordCursor, 'bytes' | 'valueStart' | 'valueEnd'>

/**
 * Values by keys, both bytes, each with its head: a map that makes nothing on the heap for what it holds. An entry has a number until it is
 * deleted; whoever goes from number to number may meet what has been added meanwhile.
 */
export class KeyedBytes {
  readonly #rows = new EntryRows()
  readonly #index = new HashIndex()
  /** A block is a key, as words, and its value behind them. */
  readonly #arena = new Arena((entry, address) => { this.#rows.setAddress(entry, address) })

  get size(): number {
    return this.#rows.size
  }

  /** Bytes that it takes for keys and values. */
  get bytes(): number {
    return this.#arena.bytes
  }

  /** The number of the entry of a key; -1: there is none. */
  find(key: KeyHash): number {
    const part = this.#index.partOf(key)
    for (let slot = part.slotOf(key); ; slot = part.behind(slot)) {
      const entry = part.entryIn(slot)
      if (entry < 0 || (part.lowIn(slot) === key.low && this.#rows.mayBeOf(entry, key) && this.#hasKey(entry, key))) return entry
    }
  }

  findText(key: string): number {
    return this.find(ofText.ofText(key))
  }

  /** Adds an entry of a key that has none. Returns its number. */
  add(key: KeyHash, value: ValueAt, head: Head): number {
    const entry = this.#rows.add(key)
    this.#index.add(entry, key)
    const address = this.#arena.take(entry, padded(key.length) + value.valueEnd - value.valueStart)
    this.#rows.setAddress(entry, address)
    const words = this.#arena.wordsOf(address)
    const first = this.#arena.startOf(address) >> 2
    for (let index = padded(key.length) / 4 - 1; index >= 0; index--) words[first + index] = key.words[index] as number
    this.#write(entry, value, head)
    return entry
  }

  /** Gives an entry another value. */
  set(entry: number, value: ValueAt, head: Head): void {
    const needed = padded(this.#rows.keyBytes(entry)) + value.valueEnd - value.valueStart
    if (needed > this.#arena.roomOf(this.#rows.address(entry))) this.#move(entry, needed)
    this.#write(entry, value, head)
  }

  delete(entry: number): void {
    const address = this.#rows.address(entry)
    this.#index.remove(entry, this.#rows.hashOf(entry))
    this.#rows.delete(entry)
    this.#arena.give(address)
  }

  key(entry: number): string {
    const address = this.#rows.address(entry)
    const start = this.#arena.startOf(address)
    return this.#arena.bytesOf(address).toString('utf8', start, start + this.#rows.keyBytes(entry))
  }

  /** A value's bytes, where they lie: they stay as they are until something is changed. */
  value(entry: number): Buffer {
    const address = this.#rows.address(entry)
    const start = this.#arena.startOf(address) + padded(this.#rows.keyBytes(entry))
    return this.#arena.bytesOf(address).subarray(start, start + this.#rows.valueBytes(entry))
  }

  /** Has a value read where it lies, from `start` to `end` of its bytes, without making anything for it. */
  readValue(entry: number, read: (bytes: Buffer, start: number, end: number) => boolean): boolean {
    const address = this.#rows.address(entry)
    const start = this.#arena.startOf(address) + padded(this.#rows.keyBytes(entry))
    return read(this.#arena.bytesOf(address), start, start + this.#rows.valueBytes(entry))
  }

  hashOf(entry: number): HashedKey {
    return this.#rows.hashOf(entry)
  }

  epoch(entry: number): number {
    return this.#rows.epoch(entry)
  }

  asOf(entry: number): number {
    return this.#rows.asOf(entry)
  }

  expiresAt(entry: number): number {
    return this.#rows.expiresAt(entry)
  }

  /** Whether a mark was set since it got its value. */
  isFlagged(entry: number): boolean {
    return this.#rows.isFlagged(entry)
  }

  flag(entry: number): void {
    this.#rows.flag(entry)
  }

  /** What was noted of it, as bits. */
  marks(entry: number): number {
    return this.#rows.marks(entry)
  }

  mark(entry: number, marks: number): void {
    this.#rows.mark(entry, marks)
  }

  /** Entries have numbers below this; not all of these need be in use. */
  get end(): number {
    return this.#rows.end
  }

  has(entry: number): boolean {
    return this.#rows.has(entry)
  }

  /** The numbers of all entries, those first that were added first, as long as none is deleted. */
  *entries(): Generator<number> {
    for (let entry = 0; entry < this.#rows.end; entry++) if (this.#rows.has(entry)) yield entry
  }

  /** Elsewhere its value has some more room: one that has grown grows on. */
  #move(entry: number, needed: number): void {
    const [arena, rows] = [this.#arena, this.#rows]
    const [from, to] = [rows.address(entry), arena.take(entry, needed + (needed >>> 4))]
    const start = arena.startOf(from)
    arena.bytesOf(from).copy(arena.bytesOf(to), arena.startOf(to), start, start + padded(rows.keyBytes(entry)))
    rows.setAddress(entry, to)
    arena.give(from)
  }

  #write(entry: number, { bytes, valueStart, valueEnd }: ValueAt, head: Head): void {
    const address = this.#rows.address(entry)
    bytes.copy(this.#arena.bytesOf(address), this.#arena.startOf(address) + padded(this.#rows.keyBytes(entry)), valueStart, valueEnd)
    this.#rows.setValue(entry, valueEnd - valueStart, head)
  }

  #hasKey(entry: number, key: KeyHash): boolean {
    const address = this.#rows.address(entry)
    const held = this.#arena.wordsOf(address)
    const first = this.#arena.startOf(address) >> 2
    const { words } = key
    for (let index = padded(key.length) / 4 - 1; index >= 0; index--) if (held[first + index] !== words[index]) return false
    return true
  }
}

/** Bytes of the words that a key takes. */
function padded(keyBytes: number): number {
  return keyBytes + 3 & ~3
}

const ofText = new KeyHash()

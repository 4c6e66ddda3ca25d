import type { HashedKey, KeyHash } from '../core/digest.ts'
import type { Head } from './codec.ts'

const FIRST_ROWS = 8
const PAGE_BITS = 12
const PAGE_ROWS = 2 ** PAGE_BITS
const ROW_WORDS = 12
const ROW_DOUBLES = ROW_WORDS / 2
/** What stands where in a row, as words of 32 bits. */
const [LOW, HIGH, ADDRESS, KEY_BYTES, VALUE_BYTES, FLAGS] = [0, 1, 2, 3, 4, 5]
/** As doubles. */
const [EPOCH, AS_OF, EXPIRES_AT] = [3, 4, 5]
/** In the place of a key's length: the row is free, and its address is the next free row. */
const FREE = -1
const NONE = -1

/** What may be noted of an entry, as bits. The last is forgotten once it is deleted, the others as soon as it has another value. */
const FLAG = 1
export const VALUE_READ = 2
export const KEY_READ = 4

interface Page {
  words: Int32Array
  /** The same. */
  doubles: Float64Array
}

/** What is known of each entry but its bytes, in 48 bytes. An entry's number stays the same until it is deleted, and is then used again. */
export class EntryRows {
  size = 0
  readonly #pages: Page[] = [pageOf(FIRST_ROWS)]
  #used = 0
  #free = NONE

  /** Entries have numbers below this. */
  get end(): number {
    return this.#used
  }

  /** Adds an entry without an address, a value and a head. */
  add({ low, high, length }: KeyHash): number {
    const entry = this.#newRow()
    const words = this.#words(entry)
    const row = wordOf(entry)
    words[row + LOW] = low
    words[row + HIGH] = high
    words[row + KEY_BYTES] = length
    words[row + FLAGS] = 0
    this.size++
    return entry
  }

  delete(entry: number): void {
    this.#words(entry)[wordOf(entry) + KEY_BYTES] = FREE
    this.setAddress(entry, this.#free)
    this.#free = entry
    this.size--
  }

  has(entry: number): boolean {
    return this.keyBytes(entry) !== FREE
  }

  /** Whether its key has such hashes and such a length. */
  mayBeOf(entry: number, { low, high, length }: KeyHash): boolean {
    const words = this.#words(entry)
    const row = wordOf(entry)
    return words[row + LOW] === low && words[row + HIGH] === high && words[row + KEY_BYTES] === length
  }

  hashOf(entry: number): HashedKey {
    const words = this.#words(entry)
    return { low: words[wordOf(entry) + LOW] as number, high: words[wordOf(entry) + HIGH] as number }
  }

  address(entry: number): number {
    return this.#words(entry)[wordOf(entry) + ADDRESS] as number
  }

  setAddress(entry: number, address: number): void {
    this.#words(entry)[wordOf(entry) + ADDRESS] = address
  }

  keyBytes(entry: number): number {
    return this.#words(entry)[wordOf(entry) + KEY_BYTES] as number
  }

  valueBytes(entry: number): number {
    return this.#words(entry)[wordOf(entry) + VALUE_BYTES] as number
  }

  isFlagged(entry: number): boolean {
    return (this.marks(entry) & FLAG) !== 0
  }

  flag(entry: number): void {
    this.mark(entry, FLAG)
  }

  marks(entry: number): number {
    return this.#words(entry)[wordOf(entry) + FLAGS] as number
  }

  mark(entry: number, marks: number): void {
    this.#words(entry)[wordOf(entry) + FLAGS] = this.marks(entry) | marks
  }

  epoch(entry: number): number {
    return this.#doubles(entry)[doubleOf(entry) + EPOCH] as number
  }

  asOf(entry: number): number {
    return this.#doubles(entry)[doubleOf(entry) + AS_OF] as number
  }

  expiresAt(entry: number): number {
    return this.#doubles(entry)[doubleOf(entry) + EXPIRES_AT] as number
  }

  /** Notes that an entry has another value, and takes its flag away. */
  setValue(entry: number, valueBytes: number, { epoch, asOf, expiresAt }: Head): void {
    const words = this.#words(entry)
    words[wordOf(entry) + VALUE_BYTES] = valueBytes
    words[wordOf(entry) + FLAGS] = this.marks(entry) & KEY_READ
    const doubles = this.#doubles(entry)
    const row = doubleOf(entry)
    doubles[row + EPOCH] = epoch
    doubles[row + AS_OF] = asOf
    doubles[row + EXPIRES_AT] = expiresAt
  }

  #words(entry: number): Int32Array {
    return (this.#pages[entry >> PAGE_BITS] as Page).words
  }

  #doubles(entry: number): Float64Array {
    return (this.#pages[entry >> PAGE_BITS] as Page).doubles
  }

  #newRow(): number {
    if (this.#free === NONE) {
      const entry = this.#used++
      if (entry >= PAGE_ROWS && entry % PAGE_ROWS === 0) this.#pages.push(pageOf(PAGE_ROWS))
      else if (entry < PAGE_ROWS && entry * ROW_WORDS === this.#words(0).length) this.#growFirst()
      return entry
    }
    const entry = this.#free
    this.#free = this.address(entry)
    return entry
  }

  /** Most shards are small. */
  #growFirst(): void {
    const { words } = this.#pages[0] as Page
    this.#pages[0] = pageOf(words.length / ROW_WORDS * 2)
    this.#pages[0].words.set(words)
  }
}

function pageOf(rows: number): Page {
  const words = new Int32Array(rows * ROW_WORDS)
  return { words, doubles: new Float64Array(words.buffer) }
}

function wordOf(entry: number): number {
  return (entry & PAGE_ROWS - 1) * ROW_WORDS
}

function doubleOf(entry: number): number {
  return (entry & PAGE_ROWS - 1) * ROW_DOUBLES
}

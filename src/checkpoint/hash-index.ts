import type { HashedKey } from '../core/digest.ts'

const FIRST_SLOTS = 16
/** Of one part: so few that it grows, or is parted, within a millisecond. */
const MOST_SLOTS = 16_384
/** Two words each: one more than the number of the entry there (0: free), and its key's lower hash, which tells nearly all others apart. */
const SLOT_WORDS = 2
/** Slots are at most five in eight taken. */
const [FULL, OF] = [5, 8]
/** Parts are told apart by the highest bits, slots by those above this many of the lowest, which are the least mixed. */
const LEAST_MIXED = 7
/** What is not told apart by so many bits is alike in all of them. */
const MOST_DEPTH = 16

/**
 * Numbers of entries by the hashes of their keys: an extendible hash table (Fagin et al. 1979) whose parts are open-addressing tables with
 * linear probing. However many entries there are, no addition has to move more than those of one part.
 */
export class HashIndex {
  /** By the highest `depth` bits of a hash; a part that is told by fewer stands in several places. */
  #parts: IndexPart[] = [new IndexPart(0, FIRST_SLOTS)]
  #depth = 0

  /** The part in which an entry of that hash is, if it is anywhere. */
  partOf({ low }: HashedKey): IndexPart {
    return this.#parts[highest(mixed(low), this.#depth)] as IndexPart
  }

  add(entry: number, hash: HashedKey): void {
    let part = this.partOf(hash)
    if (part.isFull && (part.slots < MOST_SLOTS || part.depth === MOST_DEPTH)) part.grow()
    else if (part.isFull) {
      this.#split(part)
      part = this.partOf(hash)
      if (part.isFull) part.grow() // all went to the same side
    }
    part.add(entry, hash.low)
  }

  remove(entry: number, hash: HashedKey): void {
    this.partOf(hash).remove(entry, hash.low)
  }

  #split(part: IndexPart): void {
    if (part.depth === this.#depth) {
      this.#parts = this.#parts.flatMap(each => [each, each])
      this.#depth++
    }
    const halves = part.halves()
    const shift = this.#depth - part.depth - 1
    this.#parts = this.#parts.map((each, index) => (each === part ? halves[index >> shift & 1] as IndexPart : each))
  }
}

/** The slots of one part. */
export class IndexPart {
  /** How many bits of their hashes its entries have in common. */
  readonly depth: number
  #words: Int32Array
  /** Slots less one; they are a power of two. */
  #mask: number
  #taken = 0

  constructor(depth: number, slots: number) {
    this.depth = depth
    this.#words = new Int32Array(slots * SLOT_WORDS)
    this.#mask = slots - 1
  }

  get slots(): number {
    return this.#mask + 1
  }

  get isFull(): boolean {
    return (this.#taken + 1) * OF > this.slots * FULL
  }

  /** The first slot in which an entry of that hash may be. */
  slotOf({ low }: HashedKey): number {
    return mixed(low) >>> LEAST_MIXED & this.#mask
  }

  /** The slot behind it. */
  behind(slot: number): number {
    return slot + 1 & this.#mask
  }

  /** The entry in a slot; -1: none, and what is looked for is in none behind it. */
  entryIn(slot: number): number {
    return (this.#words[slot * SLOT_WORDS] as number) - 1
  }

  /** The lower hash of its key. */
  lowIn(slot: number): number {
    return this.#words[slot * SLOT_WORDS + 1] as number
  }

  add(entry: number, low: number): void {
    let slot = this.slotOf({ low, high: 0 })
    while (this.entryIn(slot) >= 0) slot = this.behind(slot)
    this.#words[slot * SLOT_WORDS] = entry + 1
    this.#words[slot * SLOT_WORDS + 1] = low
    this.#taken++
  }

  /** Moves up what stands behind it for want of a slot further ahead. */
  remove(entry: number, low: number): void {
    let gap = this.slotOf({ low, high: 0 })
    while (this.entryIn(gap) !== entry) gap = this.behind(gap)
    for (let next = this.behind(gap); this.entryIn(next) >= 0; next = this.behind(next)) {
      const home = this.slotOf({ low: this.lowIn(next), high: 0 })
      if ((next - home & this.#mask) < (next - gap & this.#mask)) continue
      this.#words.copyWithin(gap * SLOT_WORDS, next * SLOT_WORDS, (next + 1) * SLOT_WORDS)
      gap = next
    }
    this.#words[gap * SLOT_WORDS] = 0
    this.#taken--
  }

  grow(): void {
    const grown = new IndexPart(this.depth, this.slots * 2)
    this.#addTo(() => grown)
    this.#words = grown.#words
    this.#mask = grown.#mask
  }

  /** Its entries, parted by the next bit of their hashes. */
  halves(): [IndexPart, IndexPart] {
    const halves: [IndexPart, IndexPart] = [new IndexPart(this.depth + 1, this.slots), new IndexPart(this.depth + 1, this.slots)]
    this.#addTo(low => halves[highest(mixed(low), this.depth + 1) & 1] as IndexPart)
    return halves
  }

  #addTo(partOf: (low: number) => IndexPart): void {
    for (let slot = 0; slot < this.slots; slot++) {
      if (this.entryIn(slot) >= 0) partOf(this.lowIn(slot)).add(this.entryIn(slot), this.lowIn(slot))
    }
  }
}

function mixed(low: number): number {
  return Math.imul(low ^ low >>> 15, 0x9e37_79b1)
}

function highest(hash: number, bits: number): number {
  return hash >>> 1 >>> 31 - bits
}

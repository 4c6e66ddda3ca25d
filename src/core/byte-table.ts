const FIRST_SLOTS = 64
const FIRST_WORDS = 1_024
/** What a slot holds: one more than the number of its item, 0 if it is free; the hash of its key; and where the key begins. */
const [ITEM, HASH, START, SLOT_WORDS] = [0, 1, 2, 3]
/** Words of four bytes that a key has on average, for the bound on all of them. */
const KEY_WORDS = 32

/**
 * Items by a key of bytes: an open-addressing hash table with linear probing, at most half full, that copies the keys into one array. Once
 * it holds `most` items, or keys too long for that many, it forgets them all: it is for what can be found again in another way.
 */
export class ByteTable<T> {
  readonly #most: number
  /** Three words each, side by side so that they come from memory together: {@link ITEM}, {@link HASH}, {@link START}. */
  #slots = new Int32Array(FIRST_SLOTS * SLOT_WORDS)
  #mask = FIRST_SLOTS - 1
  /** Each key as words: its length in bytes, then its bytes, zeros behind the last. */
  #keys = new Int32Array(FIRST_WORDS)
  #items: T[] = []
  #used = 0
  /** The key that was asked for last, as words. */
  #key = new Int32Array(FIRST_WORDS)

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#items.length
  }

  /** The item that was added at that place in the order; undefined behind the last. */
  at(index: number): T | undefined {
    return this.#items[index]
  }

  /** The item whose key is the bytes from `start` to `end`. */
  find(bytes: DataView, start: number, end: number): T | undefined {
    const hash = this.#read(bytes, start, end)
    const [slots, mask] = [this.#slots, this.#mask]
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = slot * SLOT_WORDS
      const index = (slots[at + ITEM] as number) - 1
      if (index < 0) return undefined
      if (slots[at + HASH] === hash && this.#isKey(slots[at + START] as number)) return this.#items[index]
    }
  }

  /** Adds an item whose key is not there yet. */
  add(bytes: DataView, { start, end }: { start: number; end: number }, item: T): void {
    const hash = this.#read(bytes, start, end)
    const words = wordsOf(end - start)
    if (this.#items.length >= this.#most || this.#used + words > this.#most * KEY_WORDS) this.#forgetAll()
    if (words > this.#most * KEY_WORDS) return
    if (2 * (this.#items.length + 1) > this.#mask) this.#grow()
    if (this.#used + words > this.#keys.length) this.#keys = grown(this.#keys, this.#used + words)
    this.#keys.set(this.#key.subarray(0, words), this.#used)
    this.#occupy(this.#items.push(item), hash, this.#used)
    this.#used += words
  }

  #forgetAll(): void {
    this.#slots = new Int32Array(FIRST_SLOTS * SLOT_WORDS)
    this.#mask = FIRST_SLOTS - 1
    this.#keys = new Int32Array(FIRST_WORDS)
    this.#used = 0
    this.#items = []
  }

  /** Reads a key into words, and hashes it: multiplicative, each word mixed as MurmurHash3's are (Appleby, public domain). */
  #read(bytes: DataView, start: number, end: number): number {
    const length = end - start
    if (wordsOf(length) > this.#key.length) this.#key = new Int32Array(2 * wordsOf(length))
    const key = this.#key
    let hash = key[0] = length
    let count = 1
    let at = start
    for (; at + 4 <= end; at += 4) {
      const word = key[count++] = bytes.getInt32(at, true)
      hash = Math.imul(hash ^ word, 0x9e37_79b1)
      hash ^= hash >>> 15
    }
    if (at < end) {
      let word = 0
      for (let last = end - 1; last >= at; last--) word = word << 8 | bytes.getUint8(last)
      key[count] = word
      hash = Math.imul(hash ^ word, 0x85eb_ca6b)
    }
    hash ^= hash >>> 13
    return Math.imul(hash, 0xc2b2_ae35) >>> 1
  }

  #isKey(start: number): boolean {
    const key = this.#key
    for (let word = wordsOf(key[0] as number) - 1; word >= 0; word--) if (this.#keys[start + word] !== key[word]) return false
    return true
  }

  #grow(): void {
    const before = this.#slots
    this.#mask = 2 * this.#mask + 1
    this.#slots = new Int32Array((this.#mask + 1) * SLOT_WORDS)
    for (let at = 0; at < before.length; at += SLOT_WORDS) {
      const item = before[at + ITEM] as number
      if (item !== 0) this.#occupy(item, before[at + HASH] as number, before[at + START] as number)
    }
  }

  #occupy(item: number, hash: number, start: number): void {
    let slot = hash & this.#mask
    while (this.#slots[slot * SLOT_WORDS + ITEM] !== 0) slot = (slot + 1) & this.#mask
    const at = slot * SLOT_WORDS
    this.#slots[at + ITEM] = item
    this.#slots[at + HASH] = hash
    this.#slots[at + START] = start
  }
}

/** What a key of so many bytes takes, its length included. */
function wordsOf(bytes: number): number {
  return 1 + (bytes + 3 >> 2)
}

function grown(words: Int32Array, atLeast: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(atLeast, words.length * 2))
  larger.set(words)
  return larger
}

const FIRST_SLOTS = 64
const FIRST_WORDS = 1_024
/** Words of four bytes that a key has on average, for the bound on all of them. */
const KEY_WORDS = 32

/**
 * Items by a key of bytes: an open-addressing hash table with linear probing, at most half full, that copies the keys into one array. Once
 * it holds `most` items, or keys too long for that many, it forgets them all: it is for what can be found again in another way.
 */
export class ByteTable<T> {
  readonly #most: number
  /** One more than the number of the item there; 0: free. */
  #slots = new Int32Array(FIRST_SLOTS)
  /** Each key as words: its length in bytes, then its bytes, zeros behind the last. */
  #keys = new Int32Array(FIRST_WORDS)
  /** Where the key of each item begins. */
  #starts: number[] = []
  #hashes: number[] = []
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
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = (this.#slots[slot] as number) - 1
      if (index < 0) return undefined
      if (this.#hashes[index] === hash && this.#isKey(this.#starts[index] as number)) return this.#items[index]
    }
  }

  /** Adds an item whose key is not there yet. */
  add(bytes: DataView, { start, end }: { start: number; end: number }, item: T): void {
    const hash = this.#read(bytes, start, end)
    const words = wordsOf(end - start)
    if (this.#items.length >= this.#most || this.#used + words > this.#most * KEY_WORDS) this.#forgetAll()
    if (words > this.#most * KEY_WORDS) return
    if (2 * (this.#items.length + 1) > this.#slots.length) this.#grow()
    if (this.#used + words > this.#keys.length) this.#keys = grown(this.#keys, this.#used + words)
    this.#keys.set(this.#key.subarray(0, words), this.#used)
    this.#starts.push(this.#used)
    this.#used += words
    this.#hashes.push(hash)
    this.#items.push(item)
    this.#occupy(this.#items.length - 1)
  }

  #forgetAll(): void {
    this.#slots = new Int32Array(FIRST_SLOTS)
    this.#keys = new Int32Array(FIRST_WORDS)
    this.#used = 0
    this.#starts = []
    this.#hashes = []
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
    this.#slots = new Int32Array(this.#slots.length * 2)
    for (let index = 0; index < this.#items.length; index++) this.#occupy(index)
  }

  #occupy(index: number): void {
    const mask = this.#slots.length - 1
    let slot = (this.#hashes[index] as number) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = index + 1
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

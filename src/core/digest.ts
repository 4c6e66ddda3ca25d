const WORD_DIGITS = 8
const ASCII = 0x7f
const FEW_WORDS = 64
const NO_BYTES = new Uint8Array()

/**
 * A fingerprint of a set of cells, over their keys and the offsets they are as of, in whatever order they come and go: two sums modulo
 * 2^32 of MurmurHash3's mixing (Appleby, public domain) under different seeds. It tells accidents, not forgeries.
 */
export class Digest {
  #low = 0
  #high = 0

  add(key: string, asOf: number): void {
    this.addHashed(ofKey.ofText(key), asOf)
  }

  remove(key: string, asOf: number): void {
    this.removeHashed(ofKey.ofText(key), asOf)
  }

  /** A cell that was as of one offset (0: it was not there) is now as of another. */
  move(key: string, { from, to }: { from: number; to: number }): void {
    const hashed = ofKey.ofText(key)
    if (from > 0) this.removeHashed(hashed, from)
    this.addHashed(hashed, to)
  }

  /** The same for a key that is hashed already: at a start, millions of them come and go. */
  addHashed({ low, high }: HashedKey, asOf: number): void {
    this.#low = (this.#low + withOffset(low, asOf)) | 0
    this.#high = (this.#high + withOffset(high, asOf)) | 0
  }

  removeHashed({ low, high }: HashedKey, asOf: number): void {
    this.#low = (this.#low - withOffset(low, asOf)) | 0
    this.#high = (this.#high - withOffset(high, asOf)) | 0
  }

  /** Adds all that another one is of. */
  addAll(other: Digest): void {
    this.#low = (this.#low + other.#low) | 0
    this.#high = (this.#high + other.#high) | 0
  }

  /** 16 hex digits. */
  toString(): string {
    return hex(this.#high) + hex(this.#low)
  }
}

/** What a digest takes of a key: two hashes of its UTF-8 bytes, 32 bits each, signed. */
export interface HashedKey {
  readonly low: number
  readonly high: number
}

/** Hashes one key after the other, so that nothing is made for each, and has it in words that are quickly compared. */
export class KeyHash implements HashedKey {
  low = 0
  high = 0
  /** Of the key in UTF-8. */
  length = 0
  /** The key, four bytes in each, the lowest first, and zeros behind the last; more may follow. */
  words = new Int32Array(FEW_WORDS)
  #bytes: Uint8Array = NO_BYTES
  /** Of the same bytes. */
  #view: DataView = new DataView(NO_BYTES.buffer)

  /** Of a text's UTF-8 bytes. */
  ofText(text: string): this {
    this.#begin(text.length)
    for (let at = 0; at < text.length; at += 4) {
      let word = 0
      for (let place = Math.min(at + 4, text.length) - 1; place >= at; place--) {
        const code = text.charCodeAt(place)
        if (code > ASCII) return this.#ofAll(encoder.encode(text))
        word = word << 8 | code
      }
      this.words[at >> 2] = word
    }
    return this.#hash()
  }

  /** Of `bytes` from `start` to `end`. They are kept until the next. */
  ofBytes(bytes: Uint8Array, start: number, end: number): this {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    this.#begin(end - start)
    const { words } = this
    const view = this.#view
    let at = start
    let index = 0
    for (; at + 4 <= end; at += 4) words[index++] = view.getInt32(at, true)
    if (at < end) {
      let word = 0
      for (let place = end - 1; place >= at; place--) word = word << 8 | (bytes[place] as number)
      words[index] = word
    }
    return this.#hash()
  }

  #ofAll(bytes: Uint8Array): this {
    return this.ofBytes(bytes, 0, bytes.length)
  }

  #begin(length: number): void {
    this.length = length
    if (length > this.words.length * 4) this.words = new Int32Array(length) // it grows to four times of what is needed
  }

  #hash(): this {
    const { words, length } = this
    let [low, high] = [LOW_SEED, HIGH_SEED]
    const count = length + 3 >> 2
    for (let index = 0; index < count; index++) {
      const part = scrambled(words[index] as number)
      low = turned(low ^ part)
      high = turned(high ^ part)
    }
    this.low = low ^ length
    this.high = high ^ length
    return this
  }
}

/** A fingerprint of bytes, 16 hex digits. */
export function hashOf(bytes: Uint8Array): string {
  let [low, high] = [LOW_SEED, HIGH_SEED]
  for (const byte of bytes) {
    low = mix(low, byte)
    high = mix(high, byte)
  }
  return hex(finish(high ^ bytes.length)) + hex(finish(low ^ bytes.length))
}

/** 32 bits of a text's UTF-8 bytes, signed, each as good as any other. */
export function mixedHash(text: string): number {
  return finish(ofKey.ofText(text).low)
}

const encoder = new TextEncoder()
const LOW_SEED = 0x2f0b_4c47
const HIGH_SEED = 0x7a3d_91e5

function withOffset(hash: number, asOf: number): number {
  return finish(mix(mix(hash, asOf | 0), Math.floor(asOf / 2 ** 32)))
}

function mix(hash: number, part: number): number {
  return turned(hash ^ scrambled(part))
}

function scrambled(part: number): number {
  const once = Math.imul(part, 0xcc9e_2d51)
  return Math.imul((once << 15) | (once >>> 17), 0x1b87_3593)
}

function turned(hash: number): number {
  return (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe654_6b64) | 0
}

function finish(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2_ae35)
  return twice ^ (twice >>> 16)
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(WORD_DIGITS, '0')
}

const ofKey = new KeyHash()

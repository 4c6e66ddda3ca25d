const WORD_DIGITS = 8

/**
 * A fingerprint of a set of cells, over their keys and the offsets they are as of, in whatever order they come and go: two sums modulo
 * 2^32 of MurmurHash3's mixing (Appleby, public domain) under different seeds. It tells accidents, not forgeries.
 */
export class Digest {
  #low = 0
  #high = 0

  add(key: string, asOf: number): void {
    this.#change(key, asOf, 1)
  }

  remove(key: string, asOf: number): void {
    this.#change(key, asOf, -1)
  }

  /** Both sums in one pass over the key: at a start, a million of them are added. */
  #change(key: string, asOf: number, sign: 1 | -1): void {
    let [low, high] = [LOW_SEED, HIGH_SEED]
    for (let index = 0; index < key.length; index++) {
      const part = scrambled(key.charCodeAt(index))
      low = turned(low ^ part)
      high = turned(high ^ part)
    }
    const parts = [scrambled(asOf | 0), scrambled(Math.floor(asOf / 2 ** 32))] as const
    for (const part of parts) {
      low = turned(low ^ part)
      high = turned(high ^ part)
    }
    this.#low = (this.#low + sign * finish(low)) | 0
    this.#high = (this.#high + sign * finish(high)) | 0
  }

  /** 16 hex digits. */
  toString(): string {
    return hex(this.#high) + hex(this.#low)
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

const LOW_SEED = 0x2f0b_4c47
const HIGH_SEED = 0x7a3d_91e5

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

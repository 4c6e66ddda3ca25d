import type { Head } from './codec.ts'
import { HEADER_BYTES } from './record-schemas.ts'

/** The magic of the single-object encoding. */
const [FIRST, SECOND] = [0xc3, 0x01]
const LOW_BITS = 0x80
/** A varint of more is none: ten bytes hold 64 bits. */
const HIGHEST_SCALE = LOW_BITS ** 9

/** Reads the head of one value after the other, so that nothing is made for each. */
export class HeadReader implements Head {
  epoch = 0
  asOf = 0
  expiresAt = 0
  #at = 0

  /** Of a value that is `bytes` from `start` to `end`, whatever version wrote it. Throws a RangeError for what is none. */
  read(bytes: Uint8Array, start: number, end: number): this {
    if (end - start < HEADER_BYTES || bytes[start] !== FIRST || bytes[start + 1] !== SECOND) throw new RangeError('not in single-object encoding')
    this.#at = start + HEADER_BYTES
    this.epoch = this.#long(bytes, end)
    this.asOf = this.#long(bytes, end)
    this.expiresAt = this.#long(bytes, end)
    return this
  }

  /** Zigzag, least significant seven bits first. */
  #long(bytes: Uint8Array, end: number): number {
    let value = 0
    for (let scale = 1; ; scale *= LOW_BITS) {
      if (this.#at >= end || scale > HIGHEST_SCALE) throw new RangeError('the bytes end within a value')
      const byte = bytes[this.#at++] as number
      value += (byte & 0x7f) * scale
      if (byte < LOW_BITS) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
  }
}

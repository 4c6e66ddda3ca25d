/** Room is had in stretches of so many bytes: about a hundred values. */
const STRETCH_BYTES = 65_536
/** A long takes at most this many. */
const LONG_BYTES = 10
const LOW_BITS = 0x80
const FOUR_BYTES = 2 ** 28
/** What a length of one byte can say at most; nearly all are such. */
const SHORT = 63
/** Longer texts are quicker written by Node. */
const SHORT_TEXT = 24

/**
 * Writes values in Avro's binary encoding (Avro 1.12 specification), one after the other into memory shared by many of them, with nothing
 * made for a field. What was taken is never written to again: it may be kept while it is sent, though not for long, as its neighbours stay
 * with it.
 *
 * Lists of counts and histograms are written as bytes: longs one after the other, zeros at the end left out, of a histogram the sum first.
 * No Avro arrays: their block counts in hostile bytes would end the process (avsc 5.7.9).
 */
export class AvroWriter {
  #bytes = Buffer.allocUnsafeSlow(STRETCH_BYTES)
  #start = 0
  #at = 0

  /** Forgets what was written and not taken: somebody failed over it. */
  begin(): void {
    this.#at = this.#start
  }

  /** All that was written since it was last taken. */
  take(): Buffer {
    const taken = this.#bytes.subarray(this.#start, this.#at)
    this.#start = this.#at
    return taken
  }

  /** The same, as a string of as many characters, which costs its memory and no more. */
  takeText(): string {
    const text = this.#bytes.toString('latin1', this.#start, this.#at)
    this.#at = this.#start
    return text
  }

  long(number: number): void {
    if (this.#at + LONG_BYTES > this.#bytes.length) this.#makeRoom(LONG_BYTES)
    this.#at = writeLong(this.#bytes, this.#at, number)
  }

  boolean(value: boolean): void {
    this.#makeRoomFor(1)
    this.#bytes[this.#at++] = value ? 1 : 0
  }

  string(text: string): void {
    const { length } = text
    if (length > SHORT_TEXT || !this.#shortText(text, length)) {
      const bytes = Buffer.byteLength(text)
      this.long(bytes)
      this.#makeRoomFor(bytes)
      this.#at += this.#bytes.write(text, this.#at)
    }
  }

  /** Bytes as they are, without a length. */
  raw(bytes: Uint8Array): void {
    this.#makeRoomFor(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** What `takeText` gave. */
  rawText(text: string): void {
    this.#makeRoomFor(text.length)
    this.#at += this.#bytes.write(text, this.#at, 'latin1')
  }

  counts(numbers: readonly number[]): void {
    this.#packed(numbers, withoutZeros(numbers), null)
  }

  histogram({ sum, counts }: { readonly sum: number; readonly counts: readonly number[] }): void {
    const length = withoutZeros(counts)
    this.#packed(counts, length, length === 0 && sum === 0 ? null : sum)
  }

  /** What `write` writes, as bytes. */
  within(write: () => void): void {
    const begin = this.#at - this.#start // room may be made meanwhile, and all moves there
    write()
    const body = this.#start + begin
    const head = writeLong(SIZE, 0, this.#at - body)
    this.#makeRoomFor(head)
    const from = this.#start + begin
    this.#bytes.copyWithin(from + head, from, this.#at)
    this.#bytes.set(SIZE.subarray(0, head), from)
    this.#at += head
  }

  /** Room is made for all at once. */
  #packed(numbers: readonly number[], length: number, first: number | null): void {
    this.#makeRoomFor((length + 2) * LONG_BYTES)
    const begin = this.#at
    const bytes = this.#bytes
    let at = begin + 1
    if (first !== null) at = writeLong(bytes, at, first)
    for (let index = 0; index < length; index++) at = writeLong(bytes, at, numbers[index] as number)
    const size = at - begin - 1
    if (size <= SHORT) {
      bytes[begin] = size * 2
      this.#at = at
    } else {
      const body = writeLong(SIZE, 0, size)
      bytes.copyWithin(begin + body, begin + 1, at)
      bytes.set(SIZE.subarray(0, body), begin)
      this.#at = at + body - 1
    }
  }

  /** False for one that is not ASCII, or has no room. */
  #shortText(text: string, length: number): boolean {
    const bytes = this.#bytes
    const at = this.#at
    if (at + length + 1 > bytes.length) return false
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code >= LOW_BITS) return false
      bytes[at + 1 + index] = code
    }
    bytes[at] = length * 2
    this.#at = at + 1 + length
    return true
  }

  #makeRoomFor(length: number): void {
    if (this.#at + length > this.#bytes.length) this.#makeRoom(length)
  }

  /** The value under way moves into memory of its own; what was taken stays where it is. */
  #makeRoom(length: number): void {
    const written = this.#bytes.subarray(this.#start, this.#at)
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(STRETCH_BYTES, 2 * (written.length + length)))
    this.#bytes.set(written)
    this.#start = 0
    this.#at = written.length
  }
}

const SIZE = Buffer.alloc(LONG_BYTES)

/** How many are left without the zeros at the end. */
function withoutZeros(numbers: readonly number[]): number {
  let { length } = numbers
  while (length > 0 && numbers[length - 1] === 0) length--
  return length
}

/** Zigzag, base 128, least significant first. Exact for whole numbers from -2^52 to 2^53. Gives where it ends. */
function writeLong(bytes: Buffer, at: number, number: number): number {
  let rest = number < 0 ? -2 * number - 1 : 2 * number
  if (rest >= FOUR_BYTES) {
    const high = Math.floor(rest / FOUR_BYTES)
    const low = rest - high * FOUR_BYTES
    bytes[at++] = low & 0x7f | LOW_BITS
    bytes[at++] = low >>> 7 & 0x7f | LOW_BITS
    bytes[at++] = low >>> 14 & 0x7f | LOW_BITS
    bytes[at++] = low >>> 21 | LOW_BITS
    rest = high
  }
  while (rest >= LOW_BITS) {
    bytes[at++] = rest & 0x7f | LOW_BITS
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

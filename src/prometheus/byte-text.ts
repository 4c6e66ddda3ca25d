import { escapeLabelValue, numberText } from './text.ts'

const CHUNK_BYTES = 65_536
/** Of UTF-8, in one UTF-16 code unit. */
const MOST_PER_UNIT = 3
/** Up to here, a loop of ours is faster than a call of the engine. */
const SHORT_BYTES = 64
const ZERO = 0x30
const BACKSLASH = 0x5c
const QUOTE = 0x22
/** Whole numbers below this are put into digits by 32-bit arithmetic. */
const SMALL = 2 ** 31

/** Text as UTF-8, put into chunks piece by piece: for pages of a million lines, where a string for each would cost more than all else. */
export class ByteText {
  #chunk: Buffer = Buffer.alloc(0)
  #length = 0
  #chunks: Buffer[] = []
  readonly #digits = new Uint8Array(10)

  /** Hands over what was written, in order, and begins anew. */
  take(): Buffer[] {
    this.#close()
    const chunks = this.#chunks
    this.#chunks = []
    return chunks
  }

  write(text: string): void {
    this.#room(text.length * MOST_PER_UNIT)
    const start = this.#length
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return this.#writeRest(text, start)
      this.#chunk[this.#length++] = code
    }
  }

  writeLabelValue(text: string): void {
    this.#room(text.length * MOST_PER_UNIT)
    const start = this.#length
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f || code < 0x20 || code === BACKSLASH || code === QUOTE) {
        this.#length = start
        return this.write(escapeLabelValue(text))
      }
      this.#chunk[this.#length++] = code
    }
  }

  writeBytes(bytes: Uint8Array): void {
    const { length } = bytes
    this.#room(length)
    if (length < SHORT_BYTES) for (let index = 0; index < length; index++) this.#chunk[this.#length + index] = bytes[index] as number
    else this.#chunk.set(bytes, this.#length)
    this.#length += length
  }

  writeNumber(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value >= SMALL) return this.write(numberText(value))
    let count = 0
    let rest = value
    do {
      const tenth = (rest / 10) | 0
      this.#digits[count++] = ZERO + rest - tenth * 10
      rest = tenth
    } while (rest > 0)
    this.#room(count)
    while (count > 0) this.#chunk[this.#length++] = this.#digits[--count] as number
  }

  #writeRest(text: string, start: number): void {
    this.#length = start + this.#chunk.write(text, start)
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#chunk.length) return
    this.#close()
    this.#chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, bytes))
  }

  #close(): void {
    if (this.#length > 0) this.#chunks.push(this.#chunk.subarray(0, this.#length))
    this.#chunk = this.#chunk.subarray(this.#length)
    this.#length = 0
  }
}

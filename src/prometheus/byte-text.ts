import type { TextSink } from './text-sink.ts'
import { escapeLabelValue, numberText } from './text.ts'

const CHUNK_BYTES = 65_536
/** Most families of a small page take no more. */
const FIRST_BYTES = 4_096
/** Of UTF-8, in one UTF-16 code unit. */
const MOST_PER_UNIT = 3
/** Digits of a whole number that is safe, a point and zeros before the first digit of it. */
const LONGEST_NUMBER = 24
const WORD = 8
const [ZERO, POINT, NEWLINE, QUOTE, BACKSLASH] = [0x30, 0x2e, 0x0a, 0x22, 0x5c]
/** Whole numbers below this are put into digits by 32-bit arithmetic. */
const SMALL = 2 ** 31
const HALF_DIGITS = 9
const HALF = 10 ** HALF_DIGITS
const MICROS = 1_000_000
const MICRO_DIGITS = 6
/** Up to here a text of so many micros is exact: fifteen digits of a decimal fraction come back from a double as they were. */
const MOST_MICROS = 10 ** 15

/**
 * UTF-8 bytes that grow at their end and may be cut off. They are copied in words of eight, for which there is always room behind their end:
 * V8 makes one move of each, and no BigInt; it is as fast as a call of the engine for long pieces, and faster for short ones.
 */
export class Bytes {
  length = 0
  bytes: Uint8Array = new Uint8Array(2 * WORD)
  view: DataView = new DataView(this.bytes.buffer)

  static of(text: string): Bytes {
    const bytes = new Bytes()
    bytes.write(text)
    return bytes
  }

  /** Makes room for so many more. */
  need(more: number): void {
    if (this.length + more + WORD > this.bytes.length) this.grow(more + WORD)
  }

  add(piece: Bytes): void {
    this.need(piece.length)
    this.put(piece)
  }

  write(text: string): void {
    this.need(text.length * MOST_PER_UNIT)
    const start = this.length
    const { bytes } = this
    let at = start
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) {
        this.length = start + encoder.encodeInto(text, bytes.subarray(start)).written
        return
      }
      bytes[at++] = code
    }
    this.length = at
  }

  writeLabelValue(text: string): void {
    this.need(text.length * MOST_PER_UNIT)
    const { bytes } = this
    let at = this.length
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f || code === NEWLINE || code === BACKSLASH || code === QUOTE) return this.write(escapeLabelValue(text))
      bytes[at++] = code
    }
    this.length = at
  }

  /** Adds a piece for which there is room. */
  protected put({ view: from, length }: Bytes): void {
    const to = this.view
    const start = this.length
    for (let at = 0; at < length; at += WORD) to.setBigInt64(start + at, from.getBigInt64(at, true), true)
    this.length = start + length
  }

  protected grow(more: number): void {
    const { bytes } = this
    this.bytes = new Uint8Array(2 * (this.length + more))
    this.bytes.set(bytes)
    this.view = new DataView(this.bytes.buffer)
  }
}

/** Text as UTF-8, put into chunks piece by piece: for pages of a million lines, where a string for each would cost more than all else. */
export class ByteText extends Bytes {
  readonly #sink: Pick<TextSink, 'buffer' | 'add'>
  #isFirst = true

  constructor(sink: Pick<TextSink, 'buffer' | 'add'>) {
    super()
    this.#sink = sink
    this.#forget()
  }

  /** Hands over what was written and not handed over yet. */
  close(): void {
    if (this.length === 0) return
    this.#sink.add(Buffer.from(this.bytes.buffer, 0, this.length))
    this.#isFirst = false
    this.#forget()
  }

  /** A sample: its name, its labels, what closes them, and its value. */
  writeLine(name: Bytes, { labels, close }: { labels: Bytes; close: Bytes }, value: number): void {
    this.need(name.length + labels.length + close.length + LONGEST_NUMBER + 1)
    this.put(name)
    this.put(labels)
    this.put(close)
    this.#putNumber(value)
    this.bytes[this.length++] = NEWLINE
  }

  /** The same of a value in millionths. */
  writeMicrosLine(name: Bytes, { labels, close }: { labels: Bytes; close: Bytes }, micros: number): void {
    if (!Number.isInteger(micros) || micros < 0 || micros > MOST_MICROS) return this.writeLine(name, { labels, close }, micros / MICROS)
    this.need(name.length + labels.length + close.length + LONGEST_NUMBER + 1)
    this.put(name)
    this.put(labels)
    this.put(close)
    const whole = Math.floor(micros / MICROS)
    this.#putWhole(whole)
    this.#putFraction(micros - whole * MICROS)
    this.bytes[this.length++] = NEWLINE
  }

  #putNumber(value: number): void {
    if (Number.isSafeInteger(value) && value >= 0) this.#putWhole(value)
    else this.write(numberText(value))
  }

  #putWhole(value: number): void {
    if (value < SMALL) return this.#putDigits(value, digitsOf(value))
    const high = Math.floor(value / HALF)
    this.#putDigits(high, digitsOf(high))
    this.#putDigits(value - high * HALF, HALF_DIGITS)
  }

  /** Without the zeros at its end. */
  #putFraction(micros: number): void {
    if (micros === 0) return
    let [rest, digits] = [micros, MICRO_DIGITS]
    while (rest % 10 === 0) {
      rest = (rest / 10) | 0
      digits--
    }
    this.bytes[this.length++] = POINT
    this.#putDigits(rest, digits)
  }

  #putDigits(value: number, digits: number): void {
    const { bytes } = this
    let rest = value
    for (let at = this.length + digits - 1; at >= this.length; at--) {
      const tenth = (rest / 10) | 0
      bytes[at] = ZERO + rest - tenth * 10
      rest = tenth
    }
    this.length += digits
  }

  protected override grow(more: number): void {
    this.close()
    this.bytes = this.#sink.buffer(Math.max(this.#isFirst ? FIRST_BYTES : CHUNK_BYTES, more))
    this.view = new DataView(this.bytes.buffer)
  }

  #forget(): void {
    this.length = 0
    this.bytes = NOTHING
    this.view = NO_VIEW
  }
}

const encoder = new TextEncoder()
const NOTHING = new Uint8Array()
const NO_VIEW = new DataView(NOTHING.buffer)

/** How many digits a whole number below {@link SMALL}, or half of a larger one, has. */
function digitsOf(value: number): number {
  let digits = 1
  for (let bound = 10; value >= bound; bound *= 10) digits++
  return digits
}

/** A long takes at most this many bytes. */
const LONGEST = 10
const LOW_BITS = 0x80

/** Reads from bytes what an {@link AvroWriter} or any Avro writer has written. Throws a RangeError where they are damaged. */
export class AvroReader {
  at: number
  #bytes: Buffer
  #end: number

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.at = at
    this.#end = bytes.length
  }

  /** Goes on with what stands in `bytes` from `at` to `end`. */
  begin(bytes: Buffer, at: number, end: number): void {
    this.#bytes = bytes
    this.at = at
    this.#end = end
  }

  /** Of what {@link AvroWriter.takeText} gave. */
  static ofText(text: string): AvroReader {
    return new AvroReader(Buffer.from(text, 'latin1'))
  }

  /** All is read. */
  get isAtEnd(): boolean {
    return this.at === this.#end
  }

  long(): number {
    const byte = this.at < this.#end ? this.#bytes[this.at++] as number : cutOff()
    return byte < LOW_BITS ? byte >>> 1 ^ -(byte & 1) : this.#longFrom(byte)
  }

  boolean(): boolean {
    return (this.at < this.#end ? this.#bytes[this.at++] as number : cutOff()) !== 0
  }

  string(): string {
    const end = this.#endOfBytes()
    const text = this.#bytes.toString('utf8', this.at, end)
    this.at = end
    return text
  }

  /** What was read since `start`, a character for a byte. */
  rawText(start: number): string {
    return this.#bytes.toString('latin1', start, this.at)
  }

  /** Counts, with zeros up to `length`; those of a newer version, which has more of them, are all kept. */
  counts(length: number): number[] {
    const outer = this.#end
    this.#end = this.#endOfBytes()
    const numbers = this.#rest(length)
    this.#end = outer
    return numbers
  }

  /** A histogram of so many buckets. */
  histogram(length: number): { counts: number[]; sum: number } {
    const outer = this.#end
    this.#end = this.#endOfBytes()
    const sum = this.isAtEnd ? 0 : this.long()
    const counts = this.#rest(length)
    this.#end = outer
    return { counts, sum }
  }

  /** Counts into a list; throws for more than it has place for. */
  countsInto(numbers: number[]): void {
    const outer = this.#end
    this.#end = this.#endOfBytes()
    this.#into(numbers)
    if (!this.isAtEnd) cutOff()
    this.#end = outer
  }

  /** Counts into lists of the same length, one behind the other; throws for more than they have place for. */
  tableInto(rows: readonly number[][]): void {
    const outer = this.#end
    this.#end = this.#endOfBytes()
    for (const row of rows) this.#into(row)
    if (!this.isAtEnd) cutOff()
    this.#end = outer
  }

  /** A histogram likewise. */
  histogramInto(histogram: { counts: number[]; sum: number }): void {
    const outer = this.#end
    this.#end = this.#endOfBytes()
    histogram.sum = this.isAtEnd ? 0 : this.long()
    this.#into(histogram.counts)
    if (!this.isAtEnd) cutOff()
    this.#end = outer
  }

  /** Passes over bytes or a string. */
  skipBytes(): void {
    this.at = this.#endOfBytes()
  }

  /** Passes over counts or a histogram; what is damaged is found all the same. */
  skipCounts(): void {
    const outer = this.#end
    this.#end = this.#endOfBytes()
    while (!this.isAtEnd) this.long()
    this.#end = outer
  }

  /** Reads bytes to their end by what reads a part of them. */
  within(readPart: () => unknown): void {
    const outer = this.#end
    this.#end = this.#endOfBytes()
    while (!this.isAtEnd) readPart()
    this.#end = outer
  }

  #into(numbers: number[]): void {
    for (let index = 0; index < numbers.length; index++) numbers[index] = this.isAtEnd ? 0 : this.long()
  }

  #rest(length: number): number[] {
    const numbers = Array<number>(length).fill(0) // of the right length at once: a million edges have two such lists each
    for (let index = 0; !this.isAtEnd; index++) {
      const number = this.long()
      if (index < length) numbers[index] = number
      else numbers.push(number)
    }
    return numbers
  }

  #endOfBytes(): number {
    const length = this.long()
    const end = this.at + length
    if (length < 0 || end > this.#end) cutOff()
    return end
  }

  #longFrom(first: number): number {
    const begin = this.at
    let value = first & 0x7f
    for (let scale = LOW_BITS; ; scale *= LOW_BITS) {
      const byte = this.at < this.#end ? this.#bytes[this.at++] as number : cutOff()
      value += (byte & 0x7f) * scale
      if (byte < LOW_BITS) break
      if (this.at - begin >= LONGEST) cutOff()
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}

function cutOff(): never {
  throw new RangeError('the bytes end within a value')
}

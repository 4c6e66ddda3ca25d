/** A number takes at most this many bytes. */
const LONGEST = 10
const LOW_BITS = 128

let scratch = Buffer.alloc(1_024)

/**
 * Whole numbers as Avro longs one after the other (zigzag, base 128, least significant first), zeros at the end left out. No Avro array:
 * its count in hostile bytes would end the process (avsc 5.7.9), and its blocks cost more than these.
 */
export function pack(numbers: readonly number[]): Buffer {
  let length = numbers.length
  while (length > 0 && numbers[length - 1] === 0) length--
  if (scratch.length < length * LONGEST) scratch = Buffer.alloc(length * LONGEST)
  let at = 0
  for (let index = 0; index < length; index++) at = writeLong(scratch, at, numbers[index] ?? 0)
  return Buffer.from(scratch.subarray(0, at))
}

/** The numbers of `pack`, with zeros up to `length`; what is beyond that is kept. Throws a RangeError where the bytes end too soon. */
export function unpack(bytes: Buffer, length: number): number[] {
  const numbers: number[] = []
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0
    if (byte < LOW_BITS) { // most are small
      numbers.push((byte >>> 1) ^ -(byte & 1))
      at++
    } else {
      const reader = new LongReader(bytes, at)
      numbers.push(reader.next())
      at = reader.at
    }
  }
  while (numbers.length < length) numbers.push(0)
  return numbers
}

/** Reads Avro longs from bytes. */
export class LongReader {
  at: number
  readonly #bytes: Buffer

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.at = at
  }

  /** The next long. Throws a RangeError where the bytes end within it or it is longer than a long. */
  next(): number {
    let value = 0
    for (let scale = 1, begin = this.at; ; scale *= LOW_BITS) {
      const byte = this.#bytes[this.at++]
      if (byte === undefined || this.at - begin > LONGEST) throw new RangeError('the bytes end within a number')
      value += (byte & (LOW_BITS - 1)) * scale
      if (byte < LOW_BITS) break
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}

function writeLong(bytes: Buffer, at: number, number: number): number {
  let rest = number < 0 ? -2 * number - 1 : 2 * number
  while (rest >= LOW_BITS) {
    bytes[at++] = (rest % LOW_BITS) | LOW_BITS
    rest = Math.floor(rest / LOW_BITS)
  }
  bytes[at++] = rest
  return at
}

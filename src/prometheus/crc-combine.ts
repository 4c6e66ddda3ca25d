/** CRC-32's polynomial, reflected. */
const POLYNOMIAL = 0xedb8_8320
const BITS = 32
const BYTE = 8

/**
 * The CRC-32 of some bytes and others behind them, from the two of each: the first is moved on by as many zero bytes as the second counts,
 * by squaring the matrix of one zero bit over GF(2), as zlib's crc32_combine does (Mark Adler). Nothing is read.
 */
export function combinedCrc(first: number, { crc, length }: { crc: number; length: number }): number {
  let moved = first
  let zeros = BYTE_OF_ZEROS
  for (let left = length; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) moved = times(zeros, moved)
    zeros = squared(zeros)
  }
  return (moved ^ crc) >>> 0
}

function byteOfZeros(): readonly number[] {
  const bit = Array.from({ length: BITS }, (_, index) => (index === 0 ? POLYNOMIAL : 2 ** (index - 1)))
  let zeros: readonly number[] = bit
  for (let bits = 1; bits < BYTE; bits *= 2) zeros = squared(zeros)
  return zeros
}

function times(matrix: readonly number[], vector: number): number {
  let sum = 0
  for (let rest = vector >>> 0, index = 0; rest !== 0; rest >>>= 1, index++) if ((rest & 1) === 1) sum ^= matrix[index] as number
  return sum >>> 0
}

function squared(matrix: readonly number[]): number[] {
  return matrix.map(column => times(matrix, column))
}

/** What eight zero bits make of each bit of a CRC. */
const BYTE_OF_ZEROS = byteOfZeros()

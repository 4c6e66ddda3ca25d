/** Registers: with 1,024 the estimate's standard error is 1.04 / 32, a little more than 3 %. */
export const REGISTERS = 1_024
const INDEX_BITS = 10
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS)

/** Of no value yet. */
export function emptyRegisters(): number[] {
  return Array.from({ length: REGISTERS }, () => 0)
}

/** Notes one of many values, by a hash of it of 32 bits. HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007). */
export function noteHash(registers: number[], hash: number): void {
  const index = hash >>> (32 - INDEX_BITS)
  const rank = Math.min(Math.clz32(hash << INDEX_BITS), 32 - INDEX_BITS) + 1
  if (rank > (registers[index] ?? 0)) registers[index] = rank
}

/** About how many different values were noted; linear counting where they are few. */
export function estimateOf(registers: readonly number[]): number {
  let [sum, zeros] = [0, 0]
  for (const rank of registers) {
    sum += 2 ** -rank
    if (rank === 0) zeros++
  }
  const estimate = ALPHA * REGISTERS ** 2 / sum
  return Math.round(estimate <= 2.5 * REGISTERS && zeros > 0 ? REGISTERS * Math.log(REGISTERS / zeros) : estimate)
}

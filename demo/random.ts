/** A source of chance that a seed determines. Nothing in the demo draws from anywhere else. */
export interface Random {
  /** At least 0, below 1. */
  next(): number
  /** A whole number, at least 0 and below `bound`. */
  below(bound: number): number
  /** True with probability `p`. */
  chance(p: number): boolean
  /** Undefined only for an empty list. */
  pick<T>(items: readonly T[]): T | undefined
  /** A source of its own for `label`, so that what one part draws does not shift what another part sees. */
  fork(label: string): Random
}

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state, plenty for a demo and nothing for cryptography. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number): number => Math.floor(next() * bound)
  return {
    next,
    below,
    chance: p => next() < p,
    pick: items => items[below(items.length)],
    fork: label => createRandom(hash(label, seed)),
  }
}

/** FNV-1a over the label's UTF-16 code units, begun at the seed. */
function hash(label: string, seed: number): number {
  let state = (0x811c9dc5 ^ seed) >>> 0
  for (let at = 0; at < label.length; at++) state = Math.imul(state ^ label.charCodeAt(at), 0x01000193) >>> 0
  return state
}

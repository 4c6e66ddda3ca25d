export interface Spread {
  min: number
  median: number
  max: number
}

/** Runs A and B in turn, `rounds` times, after one round that does not count. `run` answers a rate. Ratios are A/B, pair by pair. */
export function inPairs(a: () => number, b: () => number, rounds: number): { a: Spread; b: Spread; ratio: Spread } {
  const pairs = Array.from({ length: rounds + 1 }, () => [a(), b()] as const).slice(1)
  return {
    a: spread(pairs.map(([rate]) => rate)),
    b: spread(pairs.map(([, rate]) => rate)),
    ratio: ratios(pairs),
  }
}

/** A/B, pair by pair. */
export function ratios(pairs: readonly (readonly [a: number, b: number])[]): Spread {
  return spread(pairs.map(([value, reference]) => value / reference))
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((x, y) => x - y)
  const at = (share: number) => rounded(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN)
  return { min: at(0), median: at(0.5), max: at(1) }
}

/** To four digits: more would be noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

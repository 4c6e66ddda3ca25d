import { rounded } from './pairs.ts'
import type { Made } from './steady.ts'

/** At some moment, in milliseconds since the epoch, so many look-ups had come. */
export interface Seen {
  count: number
  at: number
}

export interface Lag {
  p50: number
  p95: number
  p99: number
  max: number
}

/**
 * From when each look-up after the first `after` was made until it was first seen, in seconds. `seen` is in order of time. What was not
 * seen at the end is left out; `upTo` is the last that was seen.
 */
export function lagOf(made: Made, seen: readonly Seen[], after: number): Lag & { upTo: number } {
  const lags: { seconds: number; weight: number }[] = []
  let [next, before] = [0, after]
  for (const [count, at] of made) {
    if (count <= after) continue
    while (next < seen.length && (seen[next]?.count ?? 0) < count) next++
    const first = seen[next]
    if (first === undefined) break
    lags.push({ seconds: (first.at - at) / 1_000, weight: count - before })
    before = count
  }
  return { ...percentilesOf(lags), upTo: before }
}

function percentilesOf(lags: readonly { seconds: number; weight: number }[]): Lag {
  const sorted = lags.toSorted((a, b) => a.seconds - b.seconds)
  const all = sorted.reduce((sum, { weight }) => sum + weight, 0)
  const at = (share: number): number => {
    let sum = 0
    for (const { seconds, weight } of sorted) {
      sum += weight
      if (sum >= share * all) return rounded(seconds)
    }
    return Number.NaN
  }
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

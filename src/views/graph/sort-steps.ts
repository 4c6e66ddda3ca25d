import type { Steps } from '../steps.ts'

/** Sorted, or merged, before others have their turn: a few milliseconds of names. */
const AT_ONCE = 4_096

/**
 * Sorts a list in steps, keeping the order of equals: stretches first, then twice as long ones from two neighbours (a bottom-up merge
 * sort). What is sorted already is only compared.
 */
export function* sortInSteps<T>(items: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  let sorted: T[] = []
  for (let from = 0; from < items.length; from += AT_ONCE) {
    for (const item of items.slice(from, from + AT_ONCE).toSorted(compare)) sorted.push(item)
    yield
  }
  for (let width = AT_ONCE; width < sorted.length; width *= 2) sorted = yield* merged(sorted, { width, compare })
  return sorted
}

function* merged<T>(items: readonly T[], { width, compare }: { width: number; compare: (a: T, b: T) => number }): Steps<T[]> {
  const found: T[] = []
  for (let from = 0; from < items.length; from += 2 * width) {
    const [middle, end] = [Math.min(from + width, items.length), Math.min(from + 2 * width, items.length)]
    let [left, right] = [from, middle]
    while (left < middle || right < end) {
      const takesLeft = right >= end || (left < middle && compare(items[left] as T, items[right] as T) <= 0)
      if (found.push(items[takesLeft ? left++ : right++] as T) % AT_ONCE === 0) yield
    }
  }
  return found
}

/** The word that was probably meant, or null if none is near: at most a third of its letters differ, or one is the end of the other. */
export function closest(word: string, known: readonly string[]): string | null {
  const ending = known.find(each => word.length > 3 && each.endsWith(`_${word}`))
  if (ending !== undefined) return ending
  const ranked = known.map(each => ({ each, distance: distanceOf(word, each) })).toSorted((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.each.length / 3)) ? best.each : null
}

/** Levenshtein's distance, row by row. */
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const changed = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}

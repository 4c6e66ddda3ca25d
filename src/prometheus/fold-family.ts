import { families } from '../core/families.ts'
import type { Family } from '../core/family.ts'
import { inTurns } from '../turns.ts'
import { visibleInSteps, type CellSource, type VisibleShard } from '../views/shard.ts'

/** The families of the fold as one type. It forgets which cells each reads: give a family none but those of `cells[family.cell]`. */
export const foldFamilies = families as readonly Family[]

/** A shard's cells as one page shows them. */
export interface ShownShard {
  shard: string
  cells: CellSource
}

/** Looks at the shards once, for a whole page. Throws if a shard is given twice: all its series would be, too. */
export async function showShards(shards: Iterable<VisibleShard>, turn: () => Promise<void>): Promise<ShownShard[]> {
  const names = new Set<string>()
  const shown: ShownShard[] = []
  const now = Array.from(shards) // all of one moment, whatever comes while others work
  for (const visible of now) {
    const { shard } = visible
    if (names.has(shard)) throw new Error(`shard ${shard} is given twice: a page must show each series once`)
    names.add(shard)
    shown.push({ shard, cells: await inTurns(visibleInSteps(visible), turn) })
  }
  return shown
}

/** Upper bounds of a histogram's buckets as exposed, without the last, infinite one; none for a summary. */
export function exposedBounds({ type, unit, bounds = [] }: Family): number[] {
  return type === 'histogram' ? bounds.map(bound => exposed(bound, unit)) : []
}

/** A cell's sum or bound in the unit of its family: cells hold durations in integer microseconds. */
export function exposed(value: number, unit: Family['unit']): number {
  return unit === 'seconds' ? value / 1_000_000 : value
}

import type { CellKind, CellOf, Cells } from '../core/cells.ts'
import { endInstance } from '../core/instances.ts'
import { keyOf } from '../core/names.ts'
import { emptyState, type ShardState } from '../core/state.ts'

/** One input partition, as a reader may see it. */
export interface VisibleShard {
  /** The value of the `shard` label: `lookups-3`. */
  shard: string
  state: ShardState
  /** When the fold was last known to stand at the partition's end, in milliseconds since the epoch. */
  atEnd: number
}

/**
 * The cells as they stand at the shard's time: in an idle partition the stream time stands still, so leases that have run out since are
 * run out here, on copies, by the fold's own rule. Changes no state.
 */
export function visibleCells({ state, atEnd }: VisibleShard): Cells {
  const overdue = state.leases.peekDue(atEnd)
  if (overdue.length === 0) return state.cells
  const { instance, registrations, version } = state.cells
  const copy = { ...emptyState(state.next), cells: { ...state.cells, ...mapsOf({ instance, registrations, version }) } }
  for (const { namespace, service, instance: name, version: held } of overdue) {
    const key = keyOf(namespace, service, name)
    replaceByCopy(copy.cells.instance, key, instance)
    replaceByCopy(copy.cells.registrations, keyOf(namespace, service), registrations)
    replaceByCopy(copy.cells.version, keyOf(namespace, service, held), version)
    const ending = copy.cells.instance.get(key)
    if (ending !== undefined) endInstance(copy, ending, 'LAPSE')
  }
  return copy.cells
}

/** All visible cells of a kind, shard by shard. */
export function* cellsOf<K extends CellKind>(shards: Iterable<VisibleShard>, kind: K): Generator<CellOf[K]> {
  for (const shard of shards) yield* visibleCells(shard)[kind].values()
}

function mapsOf(cells: Pick<Cells, 'instance' | 'registrations' | 'version'>): Pick<Cells, 'instance' | 'registrations' | 'version'> {
  return { instance: new Map(cells.instance), registrations: new Map(cells.registrations), version: new Map(cells.version) }
}

function replaceByCopy<C>(cells: Map<string, C>, key: string, original: Map<string, C>): void {
  const held = cells.get(key)
  if (held !== undefined && held === original.get(key)) cells.set(key, structuredClone(held))
}

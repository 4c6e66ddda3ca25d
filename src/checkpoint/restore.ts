import { cellKinds } from '../core/blank-cells.ts'
import type { Budgets } from '../core/budgets.ts'
import type { CellKind, Cells } from '../core/cells.ts'
import { awaitDue } from '../core/deadlines.ts'
import { namesOf } from '../core/names.ts'
import type { Naming } from '../core/naming.ts'
import { isPast, type Retention } from '../core/retention.ts'
import { emptyState, type ShardState } from '../core/state.ts'
import type { HeldCells } from './held-cells.ts'
import { OwnedCells } from './owned-cells.ts'
import type { ShardView } from './shard-view.ts'

/** Looked at before it is asked whether others should have their turn. */
const AT_ONCE = 256

export interface RestoreOptions {
  retention: Retention
  naming?: Naming | undefined
  budgets?: Budgets | undefined
  /** Lets others work. */
  turn: () => Promise<void>
  /** Told of each cell that cannot be read and is taken for absent, now or when it is asked for. */
  onDamaged: (kind: CellKind, key: string) => void
}

export interface Restored {
  state: ShardState
  /** Kinds whose cells are not those that the owner before had when it wrote its progress. */
  mismatched: string[]
}

/**
 * The state to go on from: the view's cells and its progress. What has expired by then does not exist; it is noted as absent, so that the
 * next checkpoint frees its space. Null where there is no checkpoint.
 */
export async function restoreState(view: ShardView, { turn, ...options }: RestoreOptions): Promise<Restored | null> {
  const { progress } = view
  if (progress === null) return null
  const state = ownedState(view, progress.asOf, options)
  state.streamTime = state.expiredUntil = progress.streamTime
  state.nextExpiry = 0 // the first look finds out
  for (const kind of cellKinds) state.changes.digests[kind].addAll(view.cells[kind].digestAt(state.streamTime))
  for (const kind of cellKinds) await awaitDues(state, view.cells[kind], turn)
  for (const kind of Object.keys(state.room.budgets) as CellKind[]) await countCells(state, view.cells[kind], turn)
  return { state, mismatched: mismatches(state, progress.digests) }
}

/** A state over the view's cells, for as long as the claim stands that stands now: until then nobody but its owner changes the view. */
export function ownedState(view: ShardView, next: number, { retention, naming, budgets, onDamaged }: Omit<RestoreOptions, 'turn'>): ShardState {
  const cellsOf = <K extends CellKind>(kind: K) => new OwnedCells<K>({
    held: view.cells[kind], clock: () => state, viewedUntil: () => view.progress?.asOf ?? -1,
    onDamaged: (key, asOf) => {
      state.changes.digests[kind].remove(key, asOf)
      onDamaged(kind, key)
    },
  })
  const cells = Object.fromEntries(cellKinds.map(kind => [kind, cellsOf(kind)])) as unknown as Cells
  const state = emptyState(next, retention, { cells, naming, budgets })
  return state
}

/** What something will happen to by itself is decoded when it does, unless it is asked for before. */
async function awaitDues(state: ShardState, held: HeldCells<CellKind>, turn: () => Promise<void>): Promise<void> {
  const { kind } = held
  held.eachExpired({ since: 0, time: state.streamTime }, ({ key }) => { state.changes.noteAbsent({ kind, key }) })
  let count = 0
  for (const { key, due } of held.deadlines()) {
    awaitDue(state, { kind, key, due })
    if (++count % AT_ONCE === 0) await turn()
  }
}

/** What is there takes room, by its names; what is damaged is not known not to be there. */
async function countCells(state: ShardState, held: HeldCells<CellKind>, turn: () => Promise<void>): Promise<void> {
  let count = 0
  for (const [key, { expiresAt }] of held.entries()) {
    if (!isPast(expiresAt, state.streamTime)) state.room.add(held.kind, namesOf(key))
    if (++count % AT_ONCE === 0) await turn()
  }
}

function mismatches({ changes }: ShardState, wanted: Readonly<Record<string, string>>): string[] {
  const differing = Object.entries(changes.digests).filter(([kind, digest]) => (wanted[kind] ?? String(digest)) !== String(digest))
  return differing.map(([kind]) => kind)
}

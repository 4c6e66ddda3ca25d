import { cellKinds } from '../core/blank-cells.ts'
import type { CellKind, Cells } from '../core/cells.ts'
import { emptyState, isPast, schedule, type Retention, type ShardState } from '../core/state.ts'
import type { HeldCells } from './held-cells.ts'
import { RestoredCells } from './restored-cells.ts'
import type { ShardView } from './shard-view.ts'

/** Cells between two turns of the event loop. */
const AT_ONCE = 2_000

export interface RestoreOptions {
  retention: Retention
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
 * The state to go on from: the view's cells, copied, and its progress. What has expired by then does not exist; it is noted as absent, so
 * that the next checkpoint frees its space. Null where there is no checkpoint.
 */
export async function restoreState(view: ShardView, { retention, turn, onDamaged }: RestoreOptions): Promise<Restored | null> {
  const { progress } = view
  if (progress === null) return null
  const restored = cellKinds.map(kind => new Restoring(view.cells[kind], onDamaged))
  const state = emptyState(progress.asOf, retention, Object.fromEntries(restored.map(({ kind, cells }) => [kind, cells])) as unknown as Cells)
  state.streamTime = progress.streamTime
  for (const kind of restored) await kind.restoreInto(state, turn)
  return { state, mismatched: mismatches(state, progress.digests) }
}

/** One kind of cells on its way into a state. */
class Restoring<K extends CellKind> {
  readonly kind: K
  readonly cells: RestoredCells<K>
  readonly #held: HeldCells<K>
  readonly #onDamaged: (key: string) => void
  #state: ShardState | null = null

  constructor(held: HeldCells<K>, onDamaged: RestoreOptions['onDamaged']) {
    this.kind = held.kind
    this.#held = held
    this.#onDamaged = key => { onDamaged(held.kind, key) }
    this.cells = new RestoredCells((key, { asOf }) => {
      const cell = held.copy(key)
      if (cell === null) {
        this.#state?.changes.digests[held.kind].remove(key, asOf)
        this.#onDamaged(key)
      } else {
        cell.takenAsOf = cell.asOf
      }
      return cell
    })
  }

  async restoreInto(state: ShardState, turn: () => Promise<void>): Promise<void> {
    this.#state = state
    let count = 0
    for (const [key, held] of this.#held.entries()) {
      if (isPast(held.expiresAt, state.streamTime)) {
        state.changes.noteAbsent({ kind: this.kind, key })
      } else {
        // What has a deadline of its own has to be in a queue, so it is decoded at once.
        const hasDeadline = held.expiresAt > 0 || this.kind === 'instance' || this.kind === 'agent'
        state.changes.digests[this.kind].add(key, held.asOf)
        this.cells.put(key, held)
        const cell = hasDeadline ? this.cells.get(key) : undefined
        if (cell !== undefined) schedule(state, cell)
      }
      if (++count % AT_ONCE === 0) await turn()
    }
  }
}

function mismatches({ changes }: ShardState, wanted: Readonly<Record<string, string>>): string[] {
  const differing = Object.entries(changes.digests).filter(([kind, digest]) => (wanted[kind] ?? String(digest)) !== String(digest))
  return differing.map(([kind]) => kind)
}

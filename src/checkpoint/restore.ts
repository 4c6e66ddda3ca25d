import { cellKinds } from '../core/blank-cells.ts'
import type { CellKind, CellOf, Cells } from '../core/cells.ts'
import { awaitDue } from '../core/deadlines.ts'
import { emptyState, isPast, type Retention, type ShardState } from '../core/state.ts'
import type { Head, Progress } from './codec.ts'
import type { HeldCells } from './held-cells.ts'
import { RestoredCells } from './restored-cells.ts'
import type { ShardView, StandingClaim } from './shard-view.ts'

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
 * The state to go on from: the view's cells, copied as they are asked for or due, and its progress. What has expired by then does not exist; it is
 * noted as absent, so that the next checkpoint frees its space. Null where there is no checkpoint. The state is as restored for as long as
 * the claim stands that stands now: until then nobody but its owner changes the view.
 */
export async function restoreState(view: ShardView, { retention, turn, onDamaged }: RestoreOptions): Promise<Restored | null> {
  const { progress } = view
  if (progress === null) return null
  const below = firstOwnEpoch(progress, view.claim)
  const restored = cellKinds.map(kind => new Restoring(view.cells[kind], {
    below, restoredAt: progress.streamTime, onDamaged: key => { onDamaged(kind, key) },
  }))
  const state = emptyState(progress.asOf, retention, Object.fromEntries(restored.map(({ kind, cells }) => [kind, cells])) as unknown as Cells)
  state.streamTime = progress.streamTime
  for (const kind of restored) kind.begin(state)
  for (const kind of restored) await kind.awaitDues(state, turn)
  return { state, mismatched: mismatches(state, progress.digests) }
}

/** What is of a lower epoch was there before. Something may have been written under the claim that stands: then all was there before. */
function firstOwnEpoch(progress: Progress, claim: StandingClaim | null): number {
  return claim !== null && progress.epoch < claim.epoch ? claim.epoch : Infinity
}

interface RestoringOptions {
  /** Epoch below which a cell was there before. */
  below: number
  /** The stream time of the progress: what had expired by then is not there. */
  restoredAt: number
  onDamaged: (key: string) => void
}

/** One kind of cells on its way into a state. */
class Restoring<K extends CellKind> {
  readonly kind: K
  readonly cells: RestoredCells<K>
  readonly #held: HeldCells<K>
  readonly #below: number
  readonly #onDamaged: (key: string) => void
  #state: ShardState | null = null

  constructor(held: HeldCells<K>, { below, restoredAt, onDamaged }: RestoringOptions) {
    this.kind = held.kind
    this.#held = held
    this.#below = below
    this.#onDamaged = onDamaged
    const wasBefore = (head: Head | undefined) => head !== undefined && head.epoch < below && !isPast(head.expiresAt, restoredAt)
    this.cells = new RestoredCells({
      has: key => wasBefore(held.head(key)),
      copy: key => this.#copy(key),
      keys: function* keys() {
        for (const [key, head] of held.entries()) if (wasBefore(head)) yield key
      },
    })
  }

  begin(state: ShardState): void {
    this.#state = state
    state.changes.digests[this.kind].addAll(this.#held.digestAt(state.streamTime))
  }

  /** What something will happen to by itself is decoded when it does, unless it is asked for before. */
  async awaitDues(state: ShardState, turn: () => Promise<void>): Promise<void> {
    let count = 0
    for (const { key, due, head: { epoch, expiresAt } } of this.#held.dues()) {
      if (epoch >= this.#below) continue
      if (isPast(expiresAt, state.streamTime)) state.changes.noteAbsent({ kind: this.kind, key })
      else awaitDue(state, { kind: this.kind, key, due })
      if (++count % AT_ONCE === 0) await turn()
    }
  }

  #copy(key: string): CellOf[K] | undefined {
    const copy = this.#held.copy(key)
    if (copy === undefined) return undefined
    const { head, cell } = copy
    if (cell !== null) {
      cell.takenAsOf = cell.asOf
      return cell
    }
    this.#state?.changes.digests[this.kind].remove(key, head.asOf)
    this.#onDamaged(key)
    return undefined
  }
}

function mismatches({ changes }: ShardState, wanted: Readonly<Record<string, string>>): string[] {
  const differing = Object.entries(changes.digests).filter(([kind, digest]) => (wanted[kind] ?? String(digest)) !== String(digest))
  return differing.map(([kind]) => kind)
}

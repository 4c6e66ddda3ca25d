import { blankCell, emptyCells } from './blank-cells.ts'
import type { AgentCell, AnyCell, CellKind, CellOf, Cells, InstanceCell } from './cells.ts'
import { Changes, type CellName } from './changes.ts'
import { DueQueue } from './due-queue.ts'
import { keyOf } from './names.ts'
import { Routes } from './routes.ts'

/** How long a cell stays after it last changed, in milliseconds of stream time, by kind; 0: for ever. */
export type Retention = Readonly<Record<CellKind, number>>

const HOUR_MS = 3_600_000
/** Agents are new at each start, so the old ones go. */
export const defaultRetention: Retention = {
  lookups: 0, lookupError: 0, edge: 0, registrations: 0, registrationError: 0, instance: 0, version: 0, agent: HOUR_MS, accounts: 0,
  arrivals: 0,
}

/** For states that last for a moment. */
export const keepsAll: Retention = { ...defaultRetention, agent: 0 }

/** A cell by its name, and when something happens to it by itself, in milliseconds since the epoch. */
export interface LatentCell extends CellName {
  due: number
}

/** What the fold of one input partition has come to. */
export interface ShardState {
  /** The next input offset to fold: all below it are in the cells. */
  next: number
  /** Highest append time so far, in milliseconds since the epoch. */
  streamTime: number
  readonly cells: Cells
  readonly retention: Retention
  /** Instances by the end of their lease, and agents by when they are silent. */
  readonly deadlines: DueQueue<InstanceCell | AgentCell>
  readonly expiries: DueQueue<AnyCell>
  /** Cells that were restored and not looked at since. */
  readonly latent: DueQueue<LatentCell>
  readonly changes: Changes
  /** To find the cells of look-ups by. */
  readonly routes: Routes
}

export function emptyState(next: number, retention: Retention = defaultRetention, cells: Cells = emptyCells()): ShardState {
  return {
    next, streamTime: 0, cells, retention, deadlines: new DueQueue(deadlineOf),
    expiries: new DueQueue(cell => cell.expiresAt), latent: new DueQueue(({ due }) => due), changes: new Changes(), routes: new Routes(),
  }
}

/** Whether a time that was set (0: none was) lies before another. */
export function isPast(set: number, time: number): boolean {
  return set > 0 && set < time
}

/** When a live instance's lease ends or an active agent is silent, in milliseconds since the epoch; 0: never. */
export function deadlineOf(cell: InstanceCell | AgentCell): number {
  if (cell.kind === 'instance') return cell.live ? cell.leaseEnds : 0
  return cell.silentAt
}

/** The cell of these names, to be changed as of the record being folded; a new one if there is none. */
export function edit<K extends CellKind>(state: ShardState, kind: K, ...names: string[]): CellOf[K] {
  const key = keyOf(...names)
  const cells: Map<string, CellOf[K]> = state.cells[kind]
  const held = cells.get(key)
  const cell = held ?? blankCell(kind, names, key)
  if (held === undefined) cells.set(key, cell)
  touch(state, cell)
  return cell
}

/** Notes that a cell changes as of the record being folded: the one way in which cells become part of a checkpoint. */
export function touch(state: ShardState, cell: AnyCell): void {
  cell.asOf = state.next
  const keep = state.retention[cell.kind]
  if (keep > 0 && !isPast(cell.expiresAt, state.streamTime)) { // what happens to an expired cell on its way out does not keep it
    const isQueued = cell.expiresAt > 0 // the queue itself finds out that it was put off
    cell.expiresAt = state.streamTime + keep
    if (!isQueued) state.expiries.schedule(cell)
  }
  state.changes.note(cell)
}

/** Puts a cell into a state that is being restored, just as it was. */
export function restoreCell(state: ShardState, cell: AnyCell): void {
  const cells: Map<string, AnyCell> = state.cells[cell.kind]
  cells.set(cell.key, cell)
  cell.takenAsOf = cell.asOf
  state.changes.digests[cell.kind].add(cell.key, cell.asOf)
  schedule(state, cell)
}

/** Notes when something happens to a cell by itself. */
export function schedule(state: ShardState, cell: AnyCell): void {
  if (cell.expiresAt > 0) state.expiries.schedule(cell)
  if (cell.kind === 'instance' || cell.kind === 'agent') state.deadlines.schedule(cell)
}

/** Takes a cell out: it does not exist any more. */
export function remove(state: ShardState, cell: AnyCell): void {
  state.cells[cell.kind].delete(cell.key)
  cell.expiresAt = 0 // so that no queue finds it again
  cell.removed = true
  state.changes.remove(cell)
}

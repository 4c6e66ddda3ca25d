import { blankCell, emptyCells } from './blank-cells.ts'
import type { AgentCell, AnyCell, CellKind, CellOf, Cells, InstanceCell } from './cells.ts'
import { Changes, type CellName } from './changes.ts'
import { DueQueue } from './due-queue.ts'
import { keyOf } from './names.ts'
import { asSent, type Naming } from './naming.ts'
import { defaultRetention, expiryOf, isPast, type Retention } from './retention.ts'
import { Routes } from './routes.ts'

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
  readonly naming: Naming
  /** Instances by the end of their lease, and agents by when they are silent. */
  readonly deadlines: DueQueue<InstanceCell | AgentCell>
  /** Cells that were restored and not looked at since. */
  readonly latent: DueQueue<LatentCell>
  /** What had expired by then has been taken out, and nothing else expires before `nextExpiry`. Milliseconds since the epoch. */
  expiredUntil: number
  nextExpiry: number
  readonly changes: Changes
  /** Agents whose numbers had to make room for others', since somebody looked: a repetition of theirs would count. */
  forgottenAgents: number
  /** To find the cells of look-ups by. */
  readonly routes: Routes
}

/** What a state is made with, if it is not empty cells and names as sent. */
export interface StateParts {
  cells?: Cells | undefined
  naming?: Naming | undefined
}

export function emptyState(next: number, retention: Retention = defaultRetention, { cells = emptyCells(), naming = asSent }: StateParts = {}): ShardState {
  return {
    next, streamTime: 0, cells, retention, naming, deadlines: new DueQueue(deadlineOf), latent: new DueQueue(({ due }) => due),
    expiredUntil: 0, nextExpiry: Infinity, changes: new Changes(), forgottenAgents: 0, routes: new Routes(),
  }
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
  if (cell.expiresAt > 0 || state.retention[cell.kind] > 0) keep(state, cell)
  state.changes.note(cell)
}

/**
 * Sets anew for how long a cell stays: once it is touched, and once it lives or lives no more. `time`: when that came to be, in milliseconds
 * since the epoch; what happens by itself does so when it is due, and not when it is found out.
 */
export function keep(state: ShardState, cell: AnyCell, time = state.streamTime): void {
  if (isPast(cell.expiresAt, state.streamTime)) return // what happens to an expired cell on its way out does not keep it
  cell.expiresAt = expiryOf(cell, state.retention, time)
  if (cell.expiresAt > 0 && cell.expiresAt < state.nextExpiry) state.nextExpiry = cell.expiresAt
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
  if (cell.expiresAt > 0) state.nextExpiry = Math.min(state.nextExpiry, cell.expiresAt)
  if (cell.kind === 'instance' || cell.kind === 'agent') state.deadlines.schedule(cell)
}

/** Of these there are many, and no queue holds their cells. */
const manyAndFree = ['lookups', 'lookupError', 'edge', 'registrations', 'registrationError', 'version', 'sequences'] as const

/** Lets go of objects that nobody uses, where their cells can be had again; called now and then, looks at so many of each kind. `now`: milliseconds, monotonic. */
export function letGo(state: ShardState, most: number, now: number): void {
  for (const kind of manyAndFree) state.cells[kind].letGo(most, now)
  state.routes.letGo(most)
}

/** Takes a cell out, by what is known of it: it does not exist any more. */
export function remove(state: ShardState, cell: Pick<AnyCell, 'kind' | 'key' | 'takenAsOf'>): void {
  state.cells[cell.kind].delete(cell.key)
  state.changes.remove(cell)
}

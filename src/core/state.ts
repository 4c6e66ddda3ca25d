import { blankCell, emptyCells } from './blank-cells.ts'
import { coarser, Room, type Budgets } from './budgets.ts'
import type { AgentCell, AnyCell, CardinalityCell, CellKind, CellOf, Cells, InstanceCell } from './cells.ts'
import { Changes, type CellName } from './changes.ts'
import { mixedHash } from './digest.ts'
import { DueQueue } from './due-queue.ts'
import { emptyRegisters, noteHash } from './hyper-log-log.ts'
import { keyOf, namesOf } from './names.ts'
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
  /** How many cells there are, and may be. */
  readonly room: Room
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

/** What a state is made with, if it is not empty cells, names as sent, and no budgets. */
export interface StateParts {
  cells?: Cells | undefined
  naming?: Naming | undefined
  budgets?: Budgets | undefined
}

export function emptyState(next: number, retention: Retention = defaultRetention, parts: StateParts = {}): ShardState {
  const { cells = emptyCells(), naming = asSent, budgets } = parts
  return {
    next, streamTime: 0, cells, retention, naming, room: new Room(budgets), deadlines: new DueQueue(deadlineOf), latent: new DueQueue(({ due }) => due),
    expiredUntil: 0, nextExpiry: Infinity, changes: new Changes(), forgottenAgents: 0, routes: new Routes(),
  }
}

/** When a live instance's lease ends or an active agent is silent, in milliseconds since the epoch; 0: never. */
export function deadlineOf(cell: InstanceCell | AgentCell): number {
  if (cell.kind === 'instance') return cell.live ? cell.leaseEnds : 0
  return cell.silentAt
}

/**
 * The cell of these names, to be changed as of the record being folded; a new one if there is none. Where there is no room for one, the
 * cell of coarser names, in which `__overflow__` stands for what would be one too many.
 */
export function edit<K extends CellKind>(state: ShardState, kind: K, ...names: string[]): CellOf[K] {
  const key = keyOf(...names)
  const cell: CellOf[K] = state.cells[kind].get(key) ?? add(state, kind, { names, key })
  touch(state, cell)
  return cell
}

/** Whether a cell is held, or there is room for it; if not, that is noted. For what no coarser cell can stand for. */
export function mayHold(state: ShardState, kind: CellKind, ...names: string[]): boolean {
  if (state.cells[kind].has(keyOf(...names)) || state.room.isFor(kind, names)) return true
  noteRefused(state, kind, names)
  return false
}

function add<K extends CellKind>(state: ShardState, kind: K, { names, key }: { names: string[]; key: string }): CellOf[K] {
  const instead = state.room.isFor(kind, names) ? null : coarser(kind, names)
  if (instead !== null) {
    noteRefused(state, kind, names)
    return edit(state, kind, ...instead)
  }
  const cell = blankCell(kind, names, key)
  if ('createdAt' in cell) cell.createdAt = state.streamTime
  const cells: Map<string, CellOf[K]> = state.cells[kind]
  cells.set(key, cell)
  state.room.add(kind, names)
  noteUsed(state, kind)
  return cell
}

const DAY_MS = 86_400_000

/** Once for each record, and by the names that are wanted and not by those that were tried instead. */
function noteRefused(state: ShardState, kind: CellKind, names: readonly string[]): void {
  if (!state.room.isFirstRefusal(kind, state.next)) return
  const cell = noteUsed(state, kind)
  if (cell === null) return
  const day = Math.floor(state.streamTime / DAY_MS)
  if (cell.day !== day) cell.refused = emptyRegisters()
  cell.day = day
  cell.overflowed++
  noteHash(cell.refused, mixedHash(keyOf(...names)))
}

function noteUsed(state: ShardState, kind: CellKind): CardinalityCell | null {
  const budget = state.room.budgets[kind]
  if (budget === undefined) return null
  const cell = edit(state, 'cardinality', kind)
  cell.used = state.room.used(kind)
  cell.budget = budget.total
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
  if (!cells.has(cell.key)) state.room.add(cell.kind, namesOf(cell.key))
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
  state.room.remove(cell.kind, namesOf(cell.key))
  noteUsed(state, cell.kind)
  state.changes.remove(cell)
}

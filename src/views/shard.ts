import { agentKind } from '../contract/events.ts'
import type { AgentCell, AnyCell, CellKind, CellOf, InstanceCell } from '../core/cells.ts'
import { forgetAgent } from '../core/agents.ts'
import { meetDeadline } from '../core/deadlines.ts'
import { keyOf } from '../core/names.ts'
import { isPast, keepsAll, type Retention } from '../core/retention.ts'
import { deadlineOf, emptyState, type ShardState } from '../core/state.ts'
import { atOnce, DECODED_AT_ONCE, type Steps } from './steps.ts'

/** Cells of one kind, to be read. */
export interface ReadableCells<C> {
  /** True where each cell that is given is the caller's own. */
  areCopies?: boolean
  get: (key: string) => C | undefined
  values: () => Iterable<C>
  /**
   * The values one after the other, to be read before the next is asked for: it may be the same object, without what no family reads. In
   * place of one that is not wanted by its names, or not shown, comes null, so that whoever looks for few can let others work meanwhile.
   */
  passing?: (isWanted: (names: C) => boolean) => Iterable<C | null>
  /** Those to which something should have happened by itself before `time`; where it is absent, all values are looked through. */
  overdue?: (time: number) => Iterable<C>
}
export type CellSource = { readonly [K in CellKind]: ReadableCells<CellOf[K]> }

/** One input partition, as a reader may see it. */
export interface VisibleShard {
  /** The value of the `shard` label: `lookups-3`. */
  shard: string
  cells: CellSource
  /** Up to when it is known what happened: the stream time, or when the owner last stood at the partition's end. Milliseconds. */
  time: number
  /** For how long what ends by itself is shown; for ever unless given. */
  retention?: Retention
}

/**
 * The cells as they stand at the shard's time. In an idle partition the stream time stands still, so what is overdue since is met here, on
 * copies, by the fold's own rules: leases run out, agents fall silent, cells expire. Changes no state. In steps, for all may be overdue.
 */
export function* visibleInSteps({ cells, time, retention = keepsAll }: VisibleShard): Steps<CellSource> {
  const met = emptyState(0, retention)
  met.streamTime = time
  const overdue: (InstanceCell | AgentCell)[] = []
  for (const found of [overdueIn(cells.instance, time), overdueIn(cells.agent, time)]) {
    for (const cell of found) {
      if (overdue.push(cell) % DECODED_AT_ONCE === 0) yield
      copyAround(met, cells, cell)
    }
  }
  for (const [index, cell] of overdue.entries()) {
    if (index % DECODED_AT_ONCE === 0) yield
    meetOverdueAt(met, met.cells[cell.kind].get(cell.key), time)
  }
  const kinds = Object.keys(met.cells) as CellKind[]
  return Object.fromEntries(kinds.map(kind => [kind, overlay<AnyCell>(cells[kind], met.cells[kind], time)])) as unknown as CellSource
}

/** As {@link visibleInSteps} gives them, at once. */
export function visibleCells(visible: VisibleShard): CellSource {
  return atOnce(visibleInSteps(visible))
}

/** All visible cells of a kind, shard by shard. */
export function* cellsOf<K extends CellKind>(shards: Iterable<VisibleShard>, kind: K): Generator<CellOf[K]> {
  for (const shard of shards) yield* visibleCells(shard)[kind].values()
}

/** As `passing` gives them, from cells that have it and from those that have not. */
export function* passingCells<C>(cells: ReadableCells<C>, isWanted: (names: C) => boolean): Generator<C | null> {
  if (cells.passing !== undefined) yield* cells.passing(isWanted)
  else for (const cell of cells.values()) yield isWanted(cell) ? cell : null
}

function* overdueIn<C extends InstanceCell | AgentCell>(cells: ReadableCells<C>, time: number): Generator<C> {
  for (const cell of cells.overdue?.(time) ?? cells.values()) {
    if (isPast(deadlineOf(cell), time) || isPast(cell.expiresAt, time)) yield cell
  }
}

function meetOverdueAt(met: ShardState, cell: InstanceCell | AgentCell | undefined, time: number): void {
  if (cell === undefined) return
  if (isPast(deadlineOf(cell), time)) meetDeadline(met, cell)
  if (cell.kind === 'agent' && isPast(cell.expiresAt, time)) forgetAgent(met, cell)
}

/** Copies a cell, and those that its end would change. */
function copyAround(state: ShardState, cells: CellSource, cell: InstanceCell | AgentCell): void {
  putCopy<AnyCell>(state.cells[cell.kind], cells[cell.kind], cell)
  if (cell.kind === 'agent') {
    copyInto(state.cells.accounts, cells.accounts, keyOf(agentKind(cell.agentId)))
  } else {
    copyInto(state.cells.registrations, cells.registrations, keyOf(cell.namespace, cell.service))
    copyInto(state.cells.version, cells.version, keyOf(cell.namespace, cell.service, cell.version))
  }
}

function copyInto<C extends AnyCell>(copies: Map<string, C>, cells: ReadableCells<C>, key: string): void {
  const held = copies.has(key) ? undefined : cells.get(key)
  if (held !== undefined) putCopy(copies, cells, held)
}

function putCopy<C extends AnyCell>(copies: Map<string, C>, { areCopies }: ReadableCells<C>, cell: C): void {
  copies.set(cell.key, areCopies === true ? cell : structuredClone(cell))
}

/** The cells, with some replaced, and without those that have expired. */
function overlay<C extends AnyCell>(cells: ReadableCells<C>, replaced: ReadonlyMap<string, C>, time: number): ReadableCells<C> {
  const visible = (cell: C | undefined) => {
    const shown = cell === undefined || isPast(cell.expiresAt, time) ? undefined : replaced.get(cell.key) ?? cell
    return shown === undefined || isPast(shown.expiresAt, time) ? undefined : shown
  }
  return {
    get: key => visible(cells.get(key)),
    values: function* values() {
      for (const cell of cells.values()) {
        const shown = visible(cell)
        if (shown !== undefined) yield shown
      }
    },
    passing: function* passing(isWanted) {
      for (const cell of passingCells(cells, isWanted)) {
        const shown = visible(cell ?? undefined)
        yield shown !== undefined && isWanted(shown) ? shown : null
      }
    },
  }
}

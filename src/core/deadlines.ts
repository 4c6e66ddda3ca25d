import { silenceAgent } from './agents.ts'
import type { AgentCell, AnyCell, InstanceCell } from './cells.ts'
import { endInstance } from './instances.ts'
import type { CellName } from './changes.ts'
import { runExpiry } from './expiry.ts'
import { isPast } from './retention.ts'
import { deadlineOf, schedule, type LatentCell, type ShardState } from './state.ts'

/**
 * Leases and silences that one record brings about, at most: when the time jumps over thousands, a checkpoint must still fit between two
 * records. The rest follow as the time moves on; whoever touches or shows one before meets it first, so that nobody sees the difference.
 */
const MOST_AT_ONCE = 256

/** All that happens by itself when the stream time moves on: leases run out, agents fall silent, cells expire. */
export function runDeadlines(state: ShardState): void {
  for (const { kind, key } of state.latent.takeDue(state.streamTime)) wake(state, { kind, key })
  let met = 0
  for (const cell of state.deadlines.takeDue(state.streamTime)) {
    meetDeadline(state, cell)
    if (++met >= MOST_AT_ONCE) break
  }
  runExpiry(state)
}

/** Notes a cell that was restored: it is looked at when it is due, if that is not yet. */
export function awaitDue(state: ShardState, cell: LatentCell): void {
  if (isPast(cell.due, state.streamTime)) wake(state, cell)
  else state.latent.schedule(cell)
}

function wake(state: ShardState, { kind, key }: CellName): void {
  const cell: AnyCell | undefined = state.cells[kind].get(key)
  if (cell !== undefined) schedule(state, cell)
}

/** Lets happen to a cell what is overdue by now. */
export function meetOverdue(state: ShardState, cell: InstanceCell | AgentCell | undefined): void {
  if (cell !== undefined && isPast(deadlineOf(cell), state.streamTime)) meetDeadline(state, cell)
}

export function meetDeadline(state: ShardState, cell: InstanceCell | AgentCell): void {
  if (cell.kind === 'instance') endInstance(state, cell, 'LAPSE')
  else silenceAgent(state, cell)
}

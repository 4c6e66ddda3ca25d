import { forgetAgent, silenceAgent } from './agents.ts'
import type { AgentCell, AnyCell, InstanceCell } from './cells.ts'
import { endInstance } from './instances.ts'
import { deadlineOf, isPast, remove, type ShardState } from './state.ts'

/**
 * Leases and silences that one record brings about, at most: when the time jumps over thousands, a checkpoint must still fit between two
 * records. The rest follow as the time moves on; whoever touches or shows one before meets it first, so that nobody sees the difference.
 */
const MOST_AT_ONCE = 256

/** All that happens by itself when the stream time moves on: leases run out, agents fall silent, cells expire. */
export function runDeadlines(state: ShardState): void {
  let met = 0
  for (const cell of state.deadlines.takeDue(state.streamTime)) {
    meetDeadline(state, cell)
    if (++met >= MOST_AT_ONCE) break
  }
  for (const cell of state.expiries.takeDue(state.streamTime)) expire(state, cell)
}

/** Lets happen to a cell what is overdue by now. */
export function meetOverdue(state: ShardState, cell: InstanceCell | AgentCell | undefined): void {
  if (cell !== undefined && isPast(deadlineOf(cell), state.streamTime)) meetDeadline(state, cell)
}

export function meetDeadline(state: ShardState, cell: InstanceCell | AgentCell): void {
  if (cell.kind === 'instance') endInstance(state, cell, 'LAPSE')
  else silenceAgent(state, cell)
}

/** Ends what a cell stands for, then the cell. What it has added to coarser counts stays there. */
export function expire(state: ShardState, cell: AnyCell): void {
  if (cell.kind === 'instance') endInstance(state, cell, 'RETIRE')
  if (cell.kind === 'agent') forgetAgent(state, cell)
  remove(state, cell)
}

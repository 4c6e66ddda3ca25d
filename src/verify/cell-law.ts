import type { AnyCell, CellKind, CellOf, InstanceCell } from '../core/cells.ts'
import type { Histogram } from '../core/histogram.ts'

/** Cells that only records about themselves change; others change with a lease or a silence that began before the retained input as well. */
export const changedByOwnRecordsOnly: ReadonlySet<CellKind> = new Set(['lookups', 'lookupError', 'edge', 'registrationError', 'arrivals'])

/**
 * Cells whose fold needs nothing but themselves, the records and the agents' numbers: what such a cell lacks can be folded onto it. The
 * others add up the states of instances and agents, which the retained input alone does not give.
 */
export const foldedAlone: ReadonlySet<CellKind> = new Set(['lookups', 'lookupError', 'edge', 'registrationError', 'arrivals', 'sequences', 'agent', 'instance'])

/** What only ever rises in a cell, so that a part of the input cannot give more of it than all; in the order in which `than` has it. */
const rising: { [K in CellKind]?: (cell: CellOf[K], than: CellOf[K]) => number[] } = {
  lookups: ({ outcomes, cacheResults, hitDuration, otherDuration, instances }) =>
    [...outcomes, ...cacheResults, ...numbers(hitDuration), ...numbers(otherDuration), ...numbers(instances)],
  lookupError: ({ count }) => [count],
  edge: ({ totals: { lookups, failures, cacheResults, duration } }) => [lookups, failures, ...cacheResults, ...numbers(duration)],
  registrations: ({ operations, duration }) => [...operations.flat(), ...numbers(duration)],
  registrationError: ({ count }) => [count],
  arrivals: ({ received, repeated, rejected, delay }) => [received, repeated, ...rejected, ...numbers(delay)],
  agent: ({ sequence }) => [sequence],
  // An agent that one of them has forgotten is no proof.
  sequences: ({ last }, than) => [...than.last.keys()].map(agentId => last.get(agentId)?.sequence ?? Infinity),
}

/** Whether a cell counts less than another of its name. */
export function countsLess(cell: AnyCell, than: AnyCell): boolean {
  const read = rising[cell.kind] as ((cell: AnyCell, than: AnyCell) => number[]) | undefined
  if (read === undefined) return false
  const own = read(cell, than)
  return read(than, than).some((count, index) => count > (own[index] ?? 0))
}

/** Whether the retained input may show records of an instance that are older than what is held, and so change nothing. */
export function mayBeOutdated(held: InstanceCell, reference: InstanceCell): boolean {
  return [...reference.revisions].some(([source, revision]) => (held.revisions.get(source) ?? -1) > revision)
}

function numbers({ sum, counts }: Histogram): number[] {
  return [sum, ...counts]
}

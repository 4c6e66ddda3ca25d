import type { AnyCell, CellKind } from './cells.ts'

/** How long a cell stays after it last changed, in milliseconds of stream time, by kind; 0: for ever. */
export type Retention = Readonly<Record<CellKind, number>>

const MINUTE_MS = 60_000
/** What stays for so long expires at a full minute: then cells expire many at once, and are looked for once a minute. */
const LONG_MS = 5 * MINUTE_MS

/** For states that last for a moment. */
export const keepsAll: Retention = {
  lookups: 0, lookupError: 0, edge: 0, registrations: 0, registrationError: 0, instance: 0, version: 0, sequences: 0, agent: 0, accounts: 0, arrivals: 0,
  cardinality: 0,
}

/** Agents are new at each start, so the old ones go. */
export const defaultRetention: Retention = { ...keepsAll, sequences: 60 * MINUTE_MS, agent: 60 * MINUTE_MS }

/** Whether a time that was set (0: none was) lies before another. */
export function isPast(set: number, time: number): boolean {
  return set > 0 && set < time
}

/** When a cell that changes at `time` expires, in milliseconds since the epoch; 0: never, or not as it stands. */
export function expiryOf(cell: AnyCell, retention: Retention, time: number): number {
  return isAlive(cell) ? 0 : expiryAfter(retention[cell.kind], time)
}

/** When that expires which stays for so long after `time`, in milliseconds since the epoch; 0: never. */
export function expiryAfter(stays: number, time: number): number {
  if (stays === 0) return 0
  const expiry = time + stays
  return stays < LONG_MS ? expiry : Math.ceil(expiry / MINUTE_MS) * MINUTE_MS
}

/** Whether cells of a kind may stand for something that lives. */
export function mayLive(kind: CellKind): boolean {
  return kind === 'instance' || kind === 'version' || kind === 'registrations'
}

/** What stands for something that lives, however long nobody has spoken of it. */
function isAlive(cell: AnyCell): boolean {
  if (cell.kind === 'instance') return cell.live
  if (cell.kind === 'version') return cell.instances > 0
  return cell.kind === 'registrations' && cell.statuses.some(count => count > 0)
}

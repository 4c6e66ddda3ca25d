import type { Cell } from './cells.ts'
import { isPast } from './retention.ts'

/** A cell whose time is over. */
export interface Expired<C> {
  key: string
  /** `asOf` as the last checkpoint took it; 0: none has. */
  takenAsOf: number
  cell: () => C | undefined
}

/** The cells of one kind, by their keys. */
export class CellMap<C extends Cell> extends Map<string, C> {
  override delete(key: string): boolean {
    const cell = super.get(key)
    if (cell !== undefined) cell.detached = true
    return super.delete(key)
  }

  /** Lets go of objects that nobody uses, where they can be had again; looks at that many. `now`: milliseconds, monotonic. Here they cannot. */
  letGo(_most: number, _now: number): void {}

  /**
   * Visits the cells whose time has passed at `time`, and had not at `since`; they are still there. Returns when the next one's does, in
   * milliseconds since the epoch, or earlier.
   */
  eachExpired({ time }: { since: number; time: number }, visit: (expired: Expired<C>) => void): number {
    let next = Infinity
    for (const cell of super.values()) {
      if (isPast(cell.expiresAt, time)) visit({ key: cell.key, takenAsOf: cell.takenAsOf, cell: () => cell })
      else if (cell.expiresAt > 0 && cell.expiresAt < next) next = cell.expiresAt
    }
    return next
  }
}

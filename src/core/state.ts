import { emptyCells, type Cells } from './cells.ts'
import { LeaseQueue } from './leases.ts'

/** What the fold of one input partition has come to. */
export interface ShardState {
  /** The next input offset to fold: all below it are in the cells. */
  next: number
  /** Highest append time so far, in milliseconds since the epoch. */
  streamTime: number
  readonly cells: Cells
  readonly leases: LeaseQueue
}

export function emptyState(next: number): ShardState {
  return { next, streamTime: 0, cells: emptyCells(), leases: new LeaseQueue() }
}

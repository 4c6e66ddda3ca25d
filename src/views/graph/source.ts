import type { VisibleShard } from '../shard.ts'

/** What an index keeps of an edge: what was counted in its five minutes under way and in those before, and when it was seen. */
export interface EdgeGist {
  /** Number of the five minutes under way, as in a `RecentWindow`. */
  window: number
  lookups: number
  failures: number
  previousLookups: number
  previousFailures: number
  /** Milliseconds since the epoch. */
  firstSeen: number
  lastSeen: number
  /** Whether caches gave stale answers in either, or were bypassed. */
  hasStale: boolean
  hasBypass: boolean
}

/** Cells of one kind by numbers: each has one until it is deleted, which then may be another's. There is one reader of them. */
export interface NumberedCells {
  /** Numbers are below this. */
  readonly end: number
  has: (entry: number) => boolean
  /** Milliseconds since the epoch; 0: never. */
  expiresAt: (entry: number) => number
  key: (entry: number) => string
  /** Whether `readKey` was asked of the cell that now has this number. */
  isKeyRead: (entry: number) => boolean
  readKey: (entry: number) => string
  /** Whether `noteRead` was asked of what the cell now is. */
  isValueRead: (entry: number) => boolean
  noteRead: (entry: number) => void
}

export interface NumberedEdges extends NumberedCells {
  /** Notes that it is read, as well. False: the cell is damaged, and nothing is told. */
  readGist: (entry: number, into: EdgeGist) => boolean
}

/** The kinds of cells that tell of one service each. */
export const serviceKinds = ['lookups', 'registrations', 'version', 'instance'] as const
export type ServiceKind = (typeof serviceKinds)[number]

/** A shard and the numbers of what the graph needs of it. */
export interface NumberedShard {
  visible: VisibleShard
  edges: NumberedEdges
  services: Readonly<Record<ServiceKind, NumberedCells>>
}

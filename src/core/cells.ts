import type { InstanceStatus } from '../contract/events.ts'
import type { CellMap } from './cell-map.ts'
import type { Histogram } from './histogram.ts'
import type { EdgeTotals, RecentWindow } from './recent.ts'

/** One keyed piece of a partition's state. The names in its key are its own, too. */
export interface Cell<K extends string = string> {
  readonly kind: K
  /** `keyOf` its names. */
  readonly key: string
  /** One after the offset of the last record that changed it. */
  asOf: number
  /** Once the stream time has passed this, in milliseconds since the epoch, the cell does not exist; 0: it stays. */
  expiresAt: number
  /** It is among the changes that the next checkpoint takes. */
  changed: boolean
  /** `asOf` as the last checkpoint took it; 0: none has. */
  takenAsOf: number
  /** Bytes of its value as the last checkpoint took it; 0: none has, or it is not known. */
  takenBytes: number
  /** It is not in the state, or no longer as this object: who remembers it has to find it anew. */
  detached: boolean
}

/** Of what expires and may return: it is another one then. */
export interface Begun {
  /** Stream time at which it began to be counted, in milliseconds since the epoch; 0: it is not known. */
  createdAt: number
}

/** A service, by its two names. */
export interface ServiceName {
  namespace: string
  service: string
}

/** A service's look-ups. Counts stand in the order of the contract's enums. */
export interface LookupsCell extends Cell<'lookups'>, ServiceName, Begun {
  outcomes: number[]
  cacheResults: number[]
  hitDuration: Histogram
  otherDuration: Histogram
  instances: Histogram
}

/** A service's failed look-ups of one kind: as the category puts it and as the source said it. */
export interface LookupErrorCell extends Cell<'lookupError'>, ServiceName, Begun {
  category: string
  code: string
  count: number
}

/** Who looks up whom, or says that it may, and since when. Times are append times, in milliseconds since the epoch; `lastSeen` 0: it is only declared. */
export interface EdgeCell extends Cell<'edge'>, ServiceName {
  clientNamespace: string
  client: string
  totals: EdgeTotals
  recent: RecentWindow
  firstSeen: number
  lastSeen: number
}

/** A service's registrations and the state that its instances add up to. */
export interface RegistrationsCell extends Cell<'registrations'>, ServiceName, Begun {
  /** By operation, then by outcome. */
  operations: number[][]
  duration: Histogram
  leaseExpirations: number
  deployments: number
  /** Append time in milliseconds; 0: none yet. */
  lastDeployment: number
  /** Live instances, by status. */
  statuses: number[]
}

/** A service's failed registrations of one kind. */
export interface RegistrationErrorCell extends Cell<'registrationError'>, ServiceName, Begun {
  operation: string
  category: string
  code: string
  count: number
}

/** The last known state of an instance. One that ended is kept, so that an older state cannot bring it back. */
export interface InstanceCell extends Cell<'instance'>, ServiceName {
  instance: string
  live: boolean
  /** Ended because its lease ran out here; no registry has said so. */
  lapsed: boolean
  status: InstanceStatus
  version: string
  zone: string
  address: string
  leaseMillis: number
  /** Append time at which the lease runs out, in milliseconds; 0: it does not. */
  leaseEnds: number
  /** Highest revision seen, by source. */
  revisions: Map<string, number>
  firstSeen: number
  lastSeen: number
}

/** A version of a service, held since it was first seen. */
export interface VersionCell extends Cell<'version'>, ServiceName {
  version: string
  /** Live instances. */
  instances: number
  firstSeen: number
  lastSeen: number
}

/** Highest number of an agent's events so far, by which a repetition is known. Times are append times, in milliseconds since the epoch. */
export interface LastNumber {
  sequence: number
  lastSeen: number
  /** It is in no cell any more: who remembers it has to find it anew. */
  gone: boolean
}

/** What the agents of a bucket have numbered their look-ups and registrations: many to a cell, since each event changes one. */
export interface SequencesCell extends Cell<'sequences'> {
  bucket: string
  /** By agent. */
  last: Map<string, LastNumber>
}

/** The last report of one agent. */
export interface AgentCell extends Cell<'agent'> {
  agentId: string
  /** Highest so far; 0: it does not number its reports. */
  sequence: number
  lastSeen: number
  /** When it is silent unless it reports before, in milliseconds since the epoch; 0: it is silent, or never reported. */
  silentAt: number
  /** It has reported, so it is counted among the agents of its kind. */
  reported: boolean
  /** As last reported. */
  recorded: number
  dropped: number[]
}

/** What agents of one kind say of themselves. */
export interface AccountsCell extends Cell<'accounts'>, Begun {
  agentKind: string
  recorded: number
  /** In the order of `dropReasons`. */
  dropped: number[]
  active: number
  silent: number
}

/** What agents of one kind sent, in look-ups and registrations, weights included. */
export interface ArrivalsCell extends Cell<'arrivals'>, Begun {
  agentKind: string
  received: number
  repeated: number
  /** In the order of `rejectReasons`. */
  rejected: number[]
  /** From occurred to appended. Milliseconds come in, microseconds are kept: one unit for all durations. */
  delay: Histogram
}

/** How much of a partition's budget for one kind of cell is used, and what had no room. */
export interface CardinalityCell extends Cell<'cardinality'>, Begun {
  /** The kind of cell. */
  of: string
  /** Cells of the kind, overflow cells included, and how many may be: as of the last one that came, went, or had no room. */
  used: number
  budget: number
  /** Records of which something had no room. */
  overflowed: number
  /** Names that had no room on the day under way, by UTC: registers of a HyperLogLog; and that day, by number since the epoch. */
  refused: number[]
  day: number
}

export interface CellOf {
  lookups: LookupsCell
  lookupError: LookupErrorCell
  edge: EdgeCell
  registrations: RegistrationsCell
  registrationError: RegistrationErrorCell
  instance: InstanceCell
  version: VersionCell
  sequences: SequencesCell
  agent: AgentCell
  accounts: AccountsCell
  arrivals: ArrivalsCell
  cardinality: CardinalityCell
}
export type CellKind = keyof CellOf
export type AnyCell = CellOf[CellKind]

/** All cells of one input partition, each kind by its key. */
export type Cells = { readonly [K in CellKind]: CellMap<CellOf[K]> }

import { cacheResults, instanceStatuses, lookupOutcomes, registrationOperations, registrationOutcomes } from '../contract/events.ts'
import type { ErrorCategory, InstanceStatus, RegistrationOperation } from '../contract/events.ts'
import { durationBounds, emptyHistogram, instanceBounds, type Histogram } from './histogram.ts'
import type { EdgeTotals, RecentWindow } from './recent.ts'
import { emptyEdgeTotals } from './recent.ts'

/** A service, by its two names. */
export interface ServiceName {
  namespace: string
  service: string
}

/** Failures of one kind: as the category puts it and as the source said it. */
export interface LookupErrors {
  category: ErrorCategory
  code: string
  count: number
}
export interface RegistrationErrors extends LookupErrors {
  operation: RegistrationOperation
}

/** A service's look-ups. Counts stand in the order of the contract's enums. */
export interface LookupsCell extends ServiceName {
  outcomes: number[]
  cacheResults: number[]
  errors: Map<string, LookupErrors>
  hitDuration: Histogram
  otherDuration: Histogram
  instances: Histogram
}

/** Who looks up whom, and since when. Times are append times, in milliseconds since the epoch. */
export interface EdgeCell extends ServiceName {
  clientNamespace: string
  client: string
  totals: EdgeTotals
  recent: RecentWindow
  firstSeen: number
  lastSeen: number
}

/** A service's registrations and the state that its instances add up to. */
export interface RegistrationsCell extends ServiceName {
  /** By operation, then by outcome. */
  operations: number[][]
  errors: Map<string, RegistrationErrors>
  duration: Histogram
  leaseExpirations: number
  deployments: number
  /** Append time in milliseconds; 0: none yet. */
  lastDeployment: number
  /** Live instances, by status. */
  statuses: number[]
}

/** The last known state of an instance. One that ended is kept, so that an older state cannot bring it back. */
export interface InstanceCell extends ServiceName {
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
export interface VersionCell extends ServiceName {
  version: string
  /** Live instances. */
  instances: number
  firstSeen: number
  lastSeen: number
}

/** The last word of one agent in this partition, by which a repetition is known. */
export interface AgentCell {
  agentId: string
  /** Highest so far; 0: it does not number its events. */
  sequence: number
  lastSeen: number
}

/** What agents of one kind sent, in look-ups and registrations, weights included. */
export interface ArrivalsCell {
  kind: string
  received: number
  repeated: number
  /** From occurred to appended. Milliseconds come in, microseconds are kept: one unit for all durations. */
  delay: Histogram
}

export interface CellOf {
  lookups: LookupsCell
  edge: EdgeCell
  registrations: RegistrationsCell
  instance: InstanceCell
  version: VersionCell
  agent: AgentCell
  arrivals: ArrivalsCell
}
export type CellKind = keyof CellOf

/** All cells of one input partition, each kind by its key. */
export type Cells = { readonly [K in CellKind]: Map<string, CellOf[K]> }

export function emptyCells(): Cells {
  return {
    lookups: new Map(), edge: new Map(), registrations: new Map(), instance: new Map(), version: new Map(), agent: new Map(),
    arrivals: new Map(),
  }
}

/** The cell at `key`, made by `create` if there is none. */
export function cellAt<C>(cells: Map<string, C>, key: string, create: () => C): C {
  const held = cells.get(key)
  if (held !== undefined) return held
  const made = create()
  cells.set(key, made)
  return made
}

const zeros = (symbols: readonly string[]) => symbols.map(() => 0)

export function emptyLookups(name: ServiceName): LookupsCell {
  return {
    ...name, outcomes: zeros(lookupOutcomes), cacheResults: zeros(cacheResults), errors: new Map(),
    hitDuration: emptyHistogram(durationBounds), otherDuration: emptyHistogram(durationBounds), instances: emptyHistogram(instanceBounds),
  }
}

export function emptyEdge(names: ServiceName & { clientNamespace: string; client: string }, firstSeen: number): EdgeCell {
  const recent = { index: -1, atStart: null, atPreviousStart: null }
  return { ...names, totals: emptyEdgeTotals(), recent, firstSeen, lastSeen: firstSeen }
}

export function emptyRegistrations(name: ServiceName): RegistrationsCell {
  return {
    ...name, operations: registrationOperations.map(() => zeros(registrationOutcomes)), errors: new Map(),
    duration: emptyHistogram(durationBounds), leaseExpirations: 0, deployments: 0, lastDeployment: 0, statuses: zeros(instanceStatuses),
  }
}

export function emptyInstance(name: ServiceName & { instance: string }, firstSeen: number): InstanceCell {
  return {
    ...name, live: false, lapsed: false, status: 'UNKNOWN', version: '', zone: '', address: '', leaseMillis: 0, leaseEnds: 0,
    revisions: new Map(), firstSeen, lastSeen: firstSeen,
  }
}

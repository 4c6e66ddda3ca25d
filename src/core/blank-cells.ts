import { rejectReasons } from '../contract/bounds.ts'
import { cacheResults, instanceStatuses, lookupOutcomes, registrationOperations, registrationOutcomes } from '../contract/events.ts'
import { CellMap } from './cell-map.ts'
import type { Cell, CellKind, CellOf, Cells } from './cells.ts'
import { dropReasons } from './drop-reasons.ts'
import { durationBounds, emptyHistogram, instanceBounds } from './histogram.ts'
import { emptyRegisters } from './hyper-log-log.ts'
import { keyOf, namesOf } from './names.ts'
import { emptyEdgeTotals, NO_TOTALS } from './recent.ts'

const zeros = (symbols: readonly unknown[]): number[] => symbols.map(() => 0)

const SERVICE = ['namespace', 'service'] as const

/** What the names in a cell's key are, by kind. */
export const nameFields: { [K in CellKind]: readonly (keyof CellOf[K])[] } = {
  lookups: SERVICE, lookupError: [...SERVICE, 'category', 'code'], edge: ['clientNamespace', 'client', ...SERVICE], registrations: SERVICE,
  registrationError: [...SERVICE, 'operation', 'category', 'code'], instance: [...SERVICE, 'instance'], version: [...SERVICE, 'version'],
  sequences: ['bucket'], agent: ['agentId'], accounts: ['agentKind'], arrivals: ['agentKind'], cardinality: ['of'],
}

/** What a cell of a kind holds beside its names, and beside what is common to all. */
export type Counted<K extends CellKind> = Omit<CellOf[K], keyof Cell>

/** That, as long as nothing is counted; its names are yet to be set. */
const blanks: { [K in CellKind]: () => Partial<Counted<K>> } = {
  lookups: () => ({
    outcomes: zeros(lookupOutcomes), cacheResults: zeros(cacheResults), hitDuration: emptyHistogram(durationBounds),
    otherDuration: emptyHistogram(durationBounds), instances: emptyHistogram(instanceBounds), createdAt: 0,
  }),
  lookupError: () => ({ count: 0, createdAt: 0 }),
  edge: () =>
    ({ totals: emptyEdgeTotals(), recent: { index: -1, atStart: NO_TOTALS, atPreviousStart: NO_TOTALS }, firstSeen: 0, lastSeen: 0 }),
  registrations: () => ({
    operations: registrationOperations.map(() => zeros(registrationOutcomes)), duration: emptyHistogram(durationBounds),
    leaseExpirations: 0, deployments: 0, lastDeployment: 0, statuses: zeros(instanceStatuses), createdAt: 0,
  }),
  registrationError: () => ({ count: 0, createdAt: 0 }),
  instance: () => ({
    live: false, lapsed: false, status: 'UNKNOWN', version: '', zone: '', address: '', leaseMillis: 0, leaseEnds: 0, revisions: new Map(),
    firstSeen: 0, lastSeen: 0,
  }),
  version: () => ({ instances: 0, firstSeen: 0, lastSeen: 0 }),
  sequences: () => ({ last: new Map() }),
  agent: () => ({ sequence: 0, lastSeen: 0, silentAt: 0, reported: false, recorded: 0, dropped: zeros(dropReasons) }),
  accounts: () => ({ recorded: 0, dropped: zeros(dropReasons), active: 0, silent: 0, createdAt: 0 }),
  arrivals: () => ({ received: 0, repeated: 0, rejected: zeros(rejectReasons), delay: emptyHistogram(durationBounds), createdAt: 0 }),
  cardinality: () => ({ used: 0, budget: 0, overflowed: 0, refused: emptyRegisters(), day: 0, createdAt: 0 }),
}

export const cellKinds = Object.keys(blanks) as readonly CellKind[]

/** A cell in which nothing is counted yet. `names`: those in its key. */
export function blankCell<K extends CellKind>(kind: K, names: readonly string[], key = keyOf(...names)): CellOf[K] {
  return cellWith(kind, { key, names }, blanks[kind]())
}

/** A cell from its key and what is counted in it. Throws a RangeError for a text that is no key. */
export function cellAt<K extends CellKind>(kind: K, key: string, counted: Partial<Counted<K>>): CellOf[K] {
  return cellWith(kind, { key, names: namesOf(key) }, counted)
}

function cellWith<K extends CellKind>(kind: K, { key, names }: { key: string; names: readonly string[] }, counted: object): CellOf[K] {
  const cell: Record<string, unknown> = { kind, key, asOf: 0, expiresAt: 0, changed: false, takenAsOf: 0, takenBytes: 0, detached: false }
  const fields = nameFields[kind]
  for (let index = 0; index < fields.length; index++) cell[fields[index] as string] = names[index] ?? ''
  return Object.assign(cell, counted) as unknown as CellOf[K]
}

export function emptyCells(): Cells {
  return Object.fromEntries(cellKinds.map(kind => [kind, new CellMap()])) as unknown as Cells
}

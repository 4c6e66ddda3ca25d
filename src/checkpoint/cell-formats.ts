import { rejectReasons } from '../contract/bounds.ts'
import {
  cacheResults, instanceStatuses, lookupOutcomes, registrationOperations, registrationOutcomes, type InstanceStatus,
} from '../contract/events.ts'
import { cellAt, type Counted } from '../core/blank-cells.ts'
import type { AnyCell, CellKind, CellOf } from '../core/cells.ts'
import { dropReasons } from '../core/drop-reasons.ts'
import { durationBounds, instanceBounds, type Histogram } from '../core/histogram.ts'
import { keyOf, namesOf } from '../core/names.ts'
import type { EdgeTotals } from '../core/recent.ts'
import { pack, unpack } from './packed.ts'

type Field = number | string | boolean | Buffer
/** A cell's fields as its schema has them, those at the head of every record left out. */
export type Fields = Record<string, Field>

/** How a kind of cell is written and read. Its names are in its key and nowhere else. */
interface Format<K extends CellKind> {
  write: (cell: CellOf[K]) => Fields
  read: (fields: never) => Partial<Counted<K>>
}

const counts = (numbers: readonly number[]): Buffer => pack(numbers)
const histogram = ({ sum, counts: buckets }: Histogram): Buffer => pack([sum, ...buckets])

function readHistogram(bytes: Buffer, bounds: readonly number[]): Histogram {
  const buckets = unpack(bytes, bounds.length + 2)
  return { sum: buckets.shift() ?? 0, counts: buckets }
}

interface TotalsFields {
  lookups: number
  failures: number
  cacheResults: Buffer
  duration: Buffer
}

function totals({ lookups, failures, cacheResults: results, duration }: EdgeTotals): TotalsFields {
  return { lookups, failures, cacheResults: counts(results), duration: histogram(duration) }
}

function readTotals({ lookups, failures, cacheResults: results, duration }: TotalsFields): EdgeTotals {
  return { lookups, failures, cacheResults: unpack(results, cacheResults.length), duration: readHistogram(duration, durationBounds) }
}

const none = totals({ lookups: 0, failures: 0, cacheResults: [], duration: { sum: 0, counts: [] } })

const lookups: Format<'lookups'> = {
  write: cell => ({
    outcomes: counts(cell.outcomes), cacheResults: counts(cell.cacheResults), hitDuration: histogram(cell.hitDuration),
    otherDuration: histogram(cell.otherDuration), instances: histogram(cell.instances),
  }),
  read: (fields: Record<'outcomes' | 'cacheResults' | 'hitDuration' | 'otherDuration' | 'instances', Buffer>) => ({
    outcomes: unpack(fields.outcomes, lookupOutcomes.length), cacheResults: unpack(fields.cacheResults, cacheResults.length),
    hitDuration: readHistogram(fields.hitDuration, durationBounds), otherDuration: readHistogram(fields.otherDuration, durationBounds),
    instances: readHistogram(fields.instances, instanceBounds),
  }),
}

const edge: Format<'edge'> = {
  write: ({ totals: all, recent, firstSeen, lastSeen }) => {
    const start = recent.atStart === null ? none : totals(recent.atStart)
    const previous = recent.atPreviousStart === null ? none : totals(recent.atPreviousStart)
    return {
      ...totals(all), window: recent.index, firstSeen, lastSeen,
      startLookups: start.lookups, startFailures: start.failures, startCacheResults: start.cacheResults, startDuration: start.duration,
      previousLookups: previous.lookups, previousFailures: previous.failures, previousCacheResults: previous.cacheResults,
      previousDuration: previous.duration,
    }
  },
  read: (fields: TotalsFields & EdgeFields) => ({
    totals: readTotals(fields), firstSeen: fields.firstSeen, lastSeen: fields.lastSeen,
    recent: {
      index: fields.window,
      atStart: readTotals({
        lookups: fields.startLookups, failures: fields.startFailures, cacheResults: fields.startCacheResults,
        duration: fields.startDuration,
      }),
      atPreviousStart: readTotals({
        lookups: fields.previousLookups, failures: fields.previousFailures, cacheResults: fields.previousCacheResults,
        duration: fields.previousDuration,
      }),
    },
  }),
}
type EdgeFields =
  & Record<'window' | 'startLookups' | 'startFailures' | 'previousLookups' | 'previousFailures' | 'firstSeen' | 'lastSeen', number>
  & Record<'startCacheResults' | 'startDuration' | 'previousCacheResults' | 'previousDuration', Buffer>

type RegistrationsFields =
  & Record<'operations' | 'duration' | 'statuses', Buffer>
  & Record<'leaseExpirations' | 'deployments' | 'lastDeployment', number>

const registrations: Format<'registrations'> = {
  write: ({ operations, duration, leaseExpirations, deployments, lastDeployment, statuses }) => ({
    operations: counts(operations.flat()), duration: histogram(duration), leaseExpirations, deployments, lastDeployment,
    statuses: counts(statuses),
  }),
  read: (fields: RegistrationsFields) => {
    const outcomes = registrationOutcomes.length
    const all = unpack(fields.operations, registrationOperations.length * outcomes)
    return {
      operations: Array.from({ length: Math.ceil(all.length / outcomes) }, (_, operation) =>
        all.slice(operation * outcomes, (operation + 1) * outcomes)),
      duration: readHistogram(fields.duration, durationBounds), leaseExpirations: fields.leaseExpirations, deployments: fields.deployments,
      lastDeployment: fields.lastDeployment, statuses: unpack(fields.statuses, instanceStatuses.length),
    }
  },
}

type InstanceFields =
  & Omit<CellOf['instance'], 'status' | 'revisions'>
  & Record<'status' | 'revisions', string>

const instance: Format<'instance'> = {
  write: ({ live, lapsed, status, version, zone, address, leaseMillis, leaseEnds, revisions, firstSeen, lastSeen }) => ({
    live, lapsed, status, version, zone, address, leaseMillis, leaseEnds, firstSeen, lastSeen,
    revisions: revisions.size === 0 ? '' : keyOf(...[...revisions].flat().map(String)),
  }),
  read: ({ status, revisions, live, lapsed, version, zone, address, leaseMillis, leaseEnds, firstSeen, lastSeen }: InstanceFields) => ({
    live, lapsed, version, zone, address, leaseMillis, leaseEnds, firstSeen, lastSeen, status: readStatus(status),
    revisions: readRevisions(revisions),
  }),
}

function readRevisions(text: string): Map<string, number> {
  const revisions = new Map<string, number>()
  const names = text === '' ? [] : namesOf(text)
  for (let at = 0; at < names.length; at += 2) revisions.set(names[at] ?? '', Number(names[at + 1]))
  return revisions
}

function readStatus(text: string): InstanceStatus {
  return instanceStatuses.find(status => status === text) ?? 'UNKNOWN'
}

const agent: Format<'agent'> = {
  write: ({ sequence, lastSeen, silentAt, reported, recorded, dropped }) =>
    ({ sequence, lastSeen, silentAt, reported, recorded, dropped: counts(dropped) }),
  read: ({ sequence, lastSeen, silentAt, reported, recorded, dropped }: Omit<CellOf['agent'], 'dropped'> & { dropped: Buffer }) =>
    ({ sequence, lastSeen, silentAt, reported, recorded, dropped: unpack(dropped, dropReasons.length) }),
}

const accounts: Format<'accounts'> = {
  write: ({ recorded, dropped, active, silent }) => ({ recorded, dropped: counts(dropped), active, silent }),
  read: ({ recorded, dropped, active, silent }: Omit<CellOf['accounts'], 'dropped'> & { dropped: Buffer }) =>
    ({ recorded, dropped: unpack(dropped, dropReasons.length), active, silent }),
}

const arrivals: Format<'arrivals'> = {
  write: ({ received, repeated, rejected, delay }) => ({ received, repeated, rejected: counts(rejected), delay: histogram(delay) }),
  read: ({ received, repeated, rejected, delay }: Record<'received' | 'repeated', number> & Record<'rejected' | 'delay', Buffer>) =>
    ({ received, repeated, rejected: unpack(rejected, rejectReasons.length), delay: readHistogram(delay, durationBounds) }),
}

const formats: { [K in CellKind]: Format<K> } = {
  lookups, edge, registrations, instance, agent, accounts, arrivals,
  lookupError: { write: ({ count }) => ({ count }), read: ({ count }: { count: number }) => ({ count }) },
  registrationError: { write: ({ count }) => ({ count }), read: ({ count }: { count: number }) => ({ count }) },
  version: {
    write: ({ instances, firstSeen, lastSeen }) => ({ instances, firstSeen, lastSeen }),
    read: ({ instances, firstSeen, lastSeen }: Pick<CellOf['version'], 'instances' | 'firstSeen' | 'lastSeen'>) =>
      ({ instances, firstSeen, lastSeen }),
  },
}

export function cellFields(cell: AnyCell): Fields {
  const { write } = formats[cell.kind] as { write: (cell: AnyCell) => Fields }
  return write(cell)
}

/** The cell that was written under a key. Throws a RangeError for what is damaged. */
export function cellFrom<K extends CellKind>(kind: K, key: string, fields: Fields): CellOf[K] {
  const { read } = formats[kind] as unknown as { read: (fields: Fields) => Partial<Counted<K>> }
  return cellAt(kind, key, read(fields))
}

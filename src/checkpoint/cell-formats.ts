import type { AvroReader } from '../contract/avro-reader.ts'
import type { AvroWriter } from '../contract/avro-writer.ts'
import { rejectReasons } from '../contract/bounds.ts'
import { cacheResults, instanceStatuses, lookupOutcomes } from '../contract/events.ts'
import type { Counted } from '../core/blank-cells.ts'
import type { Begun, CellKind, CellOf } from '../core/cells.ts'
import { dropReasons } from '../core/drop-reasons.ts'
import { instanceBounds } from '../core/histogram.ts'
import { REGISTERS } from '../core/hyper-log-log.ts'
import {
  oneOf, readDuration, readLastNumbers, readOperations, readRevisions, readSnapshot, readTotals, writeLastNumbers, writeRevisions,
} from './cell-parts.ts'

/** How a kind's cells are written behind the head that all records have, in the order of the schema; tests hold it to what avsc writes. */
export interface CellFormat<K extends CellKind> {
  /** Of the schema, in its order. */
  readonly fields: string
  readonly write: (out: AvroWriter, cell: CellOf[K]) => void
  /** All but the names, which the key has. Throws a RangeError for what is damaged. */
  readonly read: (from: AvroReader) => Partial<Counted<K>>
  /** When something happens to the cell by itself, in milliseconds since the epoch; 0: never. Reads no further than it has to. */
  readonly readDeadline?: (from: AvroReader) => number
}

const errorFormat = {
  fields: 'count createdAt',
  write: (out: AvroWriter, { count, createdAt }: { count: number } & Begun) => {
    out.long(count)
    out.long(createdAt)
  },
  read: (from: AvroReader) => ({ count: from.long(), createdAt: from.long() }),
}

export const cellFormats: { readonly [K in CellKind]: CellFormat<K> } = {
  lookups: {
    fields: 'outcomes cacheResults hitDuration otherDuration instances createdAt',
    write: (out, { outcomes, cacheResults: results, hitDuration, otherDuration, instances, createdAt }) => {
      out.counts(outcomes)
      out.counts(results)
      out.histogram(hitDuration)
      out.histogram(otherDuration)
      out.histogram(instances)
      out.long(createdAt)
    },
    read: from => ({
      outcomes: from.counts(lookupOutcomes.length), cacheResults: from.counts(cacheResults.length), hitDuration: readDuration(from),
      otherDuration: readDuration(from), instances: from.histogram(instanceBounds.length + 1), createdAt: from.long(),
    }),
  },
  lookupError: errorFormat,
  edge: {
    fields: 'lookups failures cacheResults duration window startLookups startFailures startCacheResults startDuration ' +
      'previousLookups previousFailures previousCacheResults previousDuration firstSeen lastSeen',
    write: (out, { totals, recent, firstSeen, lastSeen }) => {
      out.long(totals.lookups)
      out.long(totals.failures)
      out.counts(totals.cacheResults)
      out.histogram(totals.duration)
      out.long(recent.index)
      out.rawText(recent.atStart)
      out.rawText(recent.atPreviousStart)
      out.long(firstSeen)
      out.long(lastSeen)
    },
    read: from => ({
      totals: readTotals(from),
      recent: { index: from.long(), atStart: readSnapshot(from), atPreviousStart: readSnapshot(from) },
      firstSeen: from.long(), lastSeen: from.long(),
    }),
  },
  registrations: {
    fields: 'operations duration leaseExpirations deployments lastDeployment statuses createdAt',
    write: (out, { operations, duration, leaseExpirations, deployments, lastDeployment, statuses, createdAt }) => {
      out.counts(operations.flat())
      out.histogram(duration)
      out.long(leaseExpirations)
      out.long(deployments)
      out.long(lastDeployment)
      out.counts(statuses)
      out.long(createdAt)
    },
    read: from => ({
      operations: readOperations(from), duration: readDuration(from), leaseExpirations: from.long(), deployments: from.long(),
      lastDeployment: from.long(), statuses: from.counts(instanceStatuses.length), createdAt: from.long(),
    }),
  },
  registrationError: errorFormat,
  instance: {
    fields: 'live lapsed status version zone address leaseMillis leaseEnds revisions firstSeen lastSeen',
    write: (out, cell) => {
      out.boolean(cell.live)
      out.boolean(cell.lapsed)
      out.string(cell.status)
      out.string(cell.version)
      out.string(cell.zone)
      out.string(cell.address)
      out.long(cell.leaseMillis)
      out.long(cell.leaseEnds)
      writeRevisions(out, cell.revisions)
      out.long(cell.firstSeen)
      out.long(cell.lastSeen)
    },
    read: from => ({
      live: from.boolean(), lapsed: from.boolean(), status: oneOf(instanceStatuses, from.string()) ?? 'UNKNOWN', version: from.string(),
      zone: from.string(), address: from.string(), leaseMillis: from.long(), leaseEnds: from.long(), revisions: readRevisions(from),
      firstSeen: from.long(), lastSeen: from.long(),
    }),
    readDeadline: from => {
      const live = from.boolean()
      from.boolean()
      for (let text = 0; text < 4; text++) from.skipBytes()
      from.long()
      return live ? from.long() : 0
    },
  },
  version: {
    fields: 'instances firstSeen lastSeen',
    write: (out, { instances, firstSeen, lastSeen }) => {
      out.long(instances)
      out.long(firstSeen)
      out.long(lastSeen)
    },
    read: from => ({ instances: from.long(), firstSeen: from.long(), lastSeen: from.long() }),
  },
  sequences: {
    fields: 'last',
    write: (out, { last }) => { writeLastNumbers(out, last) },
    read: from => ({ last: readLastNumbers(from) }),
  },
  agent: {
    fields: 'sequence lastSeen silentAt reported recorded dropped',
    write: (out, { sequence, lastSeen, silentAt, reported, recorded, dropped }) => {
      out.long(sequence)
      out.long(lastSeen)
      out.long(silentAt)
      out.boolean(reported)
      out.long(recorded)
      out.counts(dropped)
    },
    read: from => ({
      sequence: from.long(), lastSeen: from.long(), silentAt: from.long(), reported: from.boolean(), recorded: from.long(),
      dropped: from.counts(dropReasons.length),
    }),
    readDeadline: from => {
      from.long()
      from.long()
      return from.long()
    },
  },
  accounts: {
    fields: 'recorded dropped active silent createdAt',
    write: (out, { recorded, dropped, active, silent, createdAt }) => {
      out.long(recorded)
      out.counts(dropped)
      out.long(active)
      out.long(silent)
      out.long(createdAt)
    },
    read: from => ({
      recorded: from.long(), dropped: from.counts(dropReasons.length), active: from.long(), silent: from.long(), createdAt: from.long(),
    }),
  },
  arrivals: {
    fields: 'received repeated rejected delay createdAt',
    write: (out, { received, repeated, rejected, delay, createdAt }) => {
      out.long(received)
      out.long(repeated)
      out.counts(rejected)
      out.histogram(delay)
      out.long(createdAt)
    },
    read: from => ({
      received: from.long(), repeated: from.long(), rejected: from.counts(rejectReasons.length), delay: readDuration(from), createdAt: from.long(),
    }),
  },
  cardinality: {
    fields: 'used budget overflowed refused day createdAt',
    write: (out, { used, budget, overflowed, refused, day, createdAt }) => {
      out.long(used)
      out.long(budget)
      out.long(overflowed)
      out.counts(refused)
      out.long(day)
      out.long(createdAt)
    },
    read: from => ({
      used: from.long(), budget: from.long(), overflowed: from.long(), refused: from.counts(REGISTERS), day: from.long(), createdAt: from.long(),
    }),
  },
}

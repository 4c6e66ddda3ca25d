import type { AvroReader } from '../contract/avro-reader.ts'
import type { AvroWriter } from '../contract/avro-writer.ts'
import { rejectReasons } from '../contract/bounds.ts'
import { cacheResults, instanceStatuses, lookupOutcomes } from '../contract/events.ts'
import { cellAt, type Counted } from '../core/blank-cells.ts'
import type { AgentCell, AnyCell, CellKind, CellOf, InstanceCell } from '../core/cells.ts'
import { dropReasons } from '../core/drop-reasons.ts'
import { durationBounds, instanceBounds } from '../core/histogram.ts'
import { NO_TOTALS } from '../core/recent.ts'
import { deadlineOf } from '../core/state.ts'
import {
  boolean, counts, done, histogram, lastNumbers, long, operations, revisions, snapshot, status, string, within, type FieldCodec, type Holder,
} from './field-codecs.ts'
import type { SchemaField } from './record-schemas.ts'

/** A kind's fields by their names in its schema, which alone tells their order. Those at the head of every record are left out. */
type Format = Readonly<Record<string, FieldCodec>>

const formats: Record<CellKind, Format> = {
  lookups: {
    outcomes: counts(lookupOutcomes), cacheResults: counts(cacheResults), hitDuration: histogram(durationBounds),
    otherDuration: histogram(durationBounds), instances: histogram(instanceBounds),
  },
  edge: {
    lookups: within('totals', long), failures: within('totals', long), cacheResults: within('totals', counts(cacheResults)),
    duration: within('totals', histogram(durationBounds)), window: within('recent', long, 'index'),
    startLookups: within('recent', snapshot, 'atStart'), startFailures: done('long'), startCacheResults: done('bytes'),
    startDuration: done('bytes'),
    previousLookups: within('recent', snapshot, 'atPreviousStart'), previousFailures: done('long'), previousCacheResults: done('bytes'),
    previousDuration: done('bytes'), firstSeen: long, lastSeen: long,
  },
  registrations: {
    operations, duration: histogram(durationBounds), leaseExpirations: long, deployments: long, lastDeployment: long,
    statuses: counts(instanceStatuses),
  },
  instance: {
    live: boolean, lapsed: boolean, status, version: string, zone: string, address: string, leaseMillis: long, leaseEnds: long, revisions,
    firstSeen: long, lastSeen: long,
  },
  sequences: { last: lastNumbers },
  agent: { sequence: long, lastSeen: long, silentAt: long, reported: boolean, recorded: long, dropped: counts(dropReasons) },
  accounts: { recorded: long, dropped: counts(dropReasons), active: long, silent: long },
  arrivals: { received: long, repeated: long, rejected: counts(rejectReasons), delay: histogram(durationBounds) },
  lookupError: { count: long },
  registrationError: { count: long },
  version: { instances: long, firstSeen: long, lastSeen: long },
}

/** What tells when a lease ends, and when an agent is silent. */
const deadlineFields: ReadonlySet<string> = new Set(['leaseEnds', 'silentAt'])

/** What fields are read into that do not stand in the cell itself. */
const drafts: Partial<Record<CellKind, () => object>> = {
  edge: () => ({
    totals: { lookups: 0, failures: 0, cacheResults: null, duration: null }, recent: { index: -1, atStart: NO_TOTALS, atPreviousStart: NO_TOTALS },
  }),
}

/** Writes and reads a kind's fields in the order of its schema, from the one behind the head on. */
export class CellFormat<K extends CellKind> {
  readonly #kind: K
  readonly #fields: readonly (FieldCodec & { name: string })[]

  /** Throws for fields that are not those that are known here. */
  constructor(kind: K, fields: readonly SchemaField[]) {
    this.#kind = kind
    const format = formats[kind]
    this.#fields = fields.map(({ name, type }) => {
      const codec = format[name]
      if (codec?.type !== type) throw new Error(`the schema of ${kind} has a field ${name} (${type}) that is not known: see cell-formats.ts`)
      return { name, ...codec }
    })
    if (fields.length !== Object.keys(format).length) throw new Error(`the schema of ${kind} lacks a field: see cell-formats.ts`)
  }

  write(out: AvroWriter, cell: AnyCell): void {
    for (const { write, name } of this.#fields) write(out, cell as unknown as Holder, name)
  }

  /** When something happens to the cell by itself, in milliseconds since the epoch; 0: never. Reads no further than it has to. */
  readDeadline(from: AvroReader): number {
    const counted: Holder = { kind: this.#kind }
    for (const { type, read, name } of this.#fields) {
      if (type === 'string' || type === 'bytes') from.skipBytes()
      else read(from, counted, name)
      if (deadlineFields.has(name)) return deadlineOf(counted as unknown as InstanceCell | AgentCell)
    }
    return 0
  }

  /** The cell that was written under a key. Throws a RangeError for what is damaged. */
  read(from: AvroReader, key: string): CellOf[K] {
    const counted = (drafts[this.#kind]?.() ?? {}) as Holder
    for (const { read, name } of this.#fields) read(from, counted, name)
    return cellAt(this.#kind, key, counted as Partial<Counted<K>>)
  }
}

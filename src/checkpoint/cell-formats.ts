import type { AvroReader } from '../contract/avro-reader.ts'
import type { AvroWriter } from '../contract/avro-writer.ts'
import { rejectReasons } from '../contract/bounds.ts'
import { cacheResults, instanceStatuses, lookupOutcomes, registrationOperations, registrationOutcomes } from '../contract/events.ts'
import { cellAt, type Counted } from '../core/blank-cells.ts'
import type { AgentCell, AnyCell, CellKind, CellOf, InstanceCell } from '../core/cells.ts'
import { dropReasons } from '../core/drop-reasons.ts'
import { durationBounds, instanceBounds, type Histogram } from '../core/histogram.ts'
import { keyOf, namesOf } from '../core/names.ts'
import { NO_TOTALS, type Snapshot } from '../core/recent.ts'
import { deadlineOf } from '../core/state.ts'
import type { SchemaField } from './record-schemas.ts'

/** A cell, or what a cell holds, by its fields. */
type Holder = Record<string, unknown>

/** One field of a record: how it is written of what holds it, and read into that, under the field's name in the schema. */
interface FieldCodec {
  type: 'long' | 'boolean' | 'string' | 'bytes'
  write: (out: AvroWriter, of: Holder, name: string) => void
  read: (from: AvroReader, into: Holder, name: string) => void
}

/** A kind's fields by their names in its schema, which alone tells their order. Those at the head of every record are left out. */
type Format = Readonly<Record<string, FieldCodec>>

const long: FieldCodec = {
  type: 'long',
  write: (out, of, name) => { out.long(of[name] as number) },
  read: (from, into, name) => { into[name] = from.long() },
}
const boolean: FieldCodec = {
  type: 'boolean',
  write: (out, of, name) => { out.boolean(of[name] as boolean) },
  read: (from, into, name) => { into[name] = from.boolean() },
}
const string: FieldCodec = {
  type: 'string',
  write: (out, of, name) => { out.string(of[name] as string) },
  read: (from, into, name) => { into[name] = from.string() },
}

function counts({ length }: readonly unknown[]): FieldCodec {
  return {
    type: 'bytes',
    write: (out, of, name) => { out.counts(of[name] as number[]) },
    read: (from, into, name) => { into[name] = from.counts(length) },
  }
}

function histogram(bounds: readonly number[]): FieldCodec {
  return {
    type: 'bytes',
    write: (out, of, name) => { out.histogram(of[name] as Histogram) },
    read: (from, into, name) => { into[name] = from.histogram(bounds.length + 1) },
  }
}

/** A field of something that the cell holds. */
function within(holder: string, { type, write, read }: FieldCodec, called?: string): FieldCodec {
  return {
    type,
    write: (out, of, name) => { write(out, of[holder] as Holder, called ?? name) },
    read: (from, into, name) => { read(from, into[holder] as Holder, called ?? name) },
  }
}

/** Four fields at once: look-ups, failures, cache results and durations. */
const snapshot: FieldCodec = {
  type: 'long',
  write: (out, of, name) => { out.rawText(of[name] as Snapshot) },
  read: (from, into, name) => {
    const start = from.at
    from.long()
    from.long()
    from.skipCounts()
    from.skipCounts()
    const text = from.rawText(start)
    into[name] = text === NO_TOTALS ? NO_TOTALS : text // one for all
  },
}
/** A field that the codec of one before it has written and read, too. */
const done = (type: FieldCodec['type']): FieldCodec => ({ type, write: () => {}, read: () => {} })

const status: FieldCodec = {
  ...string,
  read: (from, into, name) => {
    const text = from.string()
    into[name] = instanceStatuses.find(known => known === text) ?? 'UNKNOWN'
  },
}

const operations: FieldCodec = {
  type: 'bytes',
  write: (out, of, name) => { out.counts((of[name] as number[][]).flat()) },
  read: (from, into, name) => {
    const outcomes = registrationOutcomes.length
    const all = from.counts(registrationOperations.length * outcomes)
    into[name] = Array.from({ length: Math.ceil(all.length / outcomes) }, (_, operation) =>
      all.slice(operation * outcomes, (operation + 1) * outcomes))
  },
}

const revisions: FieldCodec = {
  type: 'string',
  write: (out, of, name) => {
    const all = of[name] as Map<string, number>
    out.string(all.size === 0 ? '' : keyOf(...[...all].flat().map(String)))
  },
  read: (from, into, name) => {
    const text = from.string()
    const names = text === '' ? [] : namesOf(text)
    const all = new Map<string, number>()
    for (let at = 0; at < names.length; at += 2) all.set(names[at] ?? '', Number(names[at + 1]))
    into[name] = all
  },
}

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

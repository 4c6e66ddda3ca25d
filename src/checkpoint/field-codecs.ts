import type { AvroReader } from '../contract/avro-reader.ts'
import type { AvroWriter } from '../contract/avro-writer.ts'
import { instanceStatuses, registrationOperations, registrationOutcomes } from '../contract/events.ts'
import type { LastNumber } from '../core/cells.ts'
import type { Histogram } from '../core/histogram.ts'
import { keyOf, namesOf } from '../core/names.ts'
import { NO_TOTALS, type Snapshot } from '../core/recent.ts'

/** A cell, or what a cell holds, by its fields. */
export type Holder = Record<string, unknown>

/** One field of a record: how it is written of what holds it, and read into that, under the field's name in the schema. */
export interface FieldCodec {
  type: 'long' | 'boolean' | 'string' | 'bytes'
  write: (out: AvroWriter, of: Holder, name: string) => void
  read: (from: AvroReader, into: Holder, name: string) => void
}

export const long: FieldCodec = {
  type: 'long',
  write: (out, of, name) => { out.long(of[name] as number) },
  read: (from, into, name) => { into[name] = from.long() },
}
export const boolean: FieldCodec = {
  type: 'boolean',
  write: (out, of, name) => { out.boolean(of[name] as boolean) },
  read: (from, into, name) => { into[name] = from.boolean() },
}
export const string: FieldCodec = {
  type: 'string',
  write: (out, of, name) => { out.string(of[name] as string) },
  read: (from, into, name) => { into[name] = from.string() },
}

export function counts({ length }: readonly unknown[]): FieldCodec {
  return {
    type: 'bytes',
    write: (out, of, name) => { out.counts(of[name] as number[]) },
    read: (from, into, name) => { into[name] = from.counts(length) },
  }
}

export function histogram(bounds: readonly number[]): FieldCodec {
  return {
    type: 'bytes',
    write: (out, of, name) => { out.histogram(of[name] as Histogram) },
    read: (from, into, name) => { into[name] = from.histogram(bounds.length + 1) },
  }
}

/** A field of something that the cell holds. */
export function within(holder: string, { type, write, read }: FieldCodec, called?: string): FieldCodec {
  return {
    type,
    write: (out, of, name) => { write(out, of[holder] as Holder, called ?? name) },
    read: (from, into, name) => { read(from, into[holder] as Holder, called ?? name) },
  }
}

/** Four fields at once: look-ups, failures, cache results and durations. */
export const snapshot: FieldCodec = {
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
export const done = (type: FieldCodec['type']): FieldCodec => ({ type, write: () => {}, read: () => {} })

export const status: FieldCodec = {
  ...string,
  read: (from, into, name) => {
    const text = from.string()
    into[name] = instanceStatuses.find(known => known === text) ?? 'UNKNOWN'
  },
}

export const operations: FieldCodec = {
  type: 'bytes',
  write: (out, of, name) => { out.counts((of[name] as number[][]).flat()) },
  read: (from, into, name) => {
    const outcomes = registrationOutcomes.length
    const all = from.counts(registrationOperations.length * outcomes)
    into[name] = Array.from({ length: Math.ceil(all.length / outcomes) }, (_, operation) =>
      all.slice(operation * outcomes, (operation + 1) * outcomes))
  },
}

export const revisions: FieldCodec = {
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

export const lastNumbers: FieldCodec = {
  type: 'bytes',
  write: (out, of, name) => {
    out.within(() => {
      for (const [agentId, { sequence, lastSeen }] of of[name] as Map<string, LastNumber>) {
        out.string(agentId)
        out.long(sequence)
        out.long(lastSeen)
      }
    })
  },
  read: (from, into, name) => {
    const last = new Map<string, LastNumber>()
    from.within(() => last.set(from.string(), { sequence: from.long(), lastSeen: from.long(), gone: false }))
    into[name] = last
  },
}

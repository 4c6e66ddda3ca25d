import type { AvroReader } from '../contract/avro-reader.ts'
import type { AvroWriter } from '../contract/avro-writer.ts'
import { cacheResults, registrationOperations, registrationOutcomes } from '../contract/events.ts'
import type { LastNumber } from '../core/cells.ts'
import { durationBounds, type Histogram } from '../core/histogram.ts'
import { keyOf, namesOf } from '../core/names.ts'
import { NO_TOTALS, type EdgeTotals, type Snapshot } from '../core/recent.ts'

// What cells are made of, where that is more than numbers and texts.

export function readDuration(from: AvroReader): Histogram {
  return from.histogram(durationBounds.length + 1)
}

export function readTotals(from: AvroReader): EdgeTotals {
  return { lookups: from.long(), failures: from.long(), cacheResults: from.counts(cacheResults.length), duration: readDuration(from) }
}

/** Four fields at once: look-ups, failures, cache results and durations. */
export function readSnapshot(from: AvroReader): Snapshot {
  const start = from.at
  from.long()
  from.long()
  from.skipCounts()
  from.skipCounts()
  const text = from.rawText(start)
  return text === NO_TOTALS ? NO_TOTALS : text // one for all
}

export function readOperations(from: AvroReader): number[][] {
  const outcomes = registrationOutcomes.length
  const all = from.counts(registrationOperations.length * outcomes)
  return Array.from({ length: Math.ceil(all.length / outcomes) }, (_, operation) => all.slice(operation * outcomes, (operation + 1) * outcomes))
}

export function writeRevisions(out: AvroWriter, revisions: ReadonlyMap<string, number>): void {
  out.string(revisions.size === 0 ? '' : keyOf(...[...revisions].flat().map(String)))
}

export function readRevisions(from: AvroReader): Map<string, number> {
  const text = from.string()
  const names = text === '' ? [] : namesOf(text)
  const all = new Map<string, number>()
  for (let at = 0; at < names.length; at += 2) all.set(names[at] ?? '', Number(names[at + 1]))
  return all
}

export function writeLastNumbers(out: AvroWriter, last: ReadonlyMap<string, LastNumber>): void {
  out.within(() => {
    for (const [agentId, { sequence, lastSeen }] of last) {
      out.string(agentId)
      out.long(sequence)
      out.long(lastSeen)
    }
  })
}

export function readLastNumbers(from: AvroReader): Map<string, LastNumber> {
  const last = new Map<string, LastNumber>()
  from.within(() => last.set(from.string(), { sequence: from.long(), lastSeen: from.long(), gone: false }))
  return last
}

export function oneOf<S extends string>(known: readonly S[], text: string): S | undefined {
  return known.find(each => each === text)
}

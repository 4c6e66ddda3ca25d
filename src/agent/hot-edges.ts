import { MAX_WEIGHT } from '../contract/bounds.ts'
import { bucketOf, durationBounds } from '../contract/duration-buckets.ts'
import type { LookupEvent } from '../contract/events.ts'
import type { EntryOf, Loose } from './fields.ts'

type Fields = Loose<LookupEvent>
type LookupEntry = EntryOf<'lookup'>

/** A service's look-ups differ by outcome, cache and latency: this many kinds of them are told apart, the latest ones. */
const KINDS = 4

/**
 * Lets one event stand for many look-ups, by the contract's rule for `weight`: alike in every other field, `occurredAt` too, durations in
 * one bucket (or none measured), at most 10,000. Holds nothing that the queue does not hold.
 */
export class HotEdges {
  readonly #waiting = new Map<string, LookupEntry[]>()
  #generation = 0

  /** Adds the look-up to one that waits; false: there is none that it may join. `taken`: rises when the queue gives entries away. */
  join({ fields, units }: LookupEntry, taken: number): boolean {
    if (taken !== this.#generation) {
      this.#waiting.clear()
      this.#generation = taken
    }
    if (!isMergeable(fields)) return false
    const entry = this.#waiting.get(fields.service)?.find(other => other.units + units <= MAX_WEIGHT && mayMerge(other.fields, fields))
    if (entry === undefined) return false
    entry.fields.durationMicros = isMeasured(fields) ? (entry.fields.durationMicros ?? 0) + (fields.durationMicros ?? 0) : -1
    entry.units += units
    entry.fields.weight = entry.units
    return true
  }

  /** Others may join it from here on. To be called once the queue has it, after `join`. */
  add(entry: LookupEntry): void {
    if (!isMergeable(entry.fields)) return
    const kinds = this.#waiting.get(entry.fields.service)
    if (kinds === undefined) this.#waiting.set(entry.fields.service, [entry])
    else if (kinds.unshift(entry) > KINDS) kinds.pop()
  }
}

/** What the contract will refuse is left to itself, so that it spoils no other. */
function isMergeable(fields: Fields): fields is Fields & { service: string } {
  const { service, weight = 1, durationMicros = -1 } = fields
  return typeof service === 'string' && Number.isInteger(weight) && weight >= 1 && weight <= MAX_WEIGHT
    && Number.isInteger(durationMicros) && durationMicros >= -1
}

function isMeasured({ durationMicros = -1 }: Fields): boolean {
  return durationMicros >= 0
}

function mayMerge(one: Fields, other: Fields): boolean {
  if (!isAlike(one, other)) return false
  if (!isMeasured(one) || !isMeasured(other)) return isMeasured(one) === isMeasured(other)
  return meanBucket(one) === meanBucket(other)
}

/** In all but what merging adds up. Written out, since a loop over names takes most of a microsecond; a test asks for every field. */
function isAlike(one: Fields, other: Fields): boolean {
  return one.occurredAt === other.occurredAt && one.outcome === other.outcome && one.cache === other.cache && one.instances === other.instances
    && one.service === other.service && one.namespace === other.namespace && one.method === other.method && one.source === other.source
    && one.client === other.client && one.clientNamespace === other.clientNamespace && one.clientInstance === other.clientInstance
    && one.errorCategory === other.errorCategory && one.errorCode === other.errorCode && one.zone === other.zone
    && one.agentId === other.agentId && one.sequence === other.sequence
}

function meanBucket({ durationMicros = 0, weight = 1 }: Fields): number {
  return bucketOf(durationBounds, durationMicros / weight)
}

import { eventDefaults, type DiscoveryEvent, type EventKind } from './events.ts'

/** A message's value may be this large, in bytes; an event within the other bounds is far below it. */
export const MAX_EVENT_BYTES = 16_384
/** A string may be this long, in bytes of UTF-8. */
export const MAX_STRING_BYTES = 256
/** One event may stand for this many look-ups; one that stands for none declares that its client depends on its service. */
export const MAX_WEIGHT = 10_000
const MAX_INT = 2_147_483_647

/** Why a message is set aside. A closed list, only ever appended to: it is the `reason` label, and cells hold a count for each. */
export const rejectReasons = [
  'empty', 'too_large', 'unknown_framing', 'unknown_schema', 'unresolvable_schema', 'no_schema_registry', 'malformed', 'trailing_bytes',
  'empty_service', 'string_too_long', 'number_out_of_range', 'weight_out_of_range', 'batch_too_large', 'batch_unreadable',
] as const
export type RejectReason = (typeof rejectReasons)[number]

/** Whose a bad message is and how much it stood for, as far as that can be read. */
export interface Claimant {
  /** Empty: not known. */
  agentId: string
  weight: number
}

/** A message that is no event, and why. */
export class Rejection implements Claimant {
  readonly reason: RejectReason
  /** For people: what was found where. */
  readonly detail: string
  readonly agentId: string
  readonly weight: number
  constructor(reason: RejectReason, detail: string, { agentId, weight }: Claimant = { agentId: '', weight: 1 }) {
    this.reason = reason
    this.detail = detail
    this.agentId = agentId
    this.weight = weight
  }
}

/** The fields that a bound holds for, by kind. A string is an enum's symbol, and needs none, unless it is empty by default. */
const bounded: Record<EventKind, { numbers: readonly string[]; texts: readonly string[] }> = {
  registration: boundedFields('registration'), lookup: boundedFields('lookup'), agent: boundedFields('agent'),
}

/** Checks an event against the contract's bounds; null if it keeps them all. */
export function boundsFault(kind: EventKind, event: DiscoveryEvent): Rejection | null {
  const fault = faultOf(kind, event)
  return fault === null ? null : new Rejection(fault.reason, fault.detail, claimantOf(event))
}

function faultOf(kind: EventKind, event: DiscoveryEvent): { reason: RejectReason; detail: string } | null {
  const fields = event as unknown as Readonly<Record<string, unknown>>
  for (const field of bounded[kind].numbers) {
    if (!isWhole(fields[field], { from: -1, to: field === 'instances' ? MAX_INT : Number.MAX_SAFE_INTEGER })) {
      return { reason: 'number_out_of_range', detail: `${field} is ${String(fields[field])}, it must be a whole number, -1 at the lowest` }
    }
  }
  for (const field of bounded[kind].texts) {
    const text = fields[field] as string
    if (isTooLong(text)) {
      return { reason: 'string_too_long', detail: `${field} has ${Buffer.byteLength(text)} bytes, the most is ${MAX_STRING_BYTES}` }
    }
  }
  if ('service' in event && event.service === '') return { reason: 'empty_service', detail: 'service is empty' }
  if ('weight' in event && !isWeight(event.weight)) {
    return { reason: 'weight_out_of_range', detail: `weight is ${event.weight}, it must be 0 to ${MAX_WEIGHT}` }
  }
  return null
}

/** A report stands for nothing; a weight that is refused, for the one call that it was. */
function claimantOf(event: DiscoveryEvent): Claimant {
  const weight = 'weight' in event && isWeight(event.weight) ? event.weight : 1
  return { agentId: isTooLong(event.agentId) ? '' : event.agentId, weight: 'recorded' in event ? 0 : weight }
}

function isWeight(weight: number): boolean {
  return isWhole(weight, { from: 0, to: MAX_WEIGHT })
}

function boundedFields(kind: EventKind): { numbers: string[]; texts: string[] } {
  const defaults = Object.entries(eventDefaults[kind])
  return {
    numbers: defaults.flatMap(([field, value]) => typeof value === 'number' && field !== 'weight' ? [field] : []),
    texts: defaults.flatMap(([field, value]) => value === '' ? [field] : []),
  }
}

/** Asked of every number: avsc reads an int of any size without a word, and NaN from bytes that are no end of one. */
function isWhole(value: unknown, { from, to }: { from: number; to: number }): boolean {
  return Number.isInteger(value) && (value as number) >= from && (value as number) <= to
}

function isTooLong(text: string): boolean {
  // A UTF-16 code unit is at most three bytes of UTF-8, so most strings need no counting.
  return text.length * 3 > MAX_STRING_BYTES && Buffer.byteLength(text) > MAX_STRING_BYTES
}

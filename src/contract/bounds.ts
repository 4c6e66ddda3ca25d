import type { DiscoveryEvent, EventKind } from './events.ts'

/** A message's value may be this large, in bytes; an event within the other bounds is far below it. */
export const MAX_EVENT_BYTES = 16_384
/** A string may be this long, in bytes of UTF-8. */
export const MAX_STRING_BYTES = 256
/** One event may stand for this many look-ups. */
export const MAX_WEIGHT = 10_000

/** Why a message is set aside. A closed list: it is the `reason` label. */
export const rejectReasons = [
  'empty', 'too_large', 'unknown_framing', 'unknown_schema', 'unresolvable_schema', 'no_schema_registry', 'malformed', 'trailing_bytes',
  'empty_service', 'string_too_long', 'number_out_of_range', 'weight_out_of_range',
] as const
export type RejectReason = (typeof rejectReasons)[number]

/** A message that is no event, and why. */
export class Rejection {
  readonly reason: RejectReason
  /** For people: what was found where. */
  readonly detail: string
  constructor(reason: RejectReason, detail: string) {
    this.reason = reason
    this.detail = detail
  }
}

/** Checks an event against the contract's bounds; null if it keeps them all. */
export function boundsFault(kind: EventKind, event: DiscoveryEvent): Rejection | null {
  for (const [field, value] of Object.entries(event)) {
    if (typeof value === 'number' ? value < -1 : isTooLong(value)) {
      return typeof value === 'number'
        ? new Rejection('number_out_of_range', `${field} is ${value}, the lowest is -1`)
        : new Rejection('string_too_long', `${field} has ${Buffer.byteLength(value)} bytes, the most is ${MAX_STRING_BYTES}`)
    }
  }
  if (kind === 'agent') return null
  if ('service' in event && event.service === '') return new Rejection('empty_service', 'service is empty')
  if ('weight' in event && !(event.weight >= 1 && event.weight <= MAX_WEIGHT)) {
    return new Rejection('weight_out_of_range', `weight is ${event.weight}, it must be 1 to ${MAX_WEIGHT}`)
  }
  return null
}

function isTooLong(text: string): boolean {
  // A UTF-16 code unit is at most three bytes of UTF-8, so most strings need no counting.
  return text.length * 3 > MAX_STRING_BYTES && Buffer.byteLength(text) > MAX_STRING_BYTES
}

import type { Random } from '../../demo/random.ts'
import type { RejectReason } from '../../src/contract/bounds.ts'
import { createEncoder } from '../../src/contract/codec.ts'
import type { LookupEvent } from '../../src/contract/events.ts'
import { oneOf } from './cast.ts'

export interface BadRecord {
  value: Buffer | null
  reason: RejectReason
  /** Whether it can be read whose it is. */
  readable: boolean
}

const encode = createEncoder('lookup')
const SINGLE_OBJECT_BYTES = 10
const UNKNOWN_SCHEMA = Buffer.from('c301ffffffffffffffff', 'hex')
const TOO_LARGE = 16_385
const TOO_LONG = 'x'.repeat(257)

/** A record that is no event within the contract, made of a look-up that is one. Every one of them stands for one look-up. */
export function someBadRecord(random: Random, lookup: LookupEvent): BadRecord {
  return oneOf(random, ways)({ ...lookup, durationMicros: -1, weight: 1 }, random)
}

const ways: readonly ((event: LookupEvent, random: Random) => BadRecord)[] = [
  () => unreadable('empty', null),
  () => unreadable('empty', Buffer.alloc(0)),
  () => unreadable('too_large', Buffer.alloc(TOO_LARGE, 0x7f)),
  (_, random) => unreadable('unknown_framing', Buffer.from(Array.from({ length: 40 }, () => 0x20 + random.below(0x60)))),
  event => unreadable('unknown_schema', Buffer.concat([UNKNOWN_SCHEMA, encode(event).subarray(SINGLE_OBJECT_BYTES)])),
  () => unreadable('no_schema_registry', Buffer.from('00000000070102', 'hex')),
  event => unreadable('malformed', encode(event).subarray(0, SINGLE_OBJECT_BYTES + 8)),
  event => unreadable('trailing_bytes', Buffer.concat([encode(event), Buffer.from([1])])),
  event => ({ value: encode({ ...event, service: '' }), reason: 'empty_service', readable: true }),
  event => ({ value: encode({ ...event, errorCode: TOO_LONG }), reason: 'string_too_long', readable: true }),
  event => ({ value: encode({ ...event, instances: -2 }), reason: 'number_out_of_range', readable: true }),
]

function unreadable(reason: RejectReason, value: Buffer | null): BadRecord {
  return { value, reason, readable: false }
}

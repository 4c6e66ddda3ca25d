import * as fc from 'fast-check'
import {
  cacheResults, errorCategories, instanceStatuses, lookupMethods, lookupOutcomes, registrationOperations, registrationOutcomes,
} from '../../src/contract/events.ts'
import type { EventKind, EventOf } from '../../src/contract/events.ts'

/** What avsc holds to be the largest safe long: one below `Number.MAX_SAFE_INTEGER`. */
export const LARGEST_LONG = 2 ** 53 - 2
export const LARGEST_INT = 2 ** 31 - 1

/** Any Unicode, up to 256 bytes of UTF-8: 64 code points have at most four bytes each, and 256 ASCII characters fill the bound. */
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 64 }), fc.string({ unit: 'binary-ascii', minLength: 250, maxLength: 256 }))
const name = fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }), fc.constantFrom('cart', 'a/b', ' ', '\0'))
const long = fc.oneof(
  fc.integer({ min: -1, max: 1_000 }), fc.integer({ min: -1, max: LARGEST_LONG }), fc.constantFrom(LARGEST_LONG, 2 ** 31, 2 ** 32))
const int = fc.oneof(fc.integer({ min: -1, max: 100 }), fc.integer({ min: -1, max: LARGEST_INT }), fc.constant(LARGEST_INT))

const common = { agentId: text, sequence: long, occurredAt: long, source: text }

/** Any event within the contract's bounds. */
export const arbitraryEvents: { readonly [K in EventKind]: fc.Arbitrary<EventOf[K]> } = {
  registration: fc.record({
    ...common, operation: fc.constantFrom(...registrationOperations), outcome: fc.constantFrom(...registrationOutcomes),
    errorCategory: fc.constantFrom(...errorCategories), errorCode: text, namespace: text, service: name, instance: text, version: text,
    zone: text, address: text, status: fc.constantFrom(...instanceStatuses), leaseMillis: long, durationMicros: long, revision: long,
  }),
  lookup: fc.record({
    ...common, clientNamespace: text, client: text, namespace: text, service: name, method: fc.constantFrom(...lookupMethods),
    cache: fc.constantFrom(...cacheResults), outcome: fc.constantFrom(...lookupOutcomes),
    errorCategory: fc.constantFrom(...errorCategories), errorCode: text, instances: int, durationMicros: long,
    weight: fc.integer({ min: 0, max: 10_000 }), clientInstance: text, zone: text,
  }),
  agent: fc.record({
    ...common, version: text, host: text, startedAt: long, recorded: long, sent: long, droppedQueueFull: long, droppedTooLarge: long,
    droppedEncode: long, droppedSend: long, droppedShutdown: long, sampledOut: long,
  }),
}

export const eventKinds: readonly EventKind[] = ['registration', 'lookup', 'agent']

import * as fc from 'fast-check'
import { cacheResults, instanceStatuses, lookupOutcomes, registrationOperations } from '../../src/contract/events.ts'
import { lookup, registration, rejection, report, type Told } from './story.ts'

export const services = ['cart', 'pay', 'web'] as const
/** When streams of records begin, in milliseconds since the epoch. */
export const START = 1_700_000_000_000

/** Few names and short leases, so that records meet: the same instance, an older revision, a lease that has just run out. */
export const happenings: fc.Arbitrary<(time: number) => Told> = fc.oneof(
  fc.record({
    service: fc.constantFrom(...services), instance: fc.constantFrom('a', 'b'), operation: fc.constantFrom(...registrationOperations),
    outcome: fc.constantFrom('SUCCESS' as const, 'SUCCESS' as const, 'SUCCESS' as const, 'FAILURE' as const, 'UNKNOWN' as const),
    status: fc.constantFrom(...instanceStatuses), version: fc.constantFrom('', '1', '2'), leaseMillis: fc.constantFrom(0, 0, 5, 40),
    revision: fc.nat({ max: 4 }), source: fc.constantFrom('x', 'y'), durationMicros: fc.integer({ min: -1, max: 3_000 }),
    agentId: fc.constantFrom('sdk/1', 'dns/1'), occurredAt: fc.constantFrom(0, START - 3),
  }).map(fields => (time: number) => registration(fields, time)),
  fc.record({
    service: fc.constantFrom(...services), client: fc.constantFrom('', 'web', 'pay'), outcome: fc.constantFrom(...lookupOutcomes),
    cache: fc.constantFrom(...cacheResults), instances: fc.integer({ min: -1, max: 7 }), weight: fc.integer({ min: 1, max: 5 }),
    durationMicros: fc.integer({ min: -1, max: 3_000 }), agentId: fc.constantFrom('sdk/1', 'dns/1'),
    occurredAt: fc.constantFrom(0, START - 3),
  }).map(fields => (time: number) => lookup(fields, time)),
)

/** What agents say of themselves, and records that are no event. */
export const accounts: fc.Arbitrary<(time: number) => Pick<Told, 'into'>> = fc.oneof(
  fc.record({
    agentId: fc.constantFrom('sdk/1', 'sdk/2', 'dns/1'), recorded: fc.nat({ max: 9 }), droppedSend: fc.nat({ max: 3 }), sequence: fc.nat({ max: 9 }),
  }).map(fields => (time: number) => report(fields, time)),
  fc.record({ agentId: fc.constantFrom('sdk/1', ''), weight: fc.nat({ max: 3 }), reason: fc.constantFrom('malformed' as const, 'empty' as const) })
    .map(fields => (time: number) => rejection(fields, time)),
)

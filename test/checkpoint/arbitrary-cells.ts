import { REGISTERS } from '../../src/core/hyper-log-log.ts'
import * as fc from 'fast-check'
import { rejectReasons } from '../../src/contract/bounds.ts'
import { cacheResults, instanceStatuses, lookupOutcomes, registrationOperations, registrationOutcomes } from '../../src/contract/events.ts'
import { blankCell, cellKinds } from '../../src/core/blank-cells.ts'
import type { AnyCell, CellKind, LastNumber } from '../../src/core/cells.ts'
import { dropReasons } from '../../src/core/drop-reasons.ts'
import { durationBounds, instanceBounds } from '../../src/core/histogram.ts'
import { snapshotOf } from '../../src/core/recent.ts'
import { LARGEST_LONG } from '../contract/arbitrary-events.ts'

/** Of what cells are made: any names and counts, or the largest that there are. */
interface Parts {
  name: fc.Arbitrary<string>
  count: fc.Arbitrary<number>
  sources: { minLength: number; maxLength: number }
}

const any: Parts = {
  name: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 64 }), fc.string({ unit: 'binary-ascii', minLength: 250, maxLength: 256 }),
    fc.string({ unit: fc.constantFrom('\n', '"', '\\', ' ', '.', '1', '\0', '\u2028', '💳'), maxLength: 9 })),
  count: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: LARGEST_LONG }), fc.constantFrom(0, 0, 127, 128, 2 ** 31, 2 ** 32, 2 ** 52, LARGEST_LONG)),
  sources: { minLength: 0, maxLength: 8 },
}
const largest: Parts = {
  name: fc.constantFrom('\u0001'.repeat(256), '"'.repeat(256), '\u2028'.repeat(85), '💳'.repeat(64)),
  count: fc.constant(LARGEST_LONG), sources: { minLength: 8, maxLength: 8 },
}

/** Any cell within the contract's bounds, with as many names as its kind has. */
export const anyCell = (kind: CellKind): fc.Arbitrary<AnyCell> => cellOf(kind, any)
export const largestCell = (kind: CellKind): fc.Arbitrary<AnyCell> => cellOf(kind, largest)

const nameCounts: Record<CellKind, number> = {
  lookups: 2, lookupError: 4, edge: 4, registrations: 2, registrationError: 5, instance: 3, version: 3, sequences: 1, agent: 1, accounts: 1, arrivals: 1,
  cardinality: 1,
}

function cellOf(kind: CellKind, parts: Parts): fc.Arbitrary<AnyCell> {
  const { name, count } = parts
  const names = fc.array(name, { minLength: nameCounts[kind], maxLength: nameCounts[kind] })
  const head = fc.record({ asOf: count, expiresAt: count })
  return fc.tuple(names, head, fieldsOf(kind, parts)).map(([given, common, fields]) => Object.assign(blankCell(kind, given), common, fields))
}

function fieldsOf(kind: CellKind, { name, count, sources }: Parts): fc.Arbitrary<object> {
  const counts = (symbols: readonly unknown[]) => fc.array(count, { minLength: symbols.length, maxLength: symbols.length })
  const histogram = (bounds: readonly number[]) => fc.record({ sum: count, counts: counts([...bounds, 'above']) })
  const totals = fc.record({ lookups: count, failures: count, cacheResults: counts(cacheResults), duration: histogram(durationBounds) })
  const snapshot = totals.map(snapshotOf)
  const seen = { firstSeen: count, lastSeen: count }
  const source = fc.uniqueArray(fc.tuple(fc.nat({ max: 9 }), name, count), { ...sources, selector: ([number]) => number })
  const registers = fc.array(fc.nat({ max: 23 }), { minLength: REGISTERS, maxLength: REGISTERS })
  const kinds: Record<CellKind, fc.Arbitrary<object>> = {
    lookups: fc.record({
      outcomes: counts(lookupOutcomes), cacheResults: counts(cacheResults), hitDuration: histogram(durationBounds),
      otherDuration: histogram(durationBounds), instances: histogram(instanceBounds), createdAt: count,
    }),
    lookupError: fc.record({ count, createdAt: count }),
    registrationError: fc.record({ count, createdAt: count }),
    edge: fc.record({ totals, recent: fc.record({ index: count, atStart: snapshot, atPreviousStart: snapshot }), ...seen }),
    registrations: fc.record({
      operations: fc.tuple(...registrationOperations.map(() => counts(registrationOutcomes))), duration: histogram(durationBounds),
      leaseExpirations: count, deployments: count, lastDeployment: count, statuses: counts(instanceStatuses), createdAt: count,
    }),
    instance: fc.record({
      live: fc.boolean(), lapsed: fc.boolean(), status: fc.constantFrom(...instanceStatuses), version: name, zone: name, address: name,
      leaseMillis: count, leaseEnds: count, ...seen,
      // Sources that differ in their first byte only: as many bytes as there may be.
      revisions: source.map(pairs => new Map(pairs.map(([number, text, revision]) => [`${number}${Array.from(text).slice(1).join('')}`, revision]))),
    }),
    version: fc.record({ instances: count, ...seen }),
    sequences: fc.record({ last: fc.array(fc.tuple(name, count, count), { maxLength: 5 }).map(lastNumbers) }),
    agent: fc.record({ sequence: count, lastSeen: count, silentAt: count, reported: fc.boolean(), recorded: count, dropped: counts(dropReasons) }),
    accounts: fc.record({ recorded: count, dropped: counts(dropReasons), active: count, silent: count, createdAt: count }),
    arrivals: fc.record({ received: count, repeated: count, rejected: counts(rejectReasons), delay: histogram(durationBounds), createdAt: count }),
    cardinality: fc.record({ used: count, budget: count, overflowed: count, refused: registers, day: count, createdAt: count }),
  }
  return kinds[kind]
}

function lastNumbers(given: readonly (readonly [string, number, number])[]): Map<string, LastNumber> {
  return new Map(given.map(([agentId, sequence, lastSeen]) => [agentId, { sequence, lastSeen, gone: false }]))
}

export const anyCells: fc.Arbitrary<AnyCell> = fc.oneof(...cellKinds.map(anyCell))

import avro from 'avsc'
import type { AnyCell, CellKind, CellOf } from '../../src/core/cells.ts'
import type { Histogram } from '../../src/core/histogram.ts'
import { keyOf } from '../../src/core/names.ts'
import { totalsOf, type EdgeTotals } from '../../src/core/recent.ts'

const long = avro.Type.forSchema('long')
const string = avro.Type.forSchema('string')

/** Counts as the schemas have them: Avro longs one after the other, zeros at the end left out. */
export function packed(numbers: readonly number[]): Buffer {
  return Buffer.concat(numbers.slice(0, numbers.findLastIndex(number => number !== 0) + 1).map(number => long.toBuffer(number)))
}

const histogram = ({ sum, counts }: Histogram): Buffer => packed([sum, ...counts])

const totals = (prefix: string, { lookups, failures, cacheResults, duration }: EdgeTotals): object => {
  const fields = { lookups, failures, cacheResults: packed(cacheResults), duration: histogram(duration) }
  if (prefix === '') return fields
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [prefix + name.charAt(0).toUpperCase() + name.slice(1), value]))
}

const fields: { [K in CellKind]: (cell: CellOf[K]) => object } = {
  lookups: cell => ({
    outcomes: packed(cell.outcomes), cacheResults: packed(cell.cacheResults), hitDuration: histogram(cell.hitDuration),
    otherDuration: histogram(cell.otherDuration), instances: histogram(cell.instances), createdAt: cell.createdAt,
  }),
  edge: ({ totals: all, recent, firstSeen, lastSeen }) => ({
    ...totals('', all), window: recent.index, ...totals('start', totalsOf(recent.atStart)),
    ...totals('previous', totalsOf(recent.atPreviousStart)), firstSeen, lastSeen,
  }),
  registrations: cell =>
    ({ ...cell, operations: packed(cell.operations.flat()), duration: histogram(cell.duration), statuses: packed(cell.statuses) }),
  instance: cell => ({ ...cell, revisions: cell.revisions.size === 0 ? '' : keyOf(...[...cell.revisions].flat().map(String)) }),
  sequences: cell => ({
    last: Buffer.concat([...cell.last].flatMap(([agentId, { sequence, lastSeen }]) =>
      [string.toBuffer(agentId), long.toBuffer(sequence), long.toBuffer(lastSeen)])),
  }),
  agent: cell => ({ ...cell, dropped: packed(cell.dropped) }),
  accounts: cell => ({ ...cell, dropped: packed(cell.dropped) }),
  arrivals: cell => ({ ...cell, rejected: packed(cell.rejected), delay: histogram(cell.delay) }),
  cardinality: cell => ({ ...cell, refused: packed(cell.refused) }),
  lookupError: cell => cell,
  registrationError: cell => cell,
  version: cell => cell,
}

/** A cell's record by its fields, for avsc to write. */
export function recordOf(cell: AnyCell, epoch: number): object {
  const counted = (fields[cell.kind] as (cell: AnyCell) => object)(cell)
  return { ...counted, epoch, asOf: cell.asOf, expiresAt: cell.expiresAt }
}

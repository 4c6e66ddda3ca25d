import { describe, expect, it } from 'vitest'
import { parseCheckpointKey } from '../../src/checkpoint/keys.ts'
import { compareShard, type Difference } from '../../src/verify/compare.ts'
import { mendingBatches, mendingOf } from '../../src/verify/mend.ts'
import { progressFaults } from '../../src/verify/progress-check.ts'
import type { Reference } from '../../src/verify/reference.ts'
import { codec, CountedShard, lookup, referenceOf } from './shard.ts'

const REPAIR = 100
const records = [lookup(0), lookup(1, { service: 'pay' }), lookup(2), lookup(3, { service: 'pay' }), lookup(4)]

/** Mends a shard as of the reference; gives the kinds of the records, batch by batch. */
function mend(shard: CountedShard, reference: Reference, { found, batchBytes }: { found?: Difference[]; batchBytes?: number } = {}): string[] {
  const { view } = shard
  const { progress } = view
  if (progress === null) throw new Error('no progress')
  const mending = mendingOf(view, { reference, found: found ?? compareShard(view, reference, codec).differing, codec })
  const batches = [...mendingBatches(view, progress, { mending, codec, epoch: REPAIR, streamTime: reference.state.streamTime, ...(batchBytes === undefined ? {} : { batchBytes }) })]
  for (const batch of batches) shard.append(batch)
  return batches.map(batch => batch.map(({ key, value }) => `${parseCheckpointKey(Buffer.from(key))?.kind ?? '?'}${value === null ? ' gone' : ''}`).join(', '))
}

/** What still differs, cells and progress. */
function left({ view }: CountedShard, reference: Reference): string[] {
  const faults = view.progress === null ? [] : progressFaults(view, view.progress, reference)
  return [...compareShard(view, reference, codec).differing.map(({ fault }) => fault), ...faults.map(({ fault }) => fault)]
}

function damaged(): CountedShard {
  const shard = new CountedShard(records)
  shard.forge(new CountedShard(records.slice(0, 3)).cell('edge', 'default', 'web', 'default', 'cart'))
  shard.forge(new CountedShard([lookup(0, { service: 'ghost' })]).cell('lookups', 'default', 'ghost'))
  shard.lose(shard.cell('lookups', 'default', 'pay'))
  return shard
}

describe('a mending', () => {
  it('by the whole input makes every cell and the digests right, in one batch that ends with progress', () => {
    const shard = damaged()
    const reference = referenceOf(records)
    expect(left(shard, reference)).toEqual(['surplus', 'missing', 'stale', 'digest_mismatch'])
    expect(mend(shard, reference)).toEqual(['lookups gone, lookups, edge, progress'])
    expect(left(shard, reference)).toEqual([])
    expect(shard.view.progress).toMatchObject({ epoch: REPAIR, asOf: 5, lastOffset: 4 })
  })

  it('by what is left of the input folds on what can be, and leaves the rest', () => {
    const shard = damaged()
    const found = compareShard(shard.view, referenceOf(records, { low: 3 }), codec).differing
    expect(found.map(({ fault, mend: how }) => `${fault} ${how}`)).toEqual(['missing none', 'stale fold_on'])
    const reference = referenceOf(records, { low: 3, seeds: [shard.cell('edge', 'default', 'web', 'default', 'cart')] })
    expect(mend(shard, reference, { found })).toEqual(['edge, progress'])
    expect(shard.cell('edge', 'default', 'web', 'default', 'cart')).toMatchObject({ asOf: 5, totals: { lookups: 3 } })
    expect(left(shard, referenceOf(records, { low: 3 }))).toEqual(['missing'])
  })

  it('of nothing but the digests is a progress', () => {
    const shard = new CountedShard(records)
    const { progress } = shard.view
    if (progress === null) throw new Error('no progress')
    shard.append([{ key: 'lookups-0 progress', value: codec.encodeProgress({ ...progress, digests: { lookups: '0000000000000000' } }) }])
    const reference = referenceOf(records)
    expect(left(shard, reference)).toEqual(['digest_mismatch'])
    expect(mend(shard, reference)).toEqual(['progress'])
    expect(left(shard, reference)).toEqual([])
  })

  it('too large for one batch is several, and only the last has progress', () => {
    const many = Array.from({ length: 100 }, (_, offset) => lookup(offset, { client: `client-${offset}` }))
    const shard = new CountedShard(many)
    for (const cell of Array.from(shard.view.cells.edge.values())) shard.lose(cell)
    const reference = referenceOf(many)
    const batches = mend(shard, reference, { batchBytes: 2_000 })
    expect(batches.map(batch => batch.endsWith('progress'))).toEqual([...batches.slice(1).map(() => false), true])
    expect(batches.length).toBeGreaterThan(2)
    expect(left(shard, reference)).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import { rejectReasons } from '../../src/contract/bounds.ts'
import { keyOf } from '../../src/core/names.ts'
import { hashOf } from '../../src/core/digest.ts'
import { readSet, unreadableBatch } from '../kafka/record-sets.ts'
import { CountedShard, lookup, referenceOf } from './shard.ts'

const CART = keyOf('default', 'cart')
const numbered = (offset: number, sequence: number, seconds: number) => lookup(offset, { agentId: 'sdk/1', sequence }, seconds)

describe('a reference', () => {
  it('of the whole input is the fold of all records', () => {
    const { whole, from, state } = referenceOf([lookup(0), lookup(1)])
    expect([whole, from, state.next, state.cells.lookups.get(CART)?.outcomes[1]]).toEqual([true, 0, 2, 2])
  })

  it('knows the last record, by its append time and hash', () => {
    const record = lookup(7)
    expect(referenceOf([lookup(0), record]).last).toEqual({ offset: 7, appendTime: record.appendTime, hash: hashOf(record.value ?? Buffer.of()) })
  })

  it('counts a replay, whatever its number, and learns nothing from it', () => {
    const replay = { ...numbered(1, 9, 1), headers: [['discovery-replayed', null]] as const }
    const { state } = referenceOf([numbered(0, 9, 0), replay, numbered(2, 9, 2), numbered(3, 10, 3)])
    const arrivals = state.cells.arrivals.get(keyOf('sdk'))
    expect([arrivals?.received, arrivals?.repeated, state.cells.lookups.get(CART)?.outcomes[1]]).toEqual([3, 1, 3])
  })

  it('counts what nobody can read as a replica does', async () => {
    const records = [lookup(0), ...readSet(await unreadableBatch(1, 5)), ...readSet(await unreadableBatch(4, 3)), lookup(7)]
    const { last, state } = referenceOf(records)
    const arrivals = state.cells.arrivals.get(keyOf('unknown'))
    expect(arrivals?.rejected[rejectReasons.indexOf('batch_unreadable')]).toBe(6)
    expect([state.next, state.cells.lookups.get(CART)?.outcomes[1], last?.offset]).toEqual([8, 2, 7])
  })

  it('of a part counts from its first record on, where events have no numbers', () => {
    const { from, state } = referenceOf([lookup(5), lookup(6)], { low: 5 })
    expect([from, state.cells.lookups.get(CART)?.outcomes[1]]).toEqual([5, 2])
  })

  it('of a part counts no event that may repeat one that is deleted, but learns the numbers from it', () => {
    const records = [numbered(5, 1, 0), numbered(6, 2, 599), numbered(7, 2, 601), numbered(8, 3, 602)]
    const { from, state } = referenceOf(records, { low: 5 })
    expect([from, state.cells.lookups.get(CART)?.outcomes[1], state.cells.arrivals.get(keyOf('sdk'))?.repeated]).toEqual([7, 1, 1])
  })

  it('of a part that is too short to tell repetitions counts nothing', () => {
    const { from, state } = referenceOf([numbered(5, 1, 0), numbered(6, 2, 10)], { low: 5 })
    expect([from, state.cells.lookups.size, state.cells.sequences.size]).toEqual([7, 0, 1])
  })

  it('folds on a seed what came since, and nothing that it has', () => {
    const records = [0, 1, 2, 3, 4].map(offset => lookup(offset, { outcome: offset === 4 ? 'FAILURE' : 'SUCCESS' }))
    const edge = () => new CountedShard(records).cell('edge', 'default', 'web', 'default', 'cart')
    const seed = new CountedShard(records.slice(0, 3)).cell('edge', 'default', 'web', 'default', 'cart')
    const folded = referenceOf(records, { low: 2, seeds: [seed] }).state.cells.edge.get(seed.key)
    expect([folded?.totals, folded?.firstSeen, folded?.lastSeen, folded?.asOf]).toEqual([edge().totals, edge().firstSeen, edge().lastSeen, 5])
  })
})

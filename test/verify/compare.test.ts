import { describe, expect, it } from 'vitest'
import { keyOf } from '../../src/core/names.ts'
import { compareShard } from '../../src/verify/compare.ts'
import { codec, CountedShard, lookup, referenceOf, registration } from './shard.ts'

/** Look-ups of `cart`, `pay`, `cart`, `pay`, `cart`: cells of two services, two edges, and what arrived. */
const records = [lookup(0), lookup(1, { service: 'pay' }), lookup(2), lookup(3, { service: 'pay' }), lookup(4)]

/** `exact 5`, and what differs as `stale lookups replace`. */
function found(shard: CountedShard, reference = referenceOf(records)): string[] {
  const { differing, ...counts } = compareShard(shard.view, reference, codec)
  return [
    ...Object.entries(counts).filter(([, count]) => count > 0).map(([name, count]) => `${name} ${count}`),
    ...differing.map(({ fault, kind, mend }) => `${fault} ${kind} ${mend}`),
  ]
}

const left = (low: number) => referenceOf(records, { low })

describe('cells held against the whole input', () => {
  it('are exact where they have what the fold gives, with windows that were written as zeros', () => {
    expect(found(new CountedShard(records))).toEqual(['exact 5'])
  })

  it('are wrong where one value is another, and it is told which', () => {
    const shard = new CountedShard(records)
    const cell = shard.cell('lookups', 'default', 'cart')
    cell.outcomes[1] = 5
    cell.hitDuration.counts[2] = 1
    shard.forge(cell)
    const { differing } = compareShard(shard.view, referenceOf(records), codec)
    expect(differing).toEqual([{
      kind: 'lookups', key: keyOf('default', 'cart'), fault: 'wrong', asOf: 5, wantedAsOf: 5, mend: 'replace', unmendable: '',
      fields: [{ field: 'outcomes.SUCCESS', is: '5', should: '3' }, { field: 'hitDuration.counts.2', is: '1', should: '0' }],
    }])
  })

  it('are stale where they are as of an earlier record', () => {
    const shard = new CountedShard(records)
    shard.forge(new CountedShard(records.slice(0, 3)).cell('edge', 'default', 'web', 'default', 'cart'))
    expect(found(shard)).toEqual(['exact 4', 'stale edge replace'])
  })

  it('are missing, surplus or damaged', () => {
    const shard = new CountedShard(records)
    shard.lose(shard.cell('lookups', 'default', 'pay'))
    shard.forge(new CountedShard([lookup(0, { outcome: 'FAILURE', errorCategory: 'TIMEOUT' })]).cell('lookupError', 'default', 'cart', 'TIMEOUT', ''))
    shard.damage(shard.cell('arrivals', 'unknown'))
    expect(found(shard).toSorted()).toEqual(['damaged arrivals replace', 'exact 3', 'missing lookups replace', 'surplus lookupError remove'])
  })

  it('are no difference once they have expired, whether their tombstone is there or not', () => {
    const numbered = [lookup(0, { agentId: 'sdk/1', sequence: 1 }), lookup(1, {}, 7_200)]
    const shard = new CountedShard(numbered)
    const before = new CountedShard(numbered.slice(0, 1)).cell('sequences', '138')
    expect(found(shard, referenceOf(numbered))).toEqual(['exact 4'])
    shard.forge(before)
    expect(found(shard, referenceOf(numbered))).toEqual(['exact 4', 'expired 1'])
  })
})

describe('cells held against what is left of the input', () => {
  it('are checked by their offset, or unverifiable where nothing of them is left', () => {
    expect(found(new CountedShard(records), left(4))).toEqual(['byOffset 3', 'unverifiable 2'])
  })

  it('are exact where all that they count is left', () => {
    const more = [...records, lookup(5, { service: 'new' })]
    expect(found(new CountedShard(more), referenceOf(more, { low: 5 }))).toEqual(['exact 2', 'byOffset 1', 'unverifiable 4'])
  })

  it('are stale where a record that is left came after them, and can be folded on if all of those are left', () => {
    const shard = new CountedShard(records)
    shard.forge(new CountedShard(records.slice(0, 3)).cell('lookups', 'default', 'cart'))
    expect(found(shard, left(2))).toEqual(['byOffset 4', 'stale lookups fold_on'])
    expect(found(shard, left(4))).toEqual(['byOffset 2', 'unverifiable 2', 'stale lookups none'])
  })

  it('count too little where what is left gives more', () => {
    const shard = new CountedShard(records)
    const cell = shard.cell('lookups', 'default', 'cart')
    cell.outcomes[1] = 1
    shard.forge(cell)
    expect(found(shard, left(2))).toEqual(['byOffset 4', 'too_low lookups none'])
  })

  it('are misplaced where the record that they are as of is not one of theirs', () => {
    const shard = new CountedShard(records)
    shard.forge({ ...shard.cell('lookups', 'default', 'pay'), asOf: 5 })
    expect(found(shard, left(3))).toEqual(['byOffset 4', 'misplaced lookups none'])
  })

  it('that add up states from before are not folded on', () => {
    const told = [registration(0), registration(1, { instance: 'b' }), registration(2, { operation: 'DEREGISTER' })]
    const shard = new CountedShard(told, 'registration')
    shard.forge(new CountedShard(told.slice(0, 2), 'registration').cell('registrations', 'default', 'cart'))
    expect(found(shard, referenceOf(told, { low: 2, kind: 'registration' }))).toEqual(['byOffset 1', 'unverifiable 2', 'stale registrations none'])
  })

  it('of a service are not stale for a state that was known before', () => {
    const observed = { source: 'consul', revision: 9, version: '1', operation: 'OBSERVE' } as const
    const told = [registration(0, observed), registration(1, observed)]
    const shard = new CountedShard(told, 'registration')
    expect(shard.cell('version', 'default', 'cart', '1').asOf).toBe(1)
    expect(found(shard, referenceOf(told, { low: 1, kind: 'registration' }))).toEqual(['byOffset 2', 'unverifiable 2'])
  })

  it('are too low where an agent\'s number is, which would let a repetition count', () => {
    const numbered = [1, 2, 3, 4].map(sequence => lookup(sequence - 1, { agentId: 'sdk/1', sequence }, 700 * sequence))
    const shard = new CountedShard(numbered)
    const low = shard.cell('sequences', '138')
    for (const number of low.last.values()) number.sequence = 2
    shard.forge(low)
    expect(found(shard, referenceOf(numbered, { low: 1 }))).toContain('too_low sequences none')
  })

  it('of an instance are not stale for a record that is older than what they hold', () => {
    const told = [registration(0, { source: 'consul', revision: 9 }), registration(1, { source: 'consul', revision: 3, operation: 'OBSERVE' })]
    const { differing } = compareShard(new CountedShard(told, 'registration').view, referenceOf(told, { low: 1, kind: 'registration' }), codec)
    expect(differing.filter(({ kind }) => kind === 'instance')).toEqual([])
  })
})

describe('cells of which something had no room', () => {
  const budgets = { edge: { total: 1, within: 1 } }
  const told = ['web', 'app', 'job', 'app'].map((client, offset) => lookup(offset, { client }))

  it('are exact where the whole input says what had', () => {
    expect(found(new CountedShard(told, 'lookup', budgets), referenceOf(told, { budgets }))).toEqual(['exact 5'])
  })

  it('are unverifiable where its beginning is deleted: what is left would have found room', () => {
    const shard = new CountedShard(told, 'lookup', budgets)
    expect(shard.view.cells.edge.get(keyOf('default', 'app', 'default', 'cart'))).toBe(undefined)
    expect(found(shard, referenceOf(told, { low: 2, budgets }))).toEqual(['byOffset 2', 'unverifiable 4'])
    expect(found(new CountedShard(told), referenceOf(told, { low: 2 }))).toEqual(['exact 1', 'byOffset 3', 'unverifiable 1'])
  })

  it('say nothing of kinds of which everything had room', () => {
    const roomy = { ...budgets, lookups: { total: 9, within: 9 } }
    const shard = new CountedShard(told, 'lookup', roomy)
    shard.forge(new CountedShard(told.slice(0, 3), 'lookup', roomy).cell('lookups', 'default', 'cart'))
    expect(found(shard, referenceOf(told, { low: 2, budgets: roomy }))).toContain('stale lookups fold_on')
  })

  it('are damaged all the same', () => {
    const shard = new CountedShard(told, 'lookup', budgets)
    shard.damage(shard.cell('edge', 'default', 'web', 'default', 'cart'))
    expect(found(shard, referenceOf(told, { low: 2, budgets }))).toContain('damaged edge none')
  })

  it('of registrations are so together, for they add each other up', () => {
    const registered = ['a', 'b', 'c'].map((instance, offset) => registration(offset, { instance, version: '1', status: 'PASSING' }))
    const few = { instance: { total: 9, within: 2 } }
    const shard = new CountedShard(registered, 'registration', few)
    expect(found(shard, referenceOf(registered, { low: 1, kind: 'registration', budgets: few })).filter(text => !/^(exact|byOffset|unverifiable)/.test(text))).toEqual([])
  })
})

import { describe, expect, it, vi } from 'vitest'
import { createEncoder, Decoder } from '../../src/contract/codec.ts'
import { eventDefaults } from '../../src/contract/events.ts'
import { PlainLookup } from '../../src/contract/plain-lookup.ts'
import { foldPlainLookup } from '../../src/core/fold.ts'
import { emptyState } from '../../src/core/state.ts'

const encode = createEncoder('lookup')

describe('look-ups of an edge that is known, by an agent that is known', () => {
  it('are counted by their bytes alone: no string is made of a name', () => {
    const plain = new PlainLookup(new Decoder('lookup'))
    const agentId = vi.spyOn(plain, 'agentId', 'get')
    const names = vi.spyOn(plain, 'names', 'get')
    const state = emptyState(0)
    const told = [1, 2, 3].map(sequence => {
      const bytes = encode({ ...eventDefaults.lookup, agentId: 'dns/a', sequence, client: 'cart', namespace: 'shop', service: 'stock', outcome: 'SUCCESS' })
      expect(plain.read(bytes, 0, bytes.length)).toBe(true)
      foldPlainLookup(state, plain, { offset: sequence - 1, appendTime: 1_700_000_000_000 })
      return [agentId, names].map(({ mock }) => mock.calls.length)
    })
    expect(told[0]?.every(calls => calls > 0)).toBe(true)
    expect(told[2]).toEqual(told[0])
    expect([...state.cells.lookups.values()].map(({ outcomes }) => outcomes)).toEqual([[0, 3, 0, 0]])
  })
})

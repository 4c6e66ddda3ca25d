import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { measures } from '../../src/page/shades.ts'
import { changePeriods, firstState, layouts, readState, writeState, type ViewState } from '../../src/page/view-state.ts'

const name = fc.string({ unit: fc.constantFrom('a', 'Z', '/', '%', ' ', '+', '&', '=', 'ü', '💳'), minLength: 1, maxLength: 6 })

const states: fc.Arbitrary<ViewState> = fc.record({
  namespace: fc.option(name), selected: fc.option(fc.record({ namespace: name, service: name })), around: fc.integer({ min: 0, max: 5 }),
  layout: fc.constantFrom(...layouts), measure: fc.constantFrom(...measures), hideIdle: fc.boolean(), failingOnly: fc.boolean(),
  grouped: fc.boolean(), changed: fc.constantFrom(...changePeriods),
}).map(state => state.selected === null ? { ...state, around: 0 } : state)

describe('the URL of a view', () => {
  it('leads to the very view, whatever the names', () => {
    fc.assert(fc.property(states, state => { expect(readState(writeState(state))).toEqual(state) }))
  })

  it('of the first view is bare', () => {
    expect(writeState(firstState)).toBe('')
    expect(readState('')).toEqual(firstState)
  })

  it('is read as the first view where it makes no sense', () => {
    expect(readState('?service=a&around=2&view=cube&colour=%FF&changed=1y&idle=yes')).toEqual(firstState)
    expect(readState('?service=a/b/c&around=1')).toEqual(firstState)
    expect(readState('?service=%25E0%25A4%25A/b')).toEqual(firstState)
    expect(readState('?service=a/b&around=9').around).toBe(5)
  })

  it('is short', () => {
    expect(writeState({ ...firstState, selected: { namespace: 'shop', service: 'cart' }, around: 1 })).toBe('?service=shop%2Fcart&around=1')
  })
})

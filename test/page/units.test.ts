import { describe, expect, it } from 'vitest'
import { ageText, countOf, rateText, ratioText, secondsText } from '../../src/page/units.ts'

describe('a number on the page', () => {
  it('has its unit, and no more figures than say something', () => {
    expect([0, 0.004, 0.123456, 12, 1_234.5].map(rateText)).toEqual(['0/s', '<0.01/s', '0.123/s', '12/s', '1,235/s'])
    expect([null, 0, 0.000_001, 0.012_34, 1].map(ratioText)).toEqual(['–', '0 %', '<0.01 %', '1.23 %', '100 %'])
    expect([null, 0.000_09, 0.001, 0.012_34, 2.5].map(secondsText)).toEqual(['–', '90 µs', '1 ms', '12.3 ms', '2.5 s'])
    expect([countOf(1, 'service'), countOf(20_000, 'service')]).toEqual(['1 service', '20,000 services'])
  })

  it('of an age is in whole seconds, minutes, hours or days; the future is now', () => {
    const ages = [-5_000, 59_999, 60_000, 3_600_000, 100_000_000].map(age => ageText(1_000_000_000 - age, 1_000_000_000))
    expect(ages).toEqual(['0 s ago', '59 s ago', '1 min ago', '1 h ago', '1 d ago'])
  })
})

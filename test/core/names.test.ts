import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyOf, labelValues, namesOf } from '../../src/core/names.ts'

/** Names made of what a key is made of itself, and worse. */
const awkward = fc.string({ unit: fc.constantFrom('0', '1', '2', '.', ' ', '/', '\0', 'a', 'é', '💳'), maxLength: 6 })

describe('a key of names', () => {
  it('is the same for the same names', () => {
    fc.assert(fc.property(fc.array(awkward, { maxLength: 4 }), names => {
      expect(keyOf(...names)).toBe(keyOf(...structuredClone(names)))
    }))
  })

  it('differs for different names, whatever they are made of and however many there are', () => {
    fc.assert(fc.property(fc.array(awkward, { maxLength: 4 }), fc.array(awkward, { maxLength: 4 }), (left, right) => {
      expect(keyOf(...left) === keyOf(...right)).toBe(JSON.stringify(left) === JSON.stringify(right))
    }), { numRuns: 2_000 })
  })

  it('differs for one text that is cut into names at different places', () => {
    const cuts = fc.uniqueArray(fc.nat({ max: 12 }), { minLength: 1, maxLength: 4 })
    const text = fc.string({ unit: fc.constantFrom('0', '1', '.', ' '), minLength: 12, maxLength: 12 })
    fc.assert(fc.property(text, cuts, cuts, (whole, left, right) => {
      const [a, b] = [cutAt(whole, left), cutAt(whole, right)]
      expect(keyOf(...a) === keyOf(...b)).toBe(JSON.stringify(a) === JSON.stringify(b))
    }), { numRuns: 2_000 })
  })
})

describe('the names of a key', () => {
  it('are those that it was made of, whatever they are made of and however many there are', () => {
    fc.assert(fc.property(fc.array(fc.oneof(awkward, fc.string({ unit: 'binary' })), { minLength: 1, maxLength: 5 }), names => {
      expect(namesOf(keyOf(...names))).toEqual(names)
    }), { numRuns: 1_000 })
  })

  it.each(['', 'cart', '4', '4 car', '4 carts', '4.x cart', '-1 a', '1e0 a', '04 cart', ' cart', '1.1 abc', '2.-1 a'])('are not had of %j', text => {
    expect(() => namesOf(text)).toThrow(RangeError)
  })

  it('are had of any text, or it is refused', () => {
    fc.assert(fc.property(fc.oneof(awkward, fc.string()), text => {
      expect(rekeyed(text)).toBe(text)
    }), { numRuns: 1_000 })
  })
})

/** The key of the names of a key; a text that is none stays as it is. */
function rekeyed(text: string): string {
  try {
    return keyOf(...namesOf(text))
  } catch (error) {
    if (error instanceof RangeError) return text
    throw error
  }
}

describe('label values', () => {
  it('are an enum\'s symbols in lower case, in their order', () => {
    expect(labelValues(['RATE_LIMITED', 'NONE'])).toEqual(['rate_limited', 'none'])
  })
})

function cutAt(text: string, places: readonly number[]): string[] {
  const sorted = [0, ...places.toSorted((a, b) => a - b), text.length]
  return sorted.slice(1).map((end, index) => text.slice(sorted[index], end))
}

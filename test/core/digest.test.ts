import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Digest, hashOf, KeyHash } from '../../src/core/digest.ts'

type Entry = [key: string, asOf: number]
const asOf = fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: Number.MAX_SAFE_INTEGER }))
const entries = fc.uniqueArray(fc.tuple(fc.string({ maxLength: 5 }), asOf), { maxLength: 20, selector: ([key]) => key })

const sorted = (all: readonly Entry[]) => JSON.stringify(all.toSorted(([one], [other]) => (one < other ? -1 : 1)))

function digestOf(all: readonly Entry[]): string {
  const digest = new Digest()
  for (const [key, offset] of all) digest.add(key, offset)
  return String(digest)
}

describe('a digest', () => {
  it('is the same in whatever order cells came, and whatever came and went meanwhile', () => {
    fc.assert(fc.property(entries, entries, fc.infiniteStream(fc.nat({ max: 9 })), (all, others, places) => {
      const shuffled = all.map(entry => ({ entry, place: places.next().value ?? 0 })).toSorted((a, b) => a.place - b.place).map(({ entry }) => entry)
      const digest = new Digest()
      for (const [key, offset] of others) digest.add(key, offset)
      for (const [key, offset] of shuffled) digest.add(key, offset)
      for (const [key, offset] of others) digest.remove(key, offset)
      expect(String(digest)).toBe(digestOf(all))
    }), { numRuns: 300 })
  })

  it('differs for different cells', () => {
    fc.assert(fc.property(entries, entries, (one, other) => {
      expect(digestOf(one) === digestOf(other)).toBe(sorted(one) === sorted(other))
    }), { numRuns: 500 })
  })

  it('differs where one cell is as of the next offset, at any height', () => {
    const at = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER - 1]
    for (const offset of at) expect(digestOf([['a', offset]])).not.toBe(digestOf([['a', offset + 1]]))
    expect(new Set(at.map(offset => digestOf([['a', offset]]))).size).toBe(at.length)
  })

  it('of nothing is zero, and any is sixteen hex digits', () => {
    expect(digestOf([])).toBe('0'.repeat(16))
    fc.assert(fc.property(entries, all => { expect(digestOf(all)).toMatch(/^[0-9a-f]{16}$/) }))
  })

  it('is the same of keys that are hashed already, and of two sets together', () => {
    fc.assert(fc.property(entries, entries, (one, other) => {
      const [digest, added] = [new Digest(), new Digest()]
      for (const [key, offset] of one) digest.addHashed(new KeyHash().ofText(key), offset)
      for (const [key, offset] of other) added.add(key, offset)
      digest.addAll(added)
      expect(String(digest)).toBe(digestOf([...one, ...other]))
      for (const [key, offset] of one) digest.removeHashed(new KeyHash().ofText(key), offset)
      expect(String(digest)).toBe(digestOf(other))
    }))
  })

  it('spreads: among a hundred thousand cells no two are alike in either half', () => {
    const all = Array.from({ length: 100_000 }, (_, index) => digestOf([[`default.cart-${index % 1_000}`, index]]))
    expect(new Set(all).size).toBe(all.length)
  })
})

const hashed = ({ low, high }: KeyHash) => [low, high]

describe('the hash of a key', () => {
  const text = fc.string({ unit: fc.oneof(fc.constantFrom('a', 'b', '\0', '\x7f', '\x80'), fc.constantFrom('é', '💳', '\uffff')), maxLength: 12 })

  it('is that of its UTF-8 bytes, wherever they stand', () => {
    fc.assert(fc.property(text, fc.nat({ max: 5 }), (key, shift) => {
      const bytes = Buffer.concat([Buffer.alloc(shift, 1), Buffer.from(key), Buffer.alloc(3, 2)])
      expect(hashed(new KeyHash().ofBytes(bytes, shift, bytes.length - 3))).toEqual(hashed(new KeyHash().ofText(key)))
    }))
  })

  it('differs for different keys, also where only zeros follow', () => {
    fc.assert(fc.property(text, text, (one, other) => {
      expect(String(hashed(new KeyHash().ofText(one))) === String(hashed(new KeyHash().ofText(other)))).toBe(one === other)
    }), { numRuns: 500 })
    expect(new Set([0, 1, 2, 3, 4, 5].map(length => new KeyHash().ofText('\0'.repeat(length)).low)).size).toBe(6)
  })
})

describe('a hash of bytes', () => {
  it('differs for different bytes, also where only zeros follow', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 30 }), fc.uint8Array({ maxLength: 30 }), (one, other) => {
      expect(hashOf(one) === hashOf(other)).toBe(Buffer.from(one).equals(Buffer.from(other)))
    }), { numRuns: 500 })
    expect(new Set([0, 1, 2, 3].map(length => hashOf(Buffer.alloc(length)))).size).toBe(4)
  })

  it('is what checkpoints hold: it never changes from one release to the next', () => {
    expect([hashOf(Buffer.alloc(0)), hashOf(Buffer.from('discovery')), digestOf([['7.4 defaultcart', 123]])]).toMatchInlineSnapshot(`
      [
        "c3af8c97048e72bd",
        "af3a431e6c5b63aa",
        "8d6112f486ce03b7",
      ]
    `)
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HashIndex } from '../../src/checkpoint/hash-index.ts'

/** The entries that have a hash, as far as the index knows. */
function found(index: HashIndex, low: number): number[] {
  const entries: number[] = []
  const part = index.partOf({ low, high: 0 })
  for (let slot = part.slotOf({ low, high: 0 }); part.entryIn(slot) >= 0; slot = part.behind(slot)) {
    if (part.lowIn(slot) === low) entries.push(part.entryIn(slot))
  }
  return entries.toSorted((a, b) => a - b)
}

const hashOf = (entry: number) => Math.imul(entry, 0x9e37_79b1)

/** Few, so that many are alike, or any. */
const low = fc.oneof(fc.nat({ max: 6 }), fc.integer())

describe('an index of entries by their hashes', () => {
  it('has those that were added and not removed, each under its hash', () => {
    fc.assert(fc.property(fc.array(fc.tuple(low, fc.nat({ max: 80 })), { maxLength: 500 }), steps => {
      const index = new HashIndex()
      const expected = new Map<number, number>()
      for (const [hash, entry] of steps) {
        const held = expected.get(entry)
        if (held === undefined) index.add(entry, { low: hash, high: 0 })
        else index.remove(entry, { low: held, high: 0 })
        if (held === undefined) expected.set(entry, hash)
        else expected.delete(entry)
      }
      for (const hash of new Set(steps.map(([each]) => each))) {
        expect(found(index, hash)).toEqual([...expected].filter(([, each]) => each === hash).map(([entry]) => entry).toSorted((a, b) => a - b))
      }
    }), { numRuns: 300 })
  })

  it('has a hundred thousand, and then all but every third of them', () => {
    const index = new HashIndex()
    for (let entry = 0; entry < 100_000; entry++) index.add(entry, { low: hashOf(entry), high: 0 })
    for (let entry = 0; entry < 100_000; entry += 3) index.remove(entry, { low: hashOf(entry), high: 0 })
    const wrong = Array.from({ length: 100_000 }, (_, entry) => entry).filter(entry => found(index, hashOf(entry)).join() !== (entry % 3 === 0 ? '' : `${entry}`))
    expect(wrong).toEqual([])
  })

  it('parts what it has before it gets large', () => {
    const index = new HashIndex()
    for (let entry = 0; entry < 100_000; entry++) index.add(entry, { low: Math.imul(entry, 0x85eb_ca6b), high: 0 })
    expect(Math.max(...Array.from({ length: 1_000 }, (_, entry) => index.partOf({ low: Math.imul(entry, 0x85eb_ca6b), high: 0 }).slots))).toBe(16_384)
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EntryRows } from '../../src/checkpoint/entry-rows.ts'
import { KeyHash } from '../../src/core/digest.ts'

const number = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const head = fc.record({ epoch: number, asOf: number, expiresAt: number })

describe('rows of entries', () => {
  it('say what was last set, whatever is added and deleted meanwhile', () => {
    const step = fc.record({ row: fc.nat({ max: 40 }), key: fc.string({ maxLength: 9 }), address: fc.integer(), bytes: fc.nat(), head, flag: fc.boolean() })
    fc.assert(fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const rows = new EntryRows()
      const numbers: number[] = []
      const expected = new Map<number, object>()
      for (const { row, key, address, bytes, head: set, flag } of steps) {
        const entry = numbers[row]
        if (entry === undefined) {
          const added = rows.add(new KeyHash().ofText(key))
          numbers.push(added)
          rows.setAddress(added, address)
          rows.setValue(added, bytes, set)
          if (flag) rows.flag(added)
          const { low, high, length } = new KeyHash().ofText(key)
          expected.set(added, { low, high, length, address, bytes, ...set, flag })
        } else {
          rows.delete(entry)
          numbers.splice(row, 1)
          expected.delete(entry)
        }
      }
      const held = Array.from({ length: rows.end }, (_, entry) => entry).filter(entry => rows.has(entry))
      expect(new Map(held.map(entry => [entry, {
        ...rows.hashOf(entry), length: rows.keyBytes(entry), address: rows.address(entry), bytes: rows.valueBytes(entry), epoch: rows.epoch(entry),
        asOf: rows.asOf(entry), expiresAt: rows.expiresAt(entry), flag: rows.isFlagged(entry),
      }]))).toEqual(new Map([...expected].toSorted(([a], [b]) => a - b)))
      expect([rows.size, rows.end <= steps.length]).toEqual([expected.size, true])
    }), { numRuns: 200 })
  })

  it('of more than a page keep their numbers, and those of deleted ones are used again', () => {
    const rows = new EntryRows()
    const key = new KeyHash()
    for (let entry = 0; entry < 10_000; entry++) {
      expect(rows.add(key.ofText(`${entry}`))).toBe(entry)
      rows.setValue(entry, entry, { epoch: entry, asOf: -entry, expiresAt: entry / 2 })
    }
    expect(Array.from({ length: 10_000 }, (_, entry) => entry).filter(entry =>
      !rows.mayBeOf(entry, key.ofText(`${entry}`)) || rows.valueBytes(entry) !== entry || rows.asOf(entry) !== -entry)).toEqual([])
    rows.delete(17)
    rows.delete(8_000)
    expect([rows.size, rows.add(key), rows.add(key), rows.add(key), rows.end]).toEqual([9_998, 8_000, 17, 10_000, 10_001])
  })
})

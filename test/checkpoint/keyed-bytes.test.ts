import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Head } from '../../src/checkpoint/codec.ts'
import { KeyedBytes } from '../../src/checkpoint/keyed-bytes.ts'
import { KeyHash } from '../../src/core/digest.ts'

const head = (epoch: number, expiresAt = 0): Head => ({ epoch, asOf: 2 ** 40 + epoch, expiresAt })

function put(held: KeyedBytes, key: string, { value, by = head(1) }: { value: Uint8Array; by?: Head }): void {
  const hash = new KeyHash().ofText(key)
  const entry = held.find(hash)
  const record = { bytes: Buffer.concat([Buffer.from('junk'), value, Buffer.from('junk')]), valueStart: 4, valueEnd: 4 + value.length }
  if (entry < 0) held.add(hash, record, by)
  else held.set(entry, record, by)
}

/** A value's length, other in each round. */
const lengthOf = (number: number, round: number) => 50 + (number * 7 + round * 31) % 200

/** All that is held, by key, each found under its key. */
function contents(held: KeyedBytes): Map<string, object> {
  return new Map(Array.from(held.entries(), entry => {
    const key = held.key(entry)
    expect(held.findText(key)).toBe(entry)
    const { low, high } = new KeyHash().ofText(key)
    expect(held.hashOf(entry)).toEqual({ low, high })
    return [key, { value: held.value(entry).toString('hex'), epoch: held.epoch(entry), asOf: held.asOf(entry), expiresAt: held.expiresAt(entry) }]
  }))
}

const steps = fc.array(fc.oneof(
  fc.record({ key: fc.nat({ max: 120 }), value: fc.uint8Array({ maxLength: 60 }), epoch: fc.nat() }),
  fc.record({ key: fc.nat({ max: 120 }), value: fc.constant(null), epoch: fc.nat() }),
  fc.record({ key: fc.nat({ max: 120 }), value: fc.nat({ max: 3_000 }).map(length => new Uint8Array(length).fill(length)), epoch: fc.nat() }),
), { maxLength: 600 })

describe('bytes by keys', () => {
  it('are as a map would have them, whatever is put, overwritten and deleted', () => {
    fc.assert(fc.property(steps, all => {
      const held = new KeyedBytes()
      const expected = new Map<string, object>()
      for (const { key: number, value, epoch } of all) {
        const key = `${number} é`.repeat(1 + number % 3)
        if (value === null) {
          const entry = held.findText(key)
          if (entry >= 0) held.delete(entry)
          expected.delete(key)
        } else {
          put(held, key, { value, by: head(epoch, epoch % 3) })
          expected.set(key, { value: Buffer.from(value).toString('hex'), ...head(epoch, epoch % 3) })
        }
        expect(held.size).toBe(expected.size)
      }
      expect(contents(held)).toEqual(expected)
      for (let number = 0; number <= 120; number++) {
        const key = `${number} é`.repeat(1 + number % 3)
        expect(held.findText(key) >= 0).toBe(expected.has(key))
      }
    }), { numRuns: 200 })
  })

  it('of tens of thousands of keys are each found, however many were deleted meanwhile', () => {
    const held = new KeyedBytes()
    for (let number = 0; number < 30_000; number++) put(held, `9.9 shop-${number}`, { value: Buffer.from(String(number)) })
    for (let number = 0; number < 30_000; number++) if (number % 3 > 0) held.delete(held.findText(`9.9 shop-${number}`))
    for (let number = 30_000; number < 40_000; number++) put(held, `9.9 shop-${number}`, { value: Buffer.from(String(number)) })
    const wrong: number[] = []
    for (let number = 0; number < 40_000; number++) {
      const entry = held.findText(`9.9 shop-${number}`)
      const isThere = number % 3 === 0 || number >= 30_000
      if (entry >= 0 !== isThere || (isThere && held.value(entry).toString() !== String(number))) wrong.push(number)
    }
    expect([held.size, wrong]).toEqual([20_000, []])
  })

  it('of keys that all have one hash are found, slow as it is, though no bit of it tells them apart', () => {
    const held = new KeyedBytes()
    const keys = Array.from({ length: 12_000 }, (_, number) => Object.assign(new KeyHash().ofText(`key ${number}`), { low: 5, high: number }))
    const value = { bytes: Buffer.from('v'), valueStart: 0, valueEnd: 1 }
    const added = keys.map(key => held.add(key, value, head(1)))
    for (let number = 0; number < keys.length; number += 997) expect(held.find(keys[number] as KeyHash)).toBe(added[number])
  })

  it('of keys with one hash are told apart', () => {
    const held = new KeyedBytes()
    const [one, other] = alike()
    put(held, one, { value: Buffer.from('one') })
    expect(held.findText(other)).toBe(-1)
    put(held, other, { value: Buffer.from('other') })
    held.delete(held.findText(one))
    expect([held.findText(one), held.value(held.findText(other)).toString()]).toEqual([-1, 'other'])
  })

  it('that grow and shrink take no more room than a little over what they need', () => {
    const held = new KeyedBytes()
    for (let round = 0; round < 20; round++) {
      for (let number = 0; number < 5_000; number++) put(held, `key ${number}`, { value: Buffer.alloc(lengthOf(number, round), round) })
    }
    expect(held.bytes).toBeLessThan(5_000 * (250 + 30) * 1.5)
    for (let number = 0; number < 5_000; number++) {
      expect(held.value(held.findText(`key ${number}`)).equals(Buffer.alloc(lengthOf(number, 19), 19))).toBe(true)
    }
  })

  it('lose their mark with a new value', () => {
    const held = new KeyedBytes()
    put(held, 'a', { value: Buffer.from('1') })
    const entry = held.findText('a')
    expect(held.isFlagged(entry)).toBe(false)
    held.flag(entry)
    expect(held.isFlagged(entry)).toBe(true)
    put(held, 'a', { value: Buffer.from('2') })
    expect(held.isFlagged(entry)).toBe(false)
  })
})

/** Two texts of the same length whose hashes agree in the lower half: enough to meet in one slot. */
function alike(): [string, string] {
  const seen = new Map<number, string>()
  const hash = new KeyHash()
  for (let number = 0; ; number++) {
    const text = number.toString(36).padStart(8, '0')
    const { low } = hash.ofText(text)
    const other = seen.get(low)
    if (other !== undefined) return [other, text]
    seen.set(low, text)
  }
}

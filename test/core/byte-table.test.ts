import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteTable } from '../../src/core/byte-table.ts'

const keys = fc.uint8Array({ maxLength: 12, max: 3 })

const viewOf = ({ buffer, byteOffset, length }: Uint8Array) => new DataView(buffer, byteOffset, length)
const long = (byte: number) => viewOf(Buffer.alloc(1_000, byte))

describe('a table of items by bytes', () => {
  it('finds what was added by the same bytes, wherever they stand, and nothing by others', () => {
    fc.assert(fc.property(fc.array(keys, { maxLength: 300 }), fc.array(keys), fc.nat({ max: 9 }), (added, others, shift) => {
      const table = new ByteTable<string>(1_000)
      const expected = new Map<string, string>()
      for (const key of added) {
        const name = key.join()
        if (!expected.has(name)) table.add(viewOf(key), { start: 0, end: key.length }, name)
        expected.set(name, name)
      }
      expect(table.size).toBe(expected.size)
      for (const key of [...added, ...others]) {
        const within = Uint8Array.from([...Array.from({ length: shift }, () => 7), ...key, 7])
        expect(table.find(viewOf(within), shift, shift + key.length)).toBe(expected.get(key.join()))
      }
    }))
  })

  it('forgets all when it is full, and goes on with what comes', () => {
    const table = new ByteTable<number>(100)
    const add = (number: number) => table.add(viewOf(Buffer.from(`key ${number}`)), { start: 0, end: `key ${number}`.length }, number)
    const find = (number: number) => table.find(viewOf(Buffer.from(`key ${number}`)), 0, `key ${number}`.length)
    for (let number = 0; number < 100; number++) add(number)
    expect([table.size, find(0), find(99)]).toEqual([100, 0, 99])
    add(100)
    expect([table.size, find(0), find(100)]).toEqual([1, undefined, 100])
  })

  it('forgets all before its keys take more than they may', () => {
    const table = new ByteTable<number>(10)
    table.add(long(1), { start: 0, end: 1_000 }, 1)
    table.add(long(2), { start: 0, end: 1_000 }, 2)
    expect([table.find(long(1), 0, 1_000), table.find(long(2), 0, 1_000)]).toEqual([undefined, 2])
    table.add(viewOf(Buffer.alloc(2_000)), { start: 0, end: 2_000 }, 3)
    expect([table.size, table.find(viewOf(Buffer.alloc(2_000)), 0, 2_000)]).toEqual([0, undefined])
  })
})

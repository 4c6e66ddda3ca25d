import * as fc from 'fast-check'
import avro from 'avsc'
import { describe, expect, it } from 'vitest'
import { LongReader, pack, unpack } from '../../src/checkpoint/packed.ts'
import { LARGEST_LONG } from '../contract/arbitrary-events.ts'

const number = fc.oneof(fc.integer(), fc.nat({ max: LARGEST_LONG }), fc.constantFrom(0, -1, 63, 64, -64, -65, 2 ** 31, 2 ** 32, 2 ** 52, LARGEST_LONG))
const long = avro.Type.forSchema('long')

describe('packed numbers', () => {
  it('are unpacked as they were', () => {
    fc.assert(fc.property(fc.array(number, { maxLength: 200 }), numbers => {
      expect(unpack(pack(numbers), numbers.length)).toEqual(numbers)
    }), { numRuns: 500 })
  })

  it('are Avro longs, one after the other', () => {
    fc.assert(fc.property(fc.array(number.filter(each => each !== 0)), numbers => {
      expect(pack(numbers)).toEqual(Buffer.concat(numbers.map(each => long.toBuffer(each))))
    }))
  })

  it('leave the zeros at the end out, and have them again when they are unpacked', () => {
    expect(pack([0, 5, 0, 0])).toEqual(Buffer.from([0, 10]))
    expect(unpack(Buffer.from([0, 10]), 4)).toEqual([0, 5, 0, 0])
    expect([pack([]), pack([0, 0])]).toEqual([Buffer.alloc(0), Buffer.alloc(0)])
  })

  it('of a newer version, which has more of them, are all kept', () => {
    expect(unpack(pack([1, 2, 3]), 2)).toEqual([1, 2, 3])
  })

  it('are apart from those that are packed next', () => {
    const first = pack([1, 2, 3])
    pack([9, 9, 9])
    expect(unpack(first, 3)).toEqual([1, 2, 3])
  })

  it.each([['within a number', [0x80]], ['within the second', [2, 0xff]], ['never within ten bytes', Array.from({ length: 12 }, () => 0x80)]])(
    'that end %s are damaged', (_, bytes) => {
      expect(() => unpack(Buffer.from(bytes), 1)).toThrow(RangeError)
    })
})

describe('a reader of longs', () => {
  it('begins where it is told and says where it stands', () => {
    const reader = new LongReader(Buffer.concat([Buffer.from([0xff]), long.toBuffer(300), long.toBuffer(-2)]), 1)
    expect([reader.next(), reader.at, reader.next(), reader.at]).toEqual([300, 3, -2, 4])
    expect(() => reader.next()).toThrow('the bytes end within a number')
  })
})

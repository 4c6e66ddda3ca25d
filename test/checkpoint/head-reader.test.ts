import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckpointCodec } from '../../src/checkpoint/codec.ts'
import { HeadReader } from '../../src/checkpoint/head-reader.ts'
import { blankCell } from '../../src/core/blank-cells.ts'

const codec = new CheckpointCodec()
const long = fc.oneof(fc.nat({ max: 200 }), fc.integer({ min: -5, max: 2 ** 52 }))
const head = fc.record({ epoch: long, asOf: long, expiresAt: long })
const fieldsOf = ({ epoch, asOf, expiresAt }: HeadReader) => ({ epoch, asOf, expiresAt })

describe('the head of a value', () => {
  it('is read as it was written, wherever the value stands', () => {
    const reader = new HeadReader()
    fc.assert(fc.property(head, fc.nat({ max: 9 }), ({ epoch, asOf, expiresAt }, shift) => {
      const value = codec.encodeCell(Object.assign(blankCell('version', ['a', 'b', 'c']), { asOf, expiresAt }), epoch)
      const bytes = Buffer.concat([Buffer.alloc(shift, 0xff), value, Buffer.alloc(3, 0xff)])
      expect(fieldsOf(reader.read(bytes, shift, shift + value.length))).toEqual({ epoch, asOf, expiresAt })
    }))
  })

  it.each(['', 'c301', 'c30100000000000000', 'c3010000000000000000', 'c30100000000000000000204', 'c20100000000000000000204060809',
    `c3010000000000000000${'ff'.repeat(12)}`])('is not in %s', hex => {
    const bytes = Buffer.from(hex, 'hex')
    expect(() => new HeadReader().read(bytes, 0, bytes.length)).toThrow(RangeError)
  })

  it('is not read beyond the value', () => {
    const bytes = Buffer.from('c301000000000000000002040608', 'hex')
    expect(fieldsOf(new HeadReader().read(bytes, 0, 13))).toEqual({ epoch: 1, asOf: 2, expiresAt: 3 })
    expect(() => new HeadReader().read(bytes, 0, 12)).toThrow(RangeError)
  })
})

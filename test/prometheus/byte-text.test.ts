import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteText } from '../../src/prometheus/byte-text.ts'
import { escapeLabelValue, numberText } from '../../src/prometheus/text.ts'

const texts = fc.string({ unit: 'binary' })
const pieces = fc.oneof(
  fc.tuple(fc.constant('text' as const), texts), fc.tuple(fc.constant('label' as const), texts),
  fc.tuple(fc.constant('bytes' as const), texts), fc.tuple(fc.constant('number' as const), fc.oneof(fc.double(), fc.integer(), fc.maxSafeNat())),
  fc.tuple(fc.constant('text' as const), fc.nat({ max: 70_000 }).map(length => 'x'.repeat(length))),
)

describe('text as bytes', () => {
  it('is the UTF-8 of its pieces, one behind the other, label values escaped', () => {
    fc.assert(fc.property(fc.array(pieces), all => {
      const text = new ByteText()
      let expected = ''
      for (const [kind, piece] of all) {
        if (kind === 'number') text.writeNumber(piece)
        else if (kind === 'label') text.writeLabelValue(piece)
        else if (kind === 'text') text.write(piece)
        else text.writeBytes(Buffer.from(piece))
        expected += kind === 'number' ? numberText(piece) : kind === 'label' ? escapeLabelValue(piece) : piece
      }
      expect(Buffer.concat(text.take()).toString()).toBe(Buffer.from(expected).toString())
      expect(text.take()).toEqual([])
    }))
  })

  it('stays as it was handed over when more is written', () => {
    const text = new ByteText()
    text.write('first')
    const first = text.take()
    text.write('second')
    expect(Buffer.concat(first).toString()).toBe('first')
    expect(Buffer.concat(text.take()).toString()).toBe('second')
  })
})

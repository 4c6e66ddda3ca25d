import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bytes, ByteText } from '../../src/prometheus/byte-text.ts'
import { PlainSink } from '../../src/prometheus/text-sink.ts'
import { escapeLabelValue, numberText } from '../../src/prometheus/text.ts'

const texts = fc.string({ unit: 'binary' })
const long = fc.nat({ max: 70_000 }).map(length => 'x'.repeat(length))
const numbers = fc.oneof(fc.double(), fc.integer(), fc.maxSafeNat(), fc.nat(), fc.nat({ max: 2 ** 20 }).map(n => n * 10 ** 9))
const pieces = fc.oneof(
  fc.record({ text: fc.oneof(texts, long) }), fc.record({ label: texts }),
  fc.record({ name: texts, labels: texts, value: numbers, micros: fc.boolean() }))

/** Text, and what hands over what was written since it was last asked. */
function textIn(): { text: ByteText; take: () => Buffer[] } {
  const sink = new PlainSink()
  const text = new ByteText(sink)
  return { text, take: () => (text.close(), sink.chunks.splice(0)) }
}

describe('text as bytes', () => {
  it('is the UTF-8 of its pieces, one behind the other, label values escaped', () => {
    fc.assert(fc.property(fc.array(pieces), all => {
      const { text, take } = textIn()
      let expected = ''
      for (const piece of all) {
        if ('text' in piece) text.write(piece.text)
        else if ('label' in piece) text.writeLabelValue(piece.label)
        else {
          const parts = [Bytes.of(piece.name), { labels: Bytes.of(piece.labels), close: Bytes.of('} ') }, piece.value] as const
          if (piece.micros) text.writeMicrosLine(...parts)
          else text.writeLine(...parts)
        }
        if ('text' in piece) expected += wellFormed(piece.text)
        else if ('label' in piece) expected += wellFormed(escapeLabelValue(piece.label))
        else expected += `${wellFormed(piece.name)}${wellFormed(piece.labels)}} ${numberText(piece.micros ? piece.value / 1_000_000 : piece.value)}\n`
      }
      expect(Buffer.concat(take()).toString()).toBe(expected)
      expect(take()).toEqual([])
    }))
  })

  it('has millionths as the number that they are would be spelt', () => {
    fc.assert(fc.property(fc.oneof(fc.nat({ max: 2_000_000 }), fc.nat(), fc.maxSafeNat(), fc.nat({ max: 10 ** 6 }).map(n => n * 10 ** 6)), micros => {
      const { text, take } = textIn()
      text.writeMicrosLine(Bytes.of('a'), { labels: Bytes.of('{'), close: Bytes.of('} ') }, micros)
      expect(Buffer.concat(take()).toString()).toBe(`a{} ${micros / 1_000_000}\n`)
    }), { numRuns: 1_000 })
  })

  it('stays as it was handed over when more is written', () => {
    const { text, take } = textIn()
    text.write('first')
    const first = take()
    text.write('second')
    expect(Buffer.concat(first).toString()).toBe('first')
    expect(Buffer.concat(take()).toString()).toBe('second')
  })

  it('of which the end is cut off goes on from there', () => {
    const bytes = Bytes.of('shop,cart')
    bytes.length = 5
    bytes.add(Bytes.of('a rather long name of a service'))
    expect(Buffer.from(bytes.bytes.subarray(0, bytes.length)).toString()).toBe('shop,a rather long name of a service')
  })
})

/** As UTF-8 has it: half of a surrogate pair is none of its characters. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

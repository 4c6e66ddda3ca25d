import avro from 'avsc'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AvroReader } from '../../src/contract/avro-reader.ts'
import { AvroWriter } from '../../src/contract/avro-writer.ts'
import { LARGEST_LONG } from './arbitrary-events.ts'

const number = fc.oneof(
  fc.integer(), fc.nat({ max: LARGEST_LONG }), fc.nat({ max: 2 ** 52 }).map(each => 0 - each),
  fc.constantFrom(0, -1, 63, 64, -64, -65, 2 ** 27 - 1, 2 ** 27, 2 ** 31, 2 ** 32, 2 ** 34, 2 ** 52, LARGEST_LONG))
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ unit: 'binary-ascii', maxLength: 80 }))
const [long, string, bytes] = [avro.Type.forSchema('long'), avro.Type.forSchema('string'), avro.Type.forSchema('bytes')]
const written = (write: (out: AvroWriter) => void): Buffer => {
  const out = new AvroWriter()
  write(out)
  return out.take()
}
const countsIn = (numbers: readonly number[]) => written(out => { out.counts(numbers) })
const zerosOff = (numbers: readonly number[]) => numbers.slice(0, numbers.findLastIndex(each => each !== 0) + 1)

describe('numbers, texts and truths', () => {
  it('are written as avsc writes them, and read as they were', () => {
    fc.assert(fc.property(number, text, fc.boolean(), (given, said, isTrue) => {
      const all = written(out => { out.long(given); out.string(said); out.boolean(isTrue) })
      expect(all).toEqual(Buffer.concat([long.toBuffer(given), string.toBuffer(said), Buffer.from([isTrue ? 1 : 0])]))
      const reader = new AvroReader(all)
      expect([reader.long(), reader.string(), reader.boolean(), reader.isAtEnd]).toEqual([given, said, isTrue, true])
    }), { numRuns: 1_000 })
  })

  it('are read from where the reader is told, which says where it stands', () => {
    const reader = new AvroReader(Buffer.concat([Buffer.from([0xff]), long.toBuffer(300), long.toBuffer(-2)]), 1)
    expect([reader.long(), reader.at, reader.long(), reader.isAtEnd]).toEqual([300, 3, -2, true])
    expect(() => reader.long()).toThrow('the bytes end within a value')
  })
})

describe('counts', () => {
  it('are bytes: Avro longs one after the other, without the zeros at the end', () => {
    fc.assert(fc.property(fc.array(number, { maxLength: 200 }), numbers => {
      expect(countsIn(numbers)).toEqual(bytes.toBuffer(Buffer.concat(zerosOff(numbers).map(each => long.toBuffer(each)))))
    }), { numRuns: 500 })
  })

  it('are read as they were, with zeros up to the length asked for', () => {
    fc.assert(fc.property(fc.array(number, { maxLength: 200 }), fc.nat({ max: 20 }), (numbers, more) => {
      const reader = new AvroReader(countsIn(numbers))
      expect([reader.counts(numbers.length + more), reader.isAtEnd]).toEqual([[...numbers, ...Array.from({ length: more }, () => 0)], true])
    }))
  })

  it('of a newer version, which has more of them, are all kept', () => {
    expect(new AvroReader(countsIn([1, 2, 3])).counts(2)).toEqual([1, 2, 3])
  })

  it('of a histogram stand behind its sum', () => {
    fc.assert(fc.property(number, fc.array(number, { maxLength: 20 }), (sum, counts) => {
      const all = written(out => { out.histogram({ sum, counts }) })
      expect(all).toEqual(countsIn([sum, ...counts]))
      expect(new AvroReader(all).histogram(counts.length)).toEqual({ sum, counts })
    }))
  })

  it.each([
    ['within a number', [2, 0x80]], ['within the second', [4, 2, 0xff]], ['before the bytes that were told', [8, 2, 2]],
    ['never within ten bytes', [24, ...Array.from({ length: 12 }, () => 0x80)]], ['before they begin', [1]],
  ])('that end %s are damaged, also for who passes over them', (_, damaged) => {
    expect(() => new AvroReader(Buffer.from(damaged)).counts(1)).toThrow(RangeError)
    expect(() => new AvroReader(Buffer.from(damaged)).histogram(1)).toThrow(RangeError)
    expect(() => { new AvroReader(Buffer.from(damaged)).skipCounts() }).toThrow(RangeError)
  })
})

describe('a writer', () => {
  it('never writes again to what was taken, however much is', () => {
    fc.assert(fc.property(fc.array(fc.oneof(text, fc.nat({ max: 70_000 }).map(length => 'é'.repeat(length))), { maxLength: 60 }), texts => {
      const out = new AvroWriter()
      const taken = texts.map(said => { out.string(said); return out.take() })
      expect(taken).toEqual(texts.map(said => string.toBuffer(said)))
    }), { numRuns: 50 })
  })

  it('has many values behind one another, across the ends of its memory', () => {
    const out = new AvroWriter()
    for (let index = 0; index < 9_000; index++) { out.counts([index, 5, index]); out.boolean(true); out.raw(Buffer.from([7])) }
    const reader = new AvroReader(out.take())
    for (let index = 0; index < 9_000; index++) {
      expect([reader.counts(3), reader.boolean()]).toEqual([[index, 5, index], true])
      reader.at++
    }
    expect(reader.isAtEnd).toBe(true)
  })

  it('gives text that it writes again as the same bytes', () => {
    const out = new AvroWriter()
    out.histogram({ sum: 2 ** 40, counts: [1, 200, 3] })
    const taken = out.takeText()
    expect(written(again => { again.rawText(taken) })).toEqual(written(again => { again.histogram({ sum: 2 ** 40, counts: [1, 200, 3] }) }))
    expect(out.take()).toHaveLength(0)
  })

  it('forgets what was begun and not taken', () => {
    const out = new AvroWriter()
    out.string('half of it')
    out.begin()
    out.long(1)
    expect(out.take()).toEqual(Buffer.from([2]))
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineSplitter, type Line } from '../../src/agent/line-splitter.ts'

function linesOf(maxBytes: number, chunks: readonly string[]): string[] {
  const splitter = new LineSplitter(maxBytes)
  const lines: Line[] = [...chunks.flatMap(chunk => [...splitter.push(Buffer.from(chunk))]), ...splitter.end()]
  return lines.map(({ number, bytes }) => `${number} ${bytes?.toString() ?? 'too long'}`)
}

describe('lines', () => {
  it('are what stands between line feeds, the last with or without one', () => {
    expect(linesOf(10, ['a\nb', 'c\n\nd'])).toEqual(['1 a', '2 bc', '3 ', '4 d'])
    expect(linesOf(10, ['a\n'])).toEqual(['1 a'])
    expect(linesOf(10, [''])).toEqual([])
  })

  it('that are too long are told so once, and what follows is read', () => {
    expect(linesOf(3, ['abc\nabcd\nab', 'cd', 'ef\nx'])).toEqual(['1 abc', '2 too long', '3 too long', '4 x'])
    expect(linesOf(3, ['abcd'])).toEqual(['1 too long'])
  })

  it('are the same however the bytes come', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 60 })
    fc.assert(fc.property(text, fc.array(fc.nat(60), { maxLength: 6 }), (whole, cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length]
      const chunks = places.slice(1).map((end, index) => whole.slice(places[index], Math.max(end, places[index] ?? 0)))
      const parts = whole.split('\n')
      if (parts.at(-1) === '') parts.pop()
      expect(linesOf(5, chunks)).toEqual(parts.map((part, index) => `${index + 1} ${part.length > 5 ? 'too long' : part}`))
    }), { numRuns: 500 })
  })
})

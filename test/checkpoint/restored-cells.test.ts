import { beforeEach, describe, expect, it } from 'vitest'
import { RestoredCells } from '../../src/checkpoint/restored-cells.ts'
import { blankCell } from '../../src/core/blank-cells.ts'
import type { VersionCell } from '../../src/core/cells.ts'

const cellOf = (name: string): VersionCell => blankCell('version', ['shop', 'cart', name], name)

/** What was there before, by key; null: damaged. */
let before: Map<string, VersionCell | null>
let copied: string[]
let cells: RestoredCells<'version'>
beforeEach(() => {
  before = new Map(['a', 'b', 'c'].map(key => [key, cellOf(key)]))
  copied = []
  cells = new RestoredCells({
    has: key => before.has(key),
    copy: key => {
      copied.push(key)
      return before.get(key) ?? undefined
    },
    keys: () => before.keys(),
  })
})

describe('cells over those from before', () => {
  it('are copied when they are asked for, each once', () => {
    expect([cells.get('a')?.key, cells.has('a'), cells.get('a') === cells.get('a'), copied]).toEqual(['a', true, true, ['a']])
    expect([cells.get('d'), copied]).toEqual([undefined, ['a']])
  })

  it('stay, though they are no longer there: they have been written again', () => {
    const cell = cells.get('a')
    before.delete('a')
    expect([cells.get('a') === cell, cells.size]).toEqual([true, 3])
  })

  it('do not come back when they are deleted, asked for or not, though they are still there', () => {
    cells.get('a')
    expect([cells.delete('a'), cells.delete('b'), cells.delete('b'), cells.delete('d')]).toEqual([true, true, false, false])
    expect([cells.get('a'), cells.has('b'), [...cells.keys()], copied]).toEqual([undefined, false, ['c'], ['a', 'c']])
  })

  it('may be set anew after they were deleted, and deleted again', () => {
    cells.delete('a')
    const anew = cellOf('a')
    cells.set('a', anew)
    expect([cells.get('a') === anew, cells.size]).toEqual([true, 3])
    expect([cells.delete('a'), cells.get('a')]).toEqual([true, undefined])
  })

  it('are looked at one by one with those that were added', () => {
    cells.set('d', cellOf('d'))
    const seen: string[] = []
    cells.forEach((cell, key) => { seen.push(`${key} ${cell.key}`) })
    expect(seen.toSorted()).toEqual(['a a', 'b b', 'c c', 'd d'])
    expect(Array.from(cells.values(), ({ key }) => key).toSorted()).toEqual([...cells].map(([key]) => key).toSorted())
  })

  it('that are damaged are absent, and asked for once', () => {
    before.set('b', null)
    expect([cells.get('b'), cells.has('b'), cells.delete('b'), cells.size, copied]).toEqual([undefined, false, false, 2, ['b', 'a', 'c']])
  })

  it('are deleted by the thousand', () => {
    before = new Map(Array.from({ length: 10_000 }, (_, index) => [`${index}`, cellOf(`${index}`)]))
    for (let index = 0; index < 9_999; index++) {
      expect(cells.delete(`${index}`)).toBe(true)
      if (index % 3 > 0) before.delete(`${index}`) // its tombstone is read
    }
    expect([cells.get('9'), cells.get('10'), [...cells.keys()]]).toEqual([undefined, undefined, ['9999']])
  })
})

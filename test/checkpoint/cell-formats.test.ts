import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckpointCodec } from '../../src/checkpoint/codec.ts'
import { blankCell, cellKinds } from '../../src/core/blank-cells.ts'
import type { EdgeCell } from '../../src/core/cells.ts'
import { recentTotals, RECENT_MS } from '../../src/core/recent.ts'
import { foldAll, lookup } from '../core/story.ts'
import { anyCell, largestCell } from './arbitrary-cells.ts'
import { asRead } from './written.ts'

const codec = new CheckpointCodec()

describe.each(cellKinds)('a cell of kind %s', kind => {
  it.each([['any', anyCell(kind)], ['the largest', largestCell(kind)]])('comes back as it was written: %s', (_, cells) => {
    fc.assert(fc.property(cells, cell => {
      const read = codec.decodeCell(kind, cell.key, codec.encodeCell(cell, 7))
      expect(asRead(read)).toEqual(asRead(cell))
      expect([read.changed, read.takenAsOf]).toEqual([false, 0])
    }), { numRuns: 40 })
  })

  it('in which nothing is counted comes back as that', () => {
    const cell = blankCell(kind, ['a', 'b', 'c', 'd', 'e'])
    expect(asRead(codec.decodeCell(kind, cell.key, codec.encodeCell(cell, 0)))).toEqual(asRead(cell))
  })
})

describe('an instance', () => {
  it('keeps the order of its sources, for the one that was used least recently is forgotten first', () => {
    const cell = Object.assign(blankCell('instance', ['a', 'b', 'c']), { revisions: new Map([['z', 3], ['a', 9], ['m\n"', 1]]) })
    const { revisions } = codec.decodeCell('instance', cell.key, codec.encodeCell(cell, 0))
    expect([...revisions]).toEqual([['z', 3], ['a', 9], ['m\n"', 1]])
  })
})

describe('an edge', () => {
  it('has the same rates after it was read as before, at any time', () => {
    const times = fc.array(fc.nat({ max: 4 * RECENT_MS }), { minLength: 1, maxLength: 8 })
    fc.assert(fc.property(times, fc.nat({ max: 8 * RECENT_MS }), (sent, later) => {
      const state = foldAll(sent.toSorted((a, b) => a - b).map(time => lookup({ durationMicros: 70, cache: 'HIT' }, time)))
      const [edge] = state.cells.edge.values()
      const held = edge as EdgeCell
      const read = codec.decodeCell('edge', held.key, codec.encodeCell(held, 0))
      expect(recentTotals(read, later)).toEqual(recentTotals(held, later))
    }))
  })
})

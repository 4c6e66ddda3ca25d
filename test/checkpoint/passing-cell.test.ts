import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckpointCodec } from '../../src/checkpoint/codec.ts'
import { PassingCell } from '../../src/checkpoint/passing-cell.ts'
import { blankCell } from '../../src/core/blank-cells.ts'
import type { AnyCell, CellKind } from '../../src/core/cells.ts'
import { families } from '../../src/core/families.ts'
import type { Family } from '../../src/core/family.ts'
import { anyCell } from './arbitrary-cells.ts'
import { SHARD, Written } from './written.ts'

const codec = new CheckpointCodec()
const kinds = [...new Set(families.map(({ cell }) => cell))]

/** What all families of its kind say of a cell. */
function saidOf(cell: AnyCell): unknown[] {
  const said: unknown[] = []
  for (const family of families as readonly Family[]) {
    if (family.cell === cell.kind) family.read(cell, (labels, value) => { said.push([family.name, [...labels], structuredClone(value)]) })
  }
  return said
}

function writtenCells(cells: readonly AnyCell[]): Written {
  const written = new Written()
  const epoch = written.claim()
  written.append(...cells.map(cell => written.cell(cell, epoch)))
  return written
}

/** Those left out, too. */
function passingOf(written: Written, kind: CellKind, isWanted: (cell: AnyCell) => boolean = () => true): unknown[] {
  const passing: Iterable<AnyCell | null> = written.view.shard(SHARD).cells[kind].passing(isWanted)
  return Array.from(passing, cell => (cell === null ? null : saidOf(cell)))
}

const edge = (client: string) => blankCell('edge', ['shop', client, 'mail', 'cart'])

describe.each(kinds)('cells of kind %s, one after the other in the same object', kind => {
  it('say what each would say by itself', () => {
    const cells = fc.uniqueArray(anyCell(kind), { maxLength: 6, selector: ({ key }) => key })
    fc.assert(fc.property(cells, given => {
      for (const cell of given) cell.expiresAt = 0
      expect(passingOf(writtenCells(given), kind)).toEqual(given.map(saidOf))
    }), { numRuns: 60 })
  })
})

describe('a cell that passes', () => {
  it('is not read if its names are not wanted', () => {
    const written = writtenCells([edge('web'), edge('app')])
    expect(passingOf(written, 'edge', cell => cell.kind === 'edge' && cell.client === 'app')).toEqual([null, saidOf(edge('app'))])
  })

  it('refuses what is cut off, and what has more counts than it has place for', () => {
    const passing = new PassingCell('lookups', codec)
    const value = Buffer.from(codec.encodeCell(blankCell('lookups', ['shop', 'cart']), 0))
    expect(passing.read(value, 0, value.length)).toBe(true)
    expect(() => passing.read(value, 0, value.length - 1)).toThrow(RangeError)
    const more = Object.assign(blankCell('lookups', ['shop', 'cart']), { outcomes: [1, 2, 3, 4, 5, 6] })
    const longer = Buffer.from(codec.encodeCell(more, 0))
    expect(() => passing.read(longer, 0, longer.length)).toThrow(RangeError)
  })

  it('is read as any other where it is of another version, or has more than is known', () => {
    const more = Object.assign(blankCell('lookups', ['shop', 'cart']), { outcomes: [0, 1, 0, 0, 0, 0, 7] })
    expect(passingOf(writtenCells([more]), 'lookups')).toEqual([saidOf(more)])
    const passing = new PassingCell('lookups', codec)
    expect(passing.read(Buffer.from(codec.encodeCell(edge('web'), 0)), 0, 20)).toBe(false)
  })

  it('that is damaged is not shown, and told once', () => {
    const written = new Written()
    const { key, value } = written.cell(edge('web'), written.claim())
    written.append({ key, value: value === null ? null : value.subarray(0, value.length - 3) })
    expect([passingOf(written, 'edge'), passingOf(written, 'edge')]).toEqual([[null], [null]])
    expect(written.unreadable).toHaveLength(1)
  })
})

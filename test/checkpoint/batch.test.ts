import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NewRecord } from '../../src/checkpoint/log.ts'
import { blankCell, cellKinds } from '../../src/core/blank-cells.ts'
import type { AnyCell } from '../../src/core/cells.ts'
import { mostBytesOf } from '../../src/core/sequences.ts'
import { edit, emptyState, remove, type ShardState } from '../../src/core/state.ts'
import { foldAll, lookup } from '../core/story.ts'
import { anyCells, largestCell } from './arbitrary-cells.ts'
import { Written } from './written.ts'

const RECORD_OVERHEAD = 25 // of lengths, offset and time, at most, in Kafka's record format

function sizeOf(records: readonly NewRecord[]): number {
  return records.reduce((sum, { key, value, headers = {} }) => {
    const named = Object.entries(headers).reduce((bytes, [name, text]) => bytes + name.length + text.length + 4, 0)
    return sum + Buffer.byteLength(key) + (value?.length ?? 0) + named + RECORD_OVERHEAD
  }, 0)
}

const isProgress = ({ key }: NewRecord) => key === 'lookups-0 progress'

function stateOf(cells: readonly AnyCell[]): ShardState {
  const state = emptyState(0)
  for (const cell of cells) {
    const held: Map<string, AnyCell> = state.cells[cell.kind]
    held.set(cell.key, cell)
    state.changes.note(cell)
    if (cell.kind === 'sequences') for (const agentId of cell.last.keys()) state.changes.grow(mostBytesOf(agentId))
  }
  return state
}

describe('the bytes of the changes', () => {
  it('are never fewer than those of the records that tell them, whatever the cells', () => {
    const cells = fc.uniqueArray(fc.tuple(anyCells, fc.boolean()), { maxLength: 12, selector: ([{ kind, key }]) => `${kind} ${key}` })
    fc.assert(fc.property(cells, held => {
      const written = new Written()
      const state = stateOf(held.map(([cell]) => cell))
      for (const [cell, goes] of held) if (goes) remove(state, cell)
      const bound = state.changes.bytes
      const records = written.checkpoint(state, 2 ** 40).filter(record => !isProgress(record))
      expect(records).toHaveLength(held.length)
      expect(sizeOf(records.filter(({ value }) => value !== null))).toBeLessThanOrEqual(bound)
      expect(state.changes.bytes).toBe(0)
    }), { numRuns: 100 })
  })

  it.each(cellKinds)('are not, for the largest cell of kind %s', kind => {
    fc.assert(fc.property(largestCell(kind), cell => {
      const state = stateOf([cell])
      const bound = state.changes.bytes
      expect(sizeOf(new Written().checkpoint(state, 2 ** 52).filter(record => !isProgress(record)))).toBeLessThanOrEqual(bound)
    }), { numRuns: 8 })
  })
})

describe('a checkpoint', () => {
  it('has each cell that has changed once, as it is now, and then how far the fold is', () => {
    const written = new Written()
    const state = foldAll([lookup(), lookup(), lookup({ client: 'web' })])
    const records = written.checkpoint(state, 17, { atEnd: 4, lastOffset: 2 })
    expect(records.map(({ key }) => key)).toEqual([
      'lookups-0 arrivals 7 unknown', 'lookups-0 lookups 7.4 defaultcart', 'lookups-0 edge 7.8.7.4 defaultcheckoutdefaultcart',
      'lookups-0 edge 7.3.7.4 defaultwebdefaultcart', 'lookups-0 progress',
    ])
    written.append(...records)
    expect(written.shard.progress).toMatchObject({ epoch: 17, asOf: 3, streamTime: 1_000, atEnd: 4, lastOffset: 2 })
    expect(written.shard.progress?.digests).toEqual(Object.fromEntries(cellKinds.map(kind => [kind, String(state.changes.digests[kind])])))
  })

  it('has nothing that the one before had and that has not changed since', () => {
    const written = new Written()
    const state = foldAll([lookup(), lookup({ client: 'web' })])
    written.checkpoint(state, 0)
    foldAll([lookup({ client: 'web' })], state)
    expect(written.checkpoint(state, 0).map(({ key }) => key.split(' ').slice(1).join(' '))).toEqual([
      'arrivals 7 unknown', 'lookups 7.4 defaultcart', 'edge 7.3.7.4 defaultwebdefaultcart', 'progress',
    ])
  })

  it('has a tombstone, with its epoch and offset, for a cell that is gone, and none for one that came back', () => {
    const written = new Written()
    const state = emptyState(3)
    const [gone, back] = [edit(state, 'agent', 'sdk/1'), edit(state, 'agent', 'sdk/2')]
    written.checkpoint(state, 0)
    remove(state, gone)
    remove(state, back)
    edit(state, 'agent', 'sdk/2')
    const [tombstone, cell] = written.checkpoint(state, 17)
    expect(tombstone).toEqual({ key: 'lookups-0 agent 5 sdk/1', value: null, headers: { epoch: '17', asOf: '3' } })
    expect([cell?.key, cell?.value === null]).toEqual(['lookups-0 agent 5 sdk/2', false])
  })
})

describe('what the view asks to be written again', () => {
  it('is: as the cell is now, or as a tombstone where there is none', () => {
    const written = new Written()
    const state = foldAll([lookup()])
    written.checkpoint(state, 0)
    const [edge] = state.cells.edge.values()
    written.shard.noteStale({ shard: 'lookups-0', kind: 'edge', key: edge?.key ?? '' })
    written.shard.noteStale({ shard: 'lookups-0', kind: 'agent', key: '5 sdk/1' })
    written.shard.noteStale({ shard: 'lookups-0', kind: 'progress', key: '' })
    const records = written.checkpoint(state, 9)
    expect(records.map(({ key, value }) => [key.split(' ')[1], value !== null])).toEqual([['edge', true], ['agent', false], ['progress', true]])
    written.append(...records)
    expect([...written.shard.stale]).toEqual([])
  })

  it('is told once where it has changed, too', () => {
    const written = new Written()
    const state = foldAll([lookup()])
    const [edge] = state.cells.edge.values()
    written.shard.noteStale({ shard: 'lookups-0', kind: 'edge', key: edge?.key ?? '' })
    const keys = written.checkpoint(state, 9).map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('waits for the next checkpoint where it is more than a batch holds', () => {
    const written = new Written()
    const state = foldAll(Array.from({ length: 8_000 }, (_, index) => lookup({ client: 'x'.repeat(250) + index })))
    written.checkpoint(state, 0)
    for (const { key } of state.cells.edge.values()) written.shard.noteStale({ shard: 'lookups-0', kind: 'edge', key })
    let batches = 0
    while (written.shard.stale.size > 0 && batches < 10) {
      const records = written.checkpoint(state, 1)
      expect(sizeOf(records)).toBeLessThan(2_500_000)
      written.append(...records)
      batches++
    }
    expect(batches).toBe(2)
  })

  it('is not, where it is of a kind that only a newer version knows', () => {
    const written = new Written()
    written.shard.noteStale({ shard: 'lookups-0', kind: 'budget', key: 'a' })
    expect(written.checkpoint(emptyState(0), 1).map(({ key }) => key)).toEqual(['lookups-0 progress'])
    expect(blankCell('agent', ['a']).changed).toBe(false)
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cellKinds } from '../../src/core/blank-cells.ts'
import { emptyDigests } from '../../src/core/changes.ts'
import type { AnyCell } from '../../src/core/cells.ts'
import { keepsAll } from '../../src/core/retention.ts'
import { edit, emptyState, remove, restoreCell, touch, type ShardState } from '../../src/core/state.ts'

/** The digests of the cells that a state holds, taken anew. */
function recount(state: ShardState): string[] {
  const digests = emptyDigests()
  for (const kind of cellKinds) for (const { key, asOf } of state.cells[kind].values()) digests[kind].add(key, asOf)
  return Object.values(digests).map(String)
}

const digestsOf = ({ changes }: ShardState) => Object.values(changes.digests).map(String)

describe('the changes of a state', () => {
  it('are every cell that was touched since they were last taken, once, and each that is gone', () => {
    const state = emptyState(5, keepsAll)
    const [one, two] = [edit(state, 'agent', 'a'), edit(state, 'agent', 'b')]
    edit(state, 'agent', 'a')
    expect(state.changes.take()).toEqual({ changed: [one, two], removed: [] })
    expect(state.changes.take()).toEqual({ changed: [], removed: [] })
    touch(state, two)
    remove(state, one)
    expect(state.changes.take()).toEqual({ changed: [two], removed: [{ kind: 'agent', key: '1 a' }] })
  })

  it('are not a cell that came and went meanwhile, but that it is gone: an older one may be in the log', () => {
    const state = emptyState(5, keepsAll)
    remove(state, edit(state, 'agent', 'a'))
    expect(state.changes.take()).toEqual({ changed: [], removed: [{ kind: 'agent', key: '1 a' }] })
  })

  it('are the new cell, and nothing that is gone, where one went and came back', () => {
    const state = emptyState(5, keepsAll)
    const old = edit(state, 'agent', 'a')
    state.changes.take()
    remove(state, old)
    const back = edit(state, 'agent', 'a')
    const { changed, removed } = state.changes.take()
    expect([changed.length, changed[0] === back, removed]).toEqual([1, true, []])
  })

  it('are no bytes before anything has changed, more with each cell, and none again once they are taken', () => {
    const state = emptyState(5, keepsAll)
    expect(state.changes.bytes).toBe(0)
    edit(state, 'agent', 'a')
    const one = state.changes.bytes
    edit(state, 'agent', 'a')
    expect(state.changes.bytes).toBe(one)
    edit(state, 'edge', 'a', 'b', 'c', 'd')
    expect(state.changes.bytes).toBeGreaterThan(one)
    state.changes.take()
    expect([state.changes.bytes, state.changes.isEmpty]).toEqual([0, true])
  })

  it('take about as much as they took the last time, where that is known', () => {
    const state = emptyState(5, keepsAll)
    const bytesOf = (cell: AnyCell) => {
      const before = state.changes.bytes
      touch(state, cell)
      return state.changes.bytes - before
    }
    const [edge, instance, refusals] = [edit(state, 'edge', 'a', 'b', 'c', 'd'), edit(state, 'instance', 'a', 'b', 'c'), edit(state, 'cardinality', 'edge')]
    state.changes.take()
    const [first, ...most] = [bytesOf(edge), bytesOf(instance), bytesOf(refusals)]
    state.changes.take()
    Object.assign(edge, { takenBytes: 100 })
    for (const cell of [instance, refusals]) Object.assign(cell, { takenBytes: 100 })
    // An instance's strings may be others, and all kinds of names may be refused.
    expect([bytesOf(edge), bytesOf(instance), bytesOf(refusals)]).toEqual([386, ...most])
    expect(first).toBeGreaterThan(900)
    state.changes.take()
    Object.assign(edge, { takenBytes: 100_000 })
    expect(bytesOf(edge)).toBe(first)
  })

  it('are not none where cells are gone, though these take no bytes that the fold must wait for', () => {
    const state = emptyState(5, keepsAll)
    state.changes.noteAbsent({ kind: 'edge', key: '1 x' })
    expect([state.changes.bytes, state.changes.isEmpty]).toEqual([0, false])
    state.changes.take()
    expect(state.changes.isEmpty).toBe(true)
  })

  it('tell of so many that are gone as a batch holds, and of the rest the next time', () => {
    const state = emptyState(5, keepsAll)
    for (let index = 0; index < 4_500; index++) state.changes.noteAbsent({ kind: 'agent', key: `${index}` })
    const taken = [1, 2, 3, 4].map(() => state.changes.take().removed.map(({ key }) => Number(key)))
    expect(taken.map(({ length }) => length)).toEqual([2_000, 2_000, 500, 0])
    expect(taken.flat()).toEqual(Array.from({ length: 4_500 }, (_, index) => index))
  })

  it('keep the digests to what the cells were when they were last taken, whatever was changed, removed and brought back', () => {
    const step = fc.record({ kind: fc.constantFrom('agent' as const, 'version' as const), name: fc.constantFrom('a', 'b', 'c'), what: fc.constantFrom('edit', 'edit', 'remove', 'take') })
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const state = emptyState(0, keepsAll)
      const taken: [digests: string[], recounted: string[]][] = []
      for (const { kind, name, what } of steps) {
        state.next++
        const held: AnyCell | undefined = state.cells[kind].get(`1 ${name}`)
        if (what === 'edit') edit(state, kind, name)
        if (what === 'remove' && held !== undefined) remove(state, held)
        if (what !== 'take') continue
        state.changes.take()
        taken.push([digestsOf(state), recount(state)])
      }
      state.changes.take()
      for (const [digests, recounted] of [...taken, [digestsOf(state), recount(state)]]) expect(digests).toEqual(recounted)
    }), { numRuns: 300 })
  })

  it('are none of a state that was restored, whose digests are those of its cells', () => {
    const state = emptyState(5, keepsAll)
    const cell = edit(emptyState(3, keepsAll), 'agent', 'a')
    cell.changed = false
    restoreCell(state, cell)
    expect([state.changes.take(), digestsOf(state)]).toEqual([{ changed: [], removed: [] }, recount(state)])
    touch(state, cell)
    state.changes.take()
    expect(digestsOf(state)).toEqual(recount(state))
  })
})

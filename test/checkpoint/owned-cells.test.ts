import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { OwnedCells } from '../../src/checkpoint/owned-cells.ts'
import { ownedState } from '../../src/checkpoint/restore.ts'
import type { EdgeCell } from '../../src/core/cells.ts'
import { keepsAll, type Retention } from '../../src/core/retention.ts'
import { emptyState, letGo, type ShardState } from '../../src/core/state.ts'
import { foldAll, lookup, moveOn, samplesOf } from '../core/story.ts'
import { Written } from './written.ts'

const MANY = 1_000
const retention: Retention = { ...keepsAll, edge: 5_000 }

let log: Written
let epoch: number
let state: ShardState
beforeEach(() => {
  log = new Written()
  epoch = log.claim()
  state = ownedState(log.shard, 0, { retention, onDamaged: (kind, key) => { throw new Error(`${kind} ${key} is damaged`) } })
})

const write = () => { log.append(...log.checkpoint(state, epoch)) }
const calls = (clients: readonly string[], time: number) => clients.map(client => lookup({ client, occurredAt: time }, time))
const edges = (): OwnedCells<'edge'> => state.cells.edge as OwnedCells<'edge'>
const keyOfClient = (client: string): string => {
  const held = [...log.shard.cells.edge.values()].find(cell => cell.client === client)
  if (held === undefined) throw new Error(`no edge of ${client}`)
  return held.key
}
let now = 0
/** Two rounds: what has not changed in between is not in use. */
const tidy = () => { for (let round = 0; round < 3; round++) letGo(state, MANY, now += 60_000) }

describe('cells that nobody changes', () => {
  it('are let go once the view has them as they are, and are decoded again when they are changed', () => {
    foldAll(calls(['a', 'b'], 1_000), state)
    tidy()
    expect(edges().inUse).toBe(2) // not written yet
    write()
    tidy()
    expect(edges().inUse).toBe(0)
    foldAll(calls(['b'], 1_001), state)
    expect([edges().inUse, edges().get(keyOfClient('b'))?.totals.lookups]).toEqual([1, 2])
  })

  it('are kept while what was changed since has not been read back', () => {
    foldAll(calls(['a'], 1_000), state)
    write()
    foldAll(calls(['a'], 1_001), state)
    const unread = log.checkpoint(state, epoch)
    tidy()
    expect(edges().inUse).toBe(1)
    log.append(...unread)
    tidy()
    expect(edges().inUse).toBe(0)
  })

  it('are kept for a round after they were changed', () => {
    foldAll(calls(['a'], 1_000), state)
    write()
    letGo(state, MANY, now += 60_000) // begins the first round, and ends it
    letGo(state, MANY, now += 60_000)
    expect(edges().inUse).toBe(0)
    foldAll(calls(['a'], 1_001), state)
    write()
    letGo(state, MANY, now += 60_000)
    expect(edges().inUse).toBe(1)
    letGo(state, MANY, now += 60_000)
    expect(edges().inUse).toBe(0)
  })

  it('are looked at once a minute, and not again and again', () => {
    foldAll(calls(['a'], 1_000), state)
    write()
    for (let millis = 0; millis < 60_000; millis += 1_000) letGo(state, MANY, now + 60_000 + millis)
    expect(edges().inUse).toBe(1)
    letGo(state, MANY, now + 120_000)
    expect(edges().inUse).toBe(0)
  })

  it('count on where they were, for a way in which they were remembered, too', () => {
    foldAll(calls(['a'], 1_000), state)
    const before = edges().get(keyOf(state, 'a')) as EdgeCell
    write()
    tidy()
    expect(before.detached).toBe(true)
    foldAll(calls(['a', 'a'], 1_002), state)
    write()
    expect(log.shard.cells.edge.get(keyOfClient('a'))?.totals.lookups).toBe(3)
  })
})

describe('cells that expire', () => {
  it('are gone whether they are in use or not', () => {
    foldAll(calls(['a', 'b'], 1_000), state)
    write()
    tidy()
    foldAll(calls(['b'], 2_000), state)
    moveOn(state, 6_500)
    expect([edges().get(keyOfClient('a')), edges().get(keyOfClient('b'))?.totals.lookups]).toEqual([undefined, 2])
    write()
    expect(Array.from(log.shard.cells.edge.entries(), ([key]) => key.includes('b'))).toEqual([true])
    moveOn(state, 7_001)
    write()
    expect([...log.shard.cells.edge.entries()]).toEqual([])
  })

  it('do not come back by what is read of them later: the next one of that name begins at nothing', () => {
    foldAll(calls(['a'], 1_000), state)
    const unread = log.checkpoint(state, epoch)
    moveOn(state, 6_001)
    log.append(...unread)
    const key = keyOfClient('a')
    expect(edges().get(key)).toBe(undefined)
    foldAll(calls(['a'], 6_002), state)
    expect(edges().get(key)?.totals.lookups).toBe(1)
    write()
    tidy()
    expect([edges().inUse, edges().get(key)?.totals.lookups]).toEqual([0, 1])
  })
})

describe('a state that lets go of its cells', () => {
  const step = fc.record({ client: fc.constantFrom('a', 'b', 'c', 'd'), millis: fc.constantFrom(0, 700, 3_000), what: fc.constantFrom('fold', 'fold', 'write', 'tidy', 'late') })
  it('comes to what one does that keeps them, whenever it is written, read back and tidied, and however time passes', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const written = new Written()
      const claimed = written.claim()
      const owned = ownedState(written.shard, 0, { retention, onDamaged: () => {} })
      const whole = emptyState(0, retention)
      let late: ReturnType<Written['checkpoint']> = []
      let time = 1_000
      const flush = () => { written.append(...late.splice(0)) }
      for (const { client, millis, what } of steps) {
        time += millis
        if (what === 'fold') for (const each of [owned, whole]) foldAll(calls([client], time), each)
        if (what === 'tidy') letGo(owned, MANY, now += 60_000)
        if (what === 'write' || what === 'late') {
          flush()
          late = written.checkpoint(owned, claimed)
          whole.changes.take()
          if (what === 'write') flush()
        }
      }
      flush()
      expect(samplesOf(owned)).toEqual(samplesOf(whole))
      written.append(...written.checkpoint(owned, claimed))
      whole.changes.take()
      expect(Object.values(owned.changes.digests).map(String)).toEqual(Object.values(whole.changes.digests).map(String))
      expect(String(written.shard.cells.edge.digestAt(owned.streamTime))).toBe(String(whole.changes.digests.edge))
    }), { numRuns: 300 })
  })
})

function keyOf({ cells }: ShardState, client: string): string {
  return [...cells.edge.values()].find(cell => cell.client === client)?.key ?? ''
}

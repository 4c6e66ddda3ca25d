import { beforeEach, describe, expect, it } from 'vitest'
import type { NewRecord } from '../../src/checkpoint/log.ts'
import { blankCell } from '../../src/core/blank-cells.ts'
import type { CellOf } from '../../src/core/cells.ts'
import { emptyState } from '../../src/core/state.ts'
import { SHARD, Written } from './written.ts'

let log: Written
beforeEach(() => { log = new Written() })

/** A service's failed look-ups, as of an offset. */
const errors = (count: number, asOf: number, expiresAt = 0): CellOf['lookupError'] =>
  Object.assign(blankCell('lookupError', ['shop', 'cart', 'TIMEOUT', 'E1']), { count, asOf, expiresAt })
const KEY = errors(0, 0).key
const held = () => log.shard.cells.lookupError.get(KEY)?.count
const stale = () => [...log.shard.stale.values()].map(({ kind, key }) => (key === '' ? kind : `${kind} ${key}`))
const tombstone = (epoch: number, asOf: number): NewRecord =>
  ({ key: `${SHARD} lookupError ${KEY}`, value: null, headers: { epoch: String(epoch), asOf: String(asOf) } })
const progress = (asOf: number, epoch: number, fields = {}): NewRecord => {
  const state = emptyState(asOf)
  state.streamTime = 5_000
  const record = log.checkpoint(state, epoch, fields).at(-1)
  if (record === undefined) throw new Error('no progress')
  return record
}
const write = (count: number, asOf: number, epoch: number) => log.append(log.cell(errors(count, asOf), epoch))

describe('what an owner writes after a later claim', () => {
  it('is ignored: he has lost the partition', () => {
    const [first, second] = [log.claim(), log.claim()]
    write(1, 5, second)
    write(9, 99, first)
    log.append(tombstone(first, 99), progress(99, first))
    expect([held(), log.shard.progress]).toEqual([1, null])
  })

  it('is ignored though nothing else of it is held', () => {
    const first = log.claim()
    log.claim()
    write(9, 99, first)
    expect(held()).toBe(undefined)
  })

  it('is what he wrote before it otherwise: that stays, until the new owner writes', () => {
    const first = log.claim()
    write(3, 5, first)
    const second = log.claim()
    expect(held()).toBe(3)
    write(4, 6, second)
    expect(held()).toBe(4)
  })
})

describe('of what is left', () => {
  it('the higher offset wins within an epoch: a late delivery does no harm', () => {
    const epoch = log.claim()
    write(7, 9, epoch)
    write(5, 7, epoch)
    log.append(tombstone(epoch, 8))
    expect(held()).toBe(7)
    write(8, 10, epoch)
    expect(held()).toBe(8)
  })

  it('the higher epoch wins, though it is as of an earlier offset: its owner began again from an older progress', () => {
    const first = log.claim()
    write(9, 90, first)
    const second = log.claim()
    write(4, 40, second)
    expect(held()).toBe(4)
  })

  it('one that is as high is taken: a repeated delivery says the same', () => {
    const epoch = log.claim()
    write(7, 9, epoch)
    write(7, 9, epoch)
    expect([held(), stale()]).toEqual([7, []])
    log.append(tombstone(epoch, 9))
    expect(held()).toBe(undefined)
  })

  it('the higher progress wins', () => {
    const epoch = log.claim()
    log.append(progress(8, epoch), progress(6, epoch))
    expect(log.shard.progress?.asOf).toBe(8)
    log.append(progress(8, epoch, { atEnd: 99 }))
    expect(log.shard.progress).toMatchObject({ asOf: 8, atEnd: 99 })
  })
})

describe('a tombstone', () => {
  it('takes a cell away by its headers\' epoch and offset', () => {
    const epoch = log.claim()
    write(7, 9, epoch)
    log.append(tombstone(epoch, 12))
    expect([held(), log.shard.cells.lookupError.size, stale()]).toEqual([undefined, 0, []])
  })

  it('without headers is somebody else\'s: it takes nothing away, and the cell is written again', () => {
    const epoch = log.claim()
    write(7, 9, epoch)
    log.append({ key: `${SHARD} lookupError ${KEY}`, value: null })
    expect([held(), stale()]).toEqual([7, [`lookupError ${KEY}`]])
  })

  it('of a cell that is not held changes nothing', () => {
    log.append(tombstone(log.claim(), 12))
    expect([held(), stale(), log.unreadable]).toEqual([undefined, [], []])
  })
})

describe('what was ignored', () => {
  it('is remembered until a newer one is read, for compaction may keep just the one that was ignored', () => {
    const [first, second] = [log.claim(), log.claim()]
    write(1, 5, second)
    write(9, 99, first)
    expect(stale()).toEqual([`lookupError ${KEY}`])
    write(2, 6, second)
    expect(stale()).toEqual([])
  })

  it('is remembered where it was older, and where it was progress, too', () => {
    const epoch = log.claim()
    write(7, 9, epoch)
    log.append(progress(9, epoch))
    write(5, 7, epoch)
    log.append(progress(7, epoch))
    expect(stale()).toEqual([`lookupError ${KEY}`, 'progress'])
    log.append(progress(10, epoch), tombstone(epoch, 10))
    expect(stale()).toEqual([])
  })

  it('is not forgotten by what is ignored in turn', () => {
    const [first] = [log.claim(), log.claim()]
    write(9, 99, first)
    write(10, 100, first)
    expect(stale()).toEqual([`lookupError ${KEY}`])
  })
})

describe('a claim', () => {
  it('is known by its offset, and the highest stands', () => {
    log.claim()
    const second = log.claim()
    expect(log.shard.claim).toMatchObject({ epoch: second, owner: 'us', nonce: `nonce ${second}` })
  })

  it('that was deleted leaves the one that stands', () => {
    const epoch = log.claim()
    log.append({ key: `${SHARD} claim`, value: null })
    expect([log.shard.claim?.epoch, log.unreadable]).toEqual([epoch, []])
  })
})

describe('what a view shows', () => {
  it('is nothing before there is progress', () => {
    write(7, 9, log.claim())
    expect(log.shard.visible).toBe(null)
  })

  it('is as of the stream time, or when the owner last stood at the end', () => {
    const epoch = log.claim()
    log.append(progress(9, epoch))
    expect(log.shard.visible).toMatchObject({ shard: SHARD, time: 5_000 })
    log.append(progress(9, epoch, { atEnd: 7_000 }))
    expect(log.shard.visible?.time).toBe(7_000)
  })

  it('is each cell that can be read; one that is damaged is left out', () => {
    const epoch = log.claim()
    const { key, value } = log.cell(errors(7, 9), epoch)
    log.append({ key, value: value?.subarray(0, -1) ?? null }, progress(9, epoch))
    const { lookupError } = log.shard.cells
    expect([held(), [...lookupError.values()], Array.from(lookupError.copies(), ({ cell }) => cell)]).toEqual([undefined, [], [null]])
  })

  it('is no cell that has expired by the time of the progress', () => {
    const epoch = log.claim()
    log.append(log.cell(errors(7, 9, 4_999), epoch), progress(9, epoch))
    expect([held(), [...log.shard.cells.lookupError.values()]]).toEqual([undefined, []])
    log.append(log.cell(errors(7, 9, 5_000), epoch))
    expect([held(), [...log.shard.cells.lookupError.values()].length]).toEqual([7, 1])
  })
})

describe('what a newer version writes', () => {
  it('of a kind that we do not know is let pass', () => {
    log.append({ key: `${SHARD} budget 1 a`, value: Buffer.from('whatever') }, { key: `${SHARD} budget 1 a`, value: null })
    expect([log.unreadable, stale()]).toEqual([[], []])
  })

  it('by a schema that is in the log is read', () => {
    const [{ fingerprint, schema } = { fingerprint: '', schema: '' }] = log.codec.writtenSchemas
    log.append({ key: `${SHARD} schema ${fingerprint}`, value: Buffer.from(schema) }, { key: `${SHARD} schema ffff`, value: null })
    expect([[...log.shard.schemas], log.unreadable]).toEqual([[fingerprint], []])
  })

  it('by a schema that cannot be used is told', () => {
    log.append({ key: `${SHARD} schema ffff`, value: Buffer.from('{') })
    expect(log.unreadable).toEqual([expect.stringMatching(/^0: schema ffff cannot be used: /)])
    expect([...log.shard.schemas]).toEqual([])
  })
})

import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyedRecord, NewRecord, ReadStretch } from '../../src/checkpoint/log.ts'
import { View } from '../../src/checkpoint/view.ts'
import { emptyState } from '../../src/core/state.ts'
import { foldAll, lookup } from '../core/story.ts'
import { SHARD, Written } from './written.ts'
import { recordsOf } from '../support/records.ts'

let log: Written
beforeEach(() => { log = new Written() })

const stretch = (records: KeyedRecord[]): ReadStretch => ({ partition: 0, records: recordsOf(records), next: log.next, high: log.next, low: 0 })
const counted = () => [...log.shard.cells.lookups.values()].flatMap(({ outcomes }) => outcomes).reduce((sum, count) => sum + count, 0)
/** A checkpoint of so many look-ups, as it is fetched. */
const checkpoint = (count: number) =>
  stretch(log.checkpoint(foldAll(Array.from({ length: count }, () => lookup())), 0).map(record => log.kept(record)))

describe('a view that is held', () => {
  it('takes nothing new until it is let go, and then all of it, in order', async () => {
    await log.view.take(checkpoint(1))
    const letGo = log.view.hold()
    const taken: string[] = []
    const more = [log.view.take(checkpoint(2)).finally(() => taken.push('two')), log.view.take(checkpoint(3)).finally(() => taken.push('three'))]
    await turn()
    expect([counted(), taken]).toEqual([1, []])
    letGo()
    await Promise.all(more)
    expect([counted(), taken]).toEqual([3, ['two', 'three']])
  })

  it('by several is held until the last lets go, and letting go twice counts once', async () => {
    const [first, second] = [log.view.hold(), log.view.hold()]
    let taken = false
    const taking = log.view.take(checkpoint(1)).finally(() => { taken = true })
    first()
    first()
    await turn()
    expect(taken).toBe(false)
    second()
    await taking
    expect(counted()).toBe(1)
  })

  it('by one again before what waits has been taken makes it wait on', async () => {
    const first = log.view.hold()
    let taken = false
    const taking = log.view.take(checkpoint(1)).finally(() => { taken = true })
    await turn()
    first()
    const second = log.view.hold()
    await turn()
    expect([taken, counted()]).toEqual([false, 0])
    second()
    await taking
    expect(counted()).toBe(1)
  })

  it('by nobody takes at once', async () => {
    await log.view.take(checkpoint(2))
    expect(counted()).toBe(2)
  })
})

const asRead = (records: readonly NewRecord[]) => records.map(each => log.kept(each))

describe('a view that takes much', () => {
  it('lets others have their turn between two batches, and never within one; who holds it then sees whole batches', async () => {
    const seen: string[] = []
    const view = new View({
      codec: log.codec, onClaim: () => {}, onUnreadable: ({ reason }) => { throw new Error(reason) },
      turn: async () => {
        const { progress, cells } = view.shard(SHARD)
        seen.push(`${progress?.asOf ?? 0} ${cells.lookups.size} ${cells.edge.size}`)
        await turn()
      },
    })
    const state = emptyState(0)
    const batches = [1, 2, 3].map(count => asRead(log.checkpoint(foldAll(Array.from({ length: count }, (_, index) =>
      lookup({ service: `${count} ${index}` })), state), 0)))
    await view.take(stretch(batches.flat()))
    expect(seen).toEqual(['0 0 0', '1 1 1', '3 3 3', '6 6 6'])
  })

  it('lets others have their turn where compaction has left nothing of where batches ended', async () => {
    let turns = 0
    const view = new View({ codec: log.codec, onClaim: () => {}, onUnreadable: () => {}, turn: async () => { turns++ } })
    const edges = log.checkpoint(foldAll(Array.from({ length: 20_000 }, (_, index) => lookup({ client: `${index}` }))), 0)
    await view.take(stretch(asRead(edges.filter(({ key }) => key.includes(' edge ')))))
    expect([turns, view.shard(SHARD).cells.edge.size]).toEqual([2, 20_000])
  })
})

const record = (key: Buffer | null, value: Buffer | null = null): KeyedRecord => ({ offset: log.next++, appendTime: 0, key, value, headers: [] })

describe('a record that cannot be read', () => {
  it('is told with its place and why, and the ones behind it are read', async () => {
    const good = [...checkpoint(2).records]
    await log.view.take(stretch([
      record(null), record(Buffer.from('nonsense')), record(Buffer.from(`${SHARD} edge 1 a`), Buffer.from('nonsense')),
      record(Buffer.from(`${SHARD} progress`), Buffer.from('c301000000000000000000', 'hex')), record(Buffer.from(`${SHARD} claim`), Buffer.alloc(0)),
      ...good,
    ]))
    const first = good.length
    expect(log.unreadable).toEqual([
      `${first}: its key is none of ours`, `${first + 1}: its key is none of ours`, `${first + 2}: not in single-object encoding`,
      expect.stringContaining(`${first + 3}: `), expect.stringContaining(`${first + 4}: `),
    ])
    expect(counted()).toBe(2)
  })
})

describe('a claim', () => {
  it('is told as it is read, each one', () => {
    const [first, second] = [log.claim(), log.claim()]
    expect(log.claims.map(({ epoch }) => epoch)).toEqual([first, second])
  })

  it('that cannot be read is not told', () => {
    log.append({ key: `${SHARD} claim`, value: Buffer.from('nonsense') })
    expect([log.claims, log.unreadable.length]).toEqual([[], 1])
  })
})

describe('a view', () => {
  it('shows every shard that has progress, and knows nothing of a shard that it has not read of', () => {
    log.claim()
    expect(log.view.visible).toEqual([])
    log.append(...log.checkpoint(foldAll([lookup()]), 0))
    expect(log.view.visible.map(({ shard }) => shard)).toEqual([SHARD])
    expect(log.view.shard('lookups-9')).toMatchObject({ progress: null, claim: null })
  })
})

describe('a cell that is damaged', () => {
  it('is not shown, and told once, when it is asked for', () => {
    const [edge, ...rest] = log.checkpoint(foldAll([lookup()]), 0).toSorted((a, b) => Number(b.key.includes(' edge ')) - Number(a.key.includes(' edge ')))
    log.append(...rest, { key: edge?.key ?? '', value: edge?.value?.subarray(0, -1) ?? null })
    expect(log.unreadable).toEqual([])
    for (const _ of [1, 2]) expect([...log.shard.cells.edge.values()]).toEqual([])
    expect(log.unreadable).toEqual([`undefined: ${edge?.key} is damaged, and not shown`])
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { restoreState } from '../../src/checkpoint/restore.ts'
import { blankCell, cellKinds } from '../../src/core/blank-cells.ts'
import type { AnyCell } from '../../src/core/cells.ts'
import { defaultRetention, type Retention } from '../../src/core/retention.ts'
import { emptyState, touch, type ShardState } from '../../src/core/state.ts'
import { accounts, happenings, START } from '../core/happenings.ts'
import { foldAll, lookup, moveOn, registration, report, samplesOf, type Told } from '../core/story.ts'
import { asRead, Written } from './written.ts'

/** Agents expire within a stream; nothing else does, or everything that the families do not add up. */
const retentions: Retention[] = [{ ...defaultRetention, agent: 40 }, { ...defaultRetention, agent: 60, instance: 50, version: 90, lookupError: 30 }]
/** Nothing here is damaged unless a test says so. */
const onDamaged = (kind: string, key: string): void => { throw new Error(`${kind} ${key} is damaged`) }
const options = { retention: defaultRetention, turn: () => Promise.resolve(), onDamaged }

async function restored(written: Written, retention: Retention): Promise<ShardState> {
  const found = await restoreState(written.shard, { ...options, retention })
  expect(found?.mismatched ?? []).toEqual([])
  return found?.state ?? emptyState(0, retention)
}

/** All that a state says, and the digests of the next checkpoint. */
function saidBy(state: ShardState): object {
  const cells = cellKinds.flatMap(kind => Array.from<AnyCell>(state.cells[kind].values())).map(cell => [`${cell.kind} ${cell.key}`, asRead(cell)])
  state.changes.take()
  const digests = Object.entries(state.changes.digests).map(([kind, digest]) => [kind, String(digest)])
  return { next: state.next, streamTime: state.streamTime, cells: Object.fromEntries(cells) as object, digests }
}

/** What is restored where the records of a kind are missing. */
function withoutKind(kind: string, told: Told[]): ReturnType<typeof restoreState> {
  const written = new Written()
  written.append(...written.checkpoint(foldAll(told), 0).filter(({ key }) => !key.startsWith(`lookups-0 ${kind}`)))
  return restoreState(written.shard, options)
}

const streams = fc.array(
  fc.tuple(fc.oneof({ weight: 3, arbitrary: happenings }, { weight: 2, arbitrary: accounts }), fc.integer({ min: -5, max: 30 })), { maxLength: 50 },
).map(steps => {
  let time = START
  return steps.map(([happening, millis]) => happening(time += millis))
})

describe('a state that is restored from checkpoints', () => {
  it('is the one that was written: folding the rest comes to what folding all comes to, wherever the cut is', async () => {
    await fc.assert(fc.asyncProperty(streams, fc.nat({ max: 50 }), fc.constantFrom(...retentions), async (records, cut, retention) => {
      const written = new Written()
      const before = foldAll(records.slice(0, cut), emptyState(0, retention))
      written.append(...written.checkpoint(before, 0))
      const after = await restored(written, retention)
      expect(saidBy(foldAll(records.slice(cut), after))).toEqual(saidBy(foldAll(records, emptyState(0, retention))))
    }), { numRuns: 200 })
  })

  it('is so however many checkpoints it was written in, and however often its owner died and began again from the last', async () => {
    const steps = fc.array(fc.tuple(fc.nat({ max: 8 }), fc.constantFrom('write', 'write', 'die')), { maxLength: 20 })
    await fc.assert(fc.asyncProperty(streams, steps, fc.constantFrom(...retentions), async (records, story, retention) => {
      const written = new Written()
      let epoch = written.claim()
      let state = emptyState(0, retention)
      for (const [count, what] of story) {
        foldAll(records.slice(state.next, state.next + count), state)
        if (what === 'write') {
          written.append(...written.checkpoint(state, epoch))
        } else {
          epoch = written.claim()
          state = await restored(written, retention)
        }
      }
      foldAll(records.slice(state.next), state)
      const all = foldAll(records, emptyState(0, retention))
      expect(samplesOf(state)).toEqual(samplesOf(all))
      expect(saidBy(state)).toEqual(saidBy(all))
      expect([written.unreadable, [...written.shard.stale]]).toEqual([[], []])
    }), { numRuns: 200 })
  })

  it('is none where there is no checkpoint', async () => {
    const written = new Written()
    written.claim()
    expect(await restoreState(written.shard, options)).toBe(null)
  })

  it('is a copy: what is folded into it does not show', async () => {
    const written = new Written()
    written.append(...written.checkpoint(foldAll([lookup()]), 0))
    const shown = written.shard.visible
    const before = samplesOf({ cells: shown?.cells } as unknown as ShardState)
    foldAll([lookup(), lookup()], await restored(written, defaultRetention))
    expect(samplesOf({ cells: shown?.cells } as unknown as ShardState)).toEqual(before)
  })

  it('lets leases run out and agents fall silent at the time at which they would have', async () => {
    const written = new Written()
    written.append(...written.checkpoint(foldAll([report({}, 1_000)]), 0))
    const state = await restored(written, defaultRetention)
    moveOn(state, 31_000)
    expect([...state.cells.accounts.values()].map(({ silent }) => silent)).toEqual([0])
    moveOn(state, 31_001)
    expect([...state.cells.accounts.values()].map(({ silent }) => silent)).toEqual([1])
  })
})

describe('a cell that has expired by the time of the progress', () => {
  it('does not exist, is in no digest, and the next checkpoint frees its space', async () => {
    const written = new Written()
    const state = foldAll([lookup({}, 1_000)], emptyState(0))
    const expired = Object.assign(blankCell('agent', ['sdk/1']), { asOf: 1, expiresAt: 999 })
    written.append(...written.checkpoint(state, 0), written.cell(expired, 0))
    const after = await restored(written, defaultRetention)
    expect([...after.cells.agent.keys()]).toEqual([])
    const [tombstone, ...rest] = written.checkpoint(after, 0)
    expect(tombstone).toEqual({ key: 'lookups-0 agent 5 sdk/1', value: null, headers: { epoch: '0', asOf: '1' } })
    expect(rest.map(({ key }) => key)).toEqual(['lookups-0 progress'])
  })

  it('exists at its last millisecond', async () => {
    const written = new Written()
    const state = foldAll([lookup({}, 1_000)])
    written.append(...written.checkpoint(state, 0), written.cell(Object.assign(blankCell('agent', ['sdk/1']), { asOf: 1, expiresAt: 1_000 }), 0))
    const found = await restoreState(written.shard, options)
    expect([...found?.state.cells.agent.keys() ?? []]).toEqual(['5 sdk/1'])
  })
})

describe('cells that are not those of the progress', () => {
  it('are told by their kind: one is missing', async () => {
    expect((await withoutKind('edge', [lookup()]))?.mismatched).toEqual(['edge'])
    expect((await withoutKind('lookups', [lookup(), report({})]))?.mismatched).toEqual(['lookups'])
  })

  it('are told where one is older or newer than it was', async () => {
    const written = new Written()
    const state = foldAll([lookup()])
    const batch = written.checkpoint(state, 0)
    const [edge] = state.cells.edge.values()
    if (edge === undefined) throw new Error('no edge')
    written.append(...batch, written.cell({ ...edge, asOf: 7 }, 0))
    expect((await restoreState(written.shard, options))?.mismatched).toEqual(['edge'])
  })

  it('that are damaged are told when they are asked for, and are as if they were not', async () => {
    const written = new Written()
    const state = foldAll([lookup(), lookup({ client: 'web' })])
    const [first, ...rest] = written.checkpoint(state, 0).toSorted((a, b) => Number(b.key.includes(' edge ')) - Number(a.key.includes(' edge ')))
    written.append(...rest, { key: first?.key ?? '', value: first?.value?.subarray(0, -1) ?? null })
    const told: string[] = []
    const found = await restoreState(written.shard, { ...options, onDamaged: (kind, key) => told.push(`lookups-0 ${kind} ${key}`) })
    expect([found?.mismatched, told]).toEqual([[], []])
    const digest = String(found?.state.changes.digests.edge)
    expect([found?.state.cells.edge.size, told]).toEqual([1, [first?.key]])
    expect(String(found?.state.changes.digests.edge)).not.toBe(digest)
    const [left] = found?.state.cells.edge.values() ?? []
    expect(left).toMatchObject({ takenAsOf: 2, changed: false })
  })

  it('that are damaged and would have deadlines are told once, when something should happen to them', async () => {
    const written = new Written()
    const batch = written.checkpoint(foldAll([report({ agentId: 'sdk/1' })]), 0)
    written.append(...batch.map(record => (record.key.includes(' agent ') ? { ...record, value: record.value?.subarray(0, -1) ?? null } : record)))
    const told: string[] = []
    const found = await restoreState(written.shard, { ...options, onDamaged: (kind, key) => told.push(`${kind} ${key}`) })
    expect([found?.mismatched, told]).toEqual([[], []])
    if (found !== null) moveOn(found.state, 60_000)
    expect(told).toEqual(['agent 5 sdk/1'])
    expect([found?.state.cells.agent.get('5 sdk/1'), String(found?.state.changes.digests.agent), told.length]).toEqual([undefined, '0'.repeat(16), 1])
  })

  it('are decoded one by one as they are asked for, and each once', async () => {
    const written = new Written()
    written.append(...written.checkpoint(foldAll([lookup(), lookup({ client: 'web' })]), 0))
    const found = await restoreState(written.shard, options)
    const [key = ''] = [...written.shard.cells.edge.entries()].map(([each]) => each)
    const edge = found?.state.cells.edge.get(key)
    expect(edge).toMatchObject({ key, totals: { lookups: 1 } })
    expect(found?.state.cells.edge.get(key)).toBe(edge)
    expect(found?.state.cells.edge.delete(key)).toBe(true)
    expect([found?.state.cells.edge.has(key), found?.state.cells.edge.size]).toEqual([false, 1])
  })

  it('of a kind that a progress of before does not tell of are taken as they are', async () => {
    const written = new Written()
    written.append(...written.checkpoint(foldAll([lookup()]), 0))
    const { progress } = written.shard
    if (progress === null) throw new Error('no progress')
    const { edge: _edge, ...digests } = progress.digests
    written.append({ key: 'lookups-0 progress', value: written.codec.encodeProgress({ ...progress, digests }) })
    expect((await restoreState(written.shard, options))?.mismatched).toEqual([])
  })
})

describe('a restore of many cells', () => {
  it('lets others work now and then where they have deadlines, and otherwise decodes none', async () => {
    const written = new Written()
    const told = Array.from({ length: 8_000 }, (_, index) => [report({ agentId: `sdk/${index}` }), lookup({ client: String(index) })]).flat()
    written.append(...written.checkpoint(foldAll(told), 0))
    let turns = 0
    await restoreState(written.shard, { ...options, turn: async () => { turns++ } })
    expect(turns).toBe(31)
  })
})

describe('a restored state, while its checkpoints are read back', () => {
  const retention = { ...defaultRetention, edge: 60_000 }
  /** An edge that was kept for ever when it was written, restored where edges expire after a minute. */
  async function restoredEdge() {
    const written = new Written()
    const first = written.claim()
    written.append(...written.checkpoint(foldAll([lookup({}, 1_000), lookup({ client: 'web' }, 1_000)]), first))
    const epoch = written.claim()
    const state = await restored(written, retention)
    const [key = ''] = [...written.shard.cells.edge.entries()].map(([each]) => each)
    return { written, epoch, state, key }
  }

  it('does not take back what it has deleted, before its tombstone is read and after', async () => {
    const { written, epoch, state, key } = await restoredEdge()
    const edge = state.cells.edge.get(key)
    if (edge === undefined) throw new Error('no edge')
    touch(state, edge)
    moveOn(state, 100_000)
    expect([written.shard.cells.edge.head(key)?.expiresAt, state.cells.edge.get(key)]).toEqual([0, undefined])
    written.append(...written.checkpoint(state, epoch))
    expect([written.shard.cells.edge.head(key), state.cells.edge.get(key), state.cells.edge.size]).toEqual([undefined, undefined, 1])
  })

  it('has what nobody asked for as it was, and what it wrote as it is', async () => {
    const { written, epoch, state, key } = await restoredEdge()
    foldAll([lookup({}, 2_000)], state)
    const counted = [...written.shard.cells.edge.entries()].map(([each]) => each).map(each => written.shard.cells.edge.get(each)?.totals.lookups)
    expect(counted).toEqual([1, 1])
    written.append(...written.checkpoint(state, epoch))
    const edge = state.cells.edge.get(key)
    foldAll([lookup({}, 3_000)], state)
    expect([state.cells.edge.get(key) === edge, [...state.cells.edge.values()].map(({ totals }) => totals.lookups).toSorted((a, b) => a - b)]).toEqual([true, [1, 3]])
    written.append(...written.checkpoint(state, epoch))
    written.claim()
    expect(saidBy(await restored(written, retention))).toEqual(saidBy(state))
  })
})

function lease(instance: string, leaseMillis: number): Told {
  return registration({ operation: 'REGISTER', instance, leaseMillis }, 1_000)
}

describe('cells that are not looked at before they are due', () => {
  const told = [lease('a', 10_000), lease('b', 50_000), report({ agentId: 'sdk/1' }, 1_000)]

  // A lease runs out, the agent falls silent, the other lease runs out, the agent is held no longer.
  it.each([5_000, 12_000, 40_000, 90_000, 4_000_000])('meet their deadlines all the same: at %i', async time => {
    const written = new Written()
    const whole = foldAll(told)
    written.append(...written.checkpoint(foldAll(told), 0))
    const state = await restored(written, defaultRetention)
    for (const step of [4_000, 30_000, time]) {
      if (step > time) continue
      moveOn(whole, step)
      moveOn(state, step)
    }
    expect(saidBy(state)).toEqual(saidBy(whole))
  })
})

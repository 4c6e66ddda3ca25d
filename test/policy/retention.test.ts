import { describe, expect, it } from 'vitest'
import { restoreState } from '../../src/checkpoint/restore.ts'
import { defaultPolicy, retentionOf } from '../../src/core/policy.ts'
import { emptyState, type ShardState } from '../../src/core/state.ts'
import type { CellKind } from '../../src/core/cells.ts'
import { visibleCells, type CellSource } from '../../src/views/shard.ts'
import { START } from '../core/happenings.ts'
import { foldAll, lookup, moveOn, registration, report } from '../core/story.ts'
import { Written } from '../checkpoint/written.ts'

const MINUTE_MS = 60_000
const retention = { instance: 20 * MINUTE_MS, edge: 30 * MINUTE_MS, version: 40 * MINUTE_MS, agent: 10 * MINUTE_MS, service: 50 * MINUTE_MS }
const stays = retentionOf({ ...defaultPolicy, retention })

/** One cell of each kind, all of them as of START; a full minute, at which what stays for long goes. */
const folded = (): ShardState => foldAll([
  lookup({ outcome: 'FAILURE', agentId: 'sdk/1', sequence: 1 }, START),
  registration({ version: '1', status: 'PASSING' }, START),
  registration({ operation: 'DEREGISTER' }, START),
  registration({ service: 'pay', outcome: 'FAILURE' }, START),
  report({ agentId: 'sdk/1' }, START),
], emptyState(0, stays))

const kinds: [kind: CellKind, after: number][] = [
  ['instance', retention.instance], ['edge', retention.edge], ['version', retention.version], ['agent', retention.agent],
  ['sequences', retention.agent], ['lookups', retention.service], ['lookupError', retention.service], ['registrations', retention.service],
  ['registrationError', retention.service],
]

describe('a cell', () => {
  it.each(kinds)('of %s stays for %i ms after its last change, and no longer', (kind, after) => {
    const state = folded()
    const end = Math.ceil((START + after) / MINUTE_MS) * MINUTE_MS
    moveOn(state, end)
    expect(state.cells[kind].size).toBeGreaterThan(0)
    moveOn(state, end + 1)
    expect(state.cells[kind].size).toBe(0)
  })

  it.each(['accounts', 'arrivals'] as const)('of %s, of which there are few, stays', kind => {
    const state = folded()
    moveOn(state, START + 10_000 * MINUTE_MS)
    expect(state.cells[kind].size).toBeGreaterThan(0)
  })
})

/** What is shown of an idle partition when its owner stands at its end at that time. */
function shownAt(time: number): CellSource {
  const written = new Written()
  written.append(...written.checkpoint(folded(), 0, { atEnd: time }))
  const [shard] = written.view.visible
  if (shard === undefined) throw new Error('nothing is shown')
  return visibleCells({ ...shard, retention: stays })
}

const counted = (cells: CellSource, kind: CellKind): number => [...cells[kind].values()].length

describe('an idle partition', () => {
  it.each(kinds.filter(([kind]) => kind !== 'sequences'))('shows no %s any more once %i ms are over, though nothing comes', (kind, after) => {
    const end = Math.ceil((START + after) / MINUTE_MS) * MINUTE_MS
    expect(counted(shownAt(end), kind)).toBeGreaterThan(0)
    expect(counted(shownAt(end + 1), kind)).toBe(0)
  })

  it('is restored with what stands at its stream time, and loses that with the next record', async () => {
    const written = new Written()
    written.append(...written.checkpoint(folded(), 0, { atEnd: START + 100 * MINUTE_MS }))
    const restored = await restoreState(written.shard, {
      retention: stays, turn: () => Promise.resolve(), onDamaged: (kind, key) => { throw new Error(`${kind} ${key}`) },
    })
    if (restored === null) throw new Error('there is a checkpoint')
    expect(restored.state.cells.edge.size).toBe(1)
    foldAll([lookup({ service: 'other' }, START + 100 * MINUTE_MS)], restored.state)
    expect([...restored.state.cells.edge.values()].map(({ service }) => service)).toEqual(['other'])
    expect([...restored.state.cells.lookups.values()].map(({ service }) => service)).toEqual(['other'])
  })
})

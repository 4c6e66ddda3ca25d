import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instanceStatuses } from '../../src/contract/events.ts'
import { cellKinds } from '../../src/core/blank-cells.ts'
import type { AnyCell } from '../../src/core/cells.ts'
import { cellsOf, visibleCells, visibleInSteps, type CellSource } from '../../src/views/shard.ts'
import { DECODED_AT_ONCE } from '../../src/views/steps.ts'
import { moveOn } from '../core/story.ts'
import { lookup, MINUTE, ofEveryFamily, registration, report, SECOND, shardOf, T0 } from './shards.ts'

const reportedAt = (atEnd: number) => visibleCells(shardOf([report({})], { atEnd }))
const counted = (cells: CellSource) => [...cells.accounts.values()].map(({ active, silent }) => [active, silent])

describe('a shard as it is seen', () => {
  it('is what was folded, while no lease is overdue', () => {
    const shard = shardOf(ofEveryFamily, { atEnd: T0 + 30 * SECOND })
    const cells = visibleCells(shard)
    for (const kind of cellKinds) {
      expect([...cells[kind].values()]).toEqual([...shard.state.cells[kind].values()])
      for (const cell of shard.state.cells[kind].values()) expect(cells[kind].get(cell.key)).toBe(cell)
    }
  })

  it('counts a lease that ran out by the time at which all was read', () => {
    const shard = shardOf([registration({ leaseMillis: 30_000, version: '1.0' })], { atEnd: T0 + 30 * SECOND + 1 })
    const { instance, registrations, version } = visibleCells(shard)
    expect([...instance.values()]).toMatchObject([{ live: false, lapsed: true, leaseEnds: 0 }])
    expect([...registrations.values()]).toMatchObject([{ leaseExpirations: 1, statuses: instanceStatuses.map(() => 0) }])
    expect([...version.values()]).toMatchObject([{ version: '1.0', instances: 0 }])
  })

  it('is made in steps, however much is overdue', () => {
    const appended = Array.from({ length: 1_000 }, (_, index) => registration({ instance: `i-${index}`, leaseMillis: 30_000 }))
    const steps = visibleInSteps(shardOf(appended, { atEnd: T0 + MINUTE }))
    let count = 1
    for (let step = steps.next(); step.done !== true; step = steps.next()) count++
    expect(count).toBeGreaterThan(2 * 1_000 / DECODED_AT_ONCE)
  })

  it('lets a lease go on where nobody knows that all was read since', () => {
    const shard = shardOf([registration({ leaseMillis: 30_000 })], { atEnd: 0 })
    expect([...visibleCells(shard).instance.values()]).toMatchObject([{ live: true }])
  })

  it('gives the cells of a kind shard by shard', () => {
    const events = [[lookup({ client: 'a' }), lookup({ client: 'b' })], [registration({})], [lookup({ client: 'c' })]]
    const shards = events.map(appended => shardOf(appended))
    expect([...cellsOf(shards, 'edge')].map(({ client }) => client)).toEqual(['a', 'b', 'c'])
  })

  it('counts an agent as silent whose reports are missing by then, and does not hold it once its cell has expired', () => {
    expect(counted(reportedAt(T0 + 30 * SECOND))).toEqual([[1, 0]])
    expect(counted(reportedAt(T0 + 30 * SECOND + 1))).toEqual([[0, 1]])
    expect([counted(reportedAt(T0 + 60 * MINUTE)), [...reportedAt(T0 + 60 * MINUTE).agent.values()].length]).toEqual([[[0, 1]], 1])
    expect([counted(reportedAt(T0 + 60 * MINUTE + 1)), [...reportedAt(T0 + 60 * MINUTE + 1).agent.values()].length]).toEqual([[[0, 0]], 0])
  })

  it('is what the fold comes to once it has passed that time, and the state is left as it was', () => {
    const registrations = fc.record({
      service: fc.constantFrom('cart', 'mail'),
      instance: fc.constantFrom('1', '2', '3', '4', '5', '6'),
      version: fc.constantFrom('', '1.0', '2.0'),
      operation: fc.constantFrom('REGISTER', 'REGISTER', 'RENEW', 'DEREGISTER', 'EXPIRE', 'STATUS_CHANGE', 'OBSERVE'),
      status: fc.constantFrom(...instanceStatuses),
      outcome: fc.constantFrom('SUCCESS', 'SUCCESS', 'FAILURE'),
      leaseMillis: fc.constantFrom(0, 5 * SECOND, 20 * SECOND, MINUTE),
      revision: fc.integer({ min: 0, max: 4 }),
    }).map(fields => (at: number) => registration(fields, at))
    const reports = fc.record({ agentId: fc.constantFrom('sdk/1', 'sdk/2', 'dns/1') }).map(fields => (at: number) => report(fields, at))
    const event = fc.oneof({ weight: 4, arbitrary: registrations }, { weight: 1, arbitrary: reports })
    const events = fc.array(fc.record({ event, after: fc.integer({ min: 0, max: 6 * SECOND }) }), { minLength: 1, maxLength: 25 })
    const later = fc.oneof(fc.integer({ min: -MINUTE, max: 2 * MINUTE }), fc.integer({ min: 50 * MINUTE, max: 70 * MINUTE }))
    let overdue = 0
    fc.assert(fc.property(events, later, (sent, millis) => {
      let at = T0
      const appended = sent.map(({ event: happening, after }) => happening(at += after))
      const seen = shardOf(appended, { atEnd: at + millis })
      const before = structuredClone(cellKinds.map(kind => [...seen.state.cells[kind]]))
      const cells = told(visibleCells(seen))
      const { state: folded } = shardOf(appended)
      if (folded.deadlines.size > 0 && millis > 0) overdue++
      moveOn(folded, at + millis)
      expect(cells).toEqual(told(folded.cells))
      expect(cellKinds.map(kind => [...seen.state.cells[kind]])).toEqual(before)
    }), { numRuns: 300 })
    expect(overdue, 'runs in which something could be overdue').toBeGreaterThan(20)
  })
})

const plain = ({ kind, key, asOf: _asOf, expiresAt: _expiresAt, changed: _changed, takenAsOf: _takenAsOf, takenBytes: _takenBytes, ...said }: AnyCell) =>
  [`${kind} ${key}`, said]

/** What the cells say, without what only checkpoints need. */
function told(cells: CellSource): object {
  return Object.fromEntries(cellKinds.flatMap(kind => Array.from<AnyCell>(cells[kind].values())).map(plain))
}

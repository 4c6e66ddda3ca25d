import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instanceStatuses } from '../../src/contract/events.ts'
import { pass } from '../../src/core/fold.ts'
import { cellsOf, visibleCells } from '../../src/views/shard.ts'
import { lookup, MINUTE, registration, SECOND, shardOf, T0 } from './shards.ts'

describe('a shard as it is seen', () => {
  it('is what was folded, while no lease is overdue', () => {
    const shard = shardOf([registration({ leaseMillis: 30_000 }), lookup({})], { atEnd: T0 + 30 * SECOND })
    expect(visibleCells(shard)).toBe(shard.state.cells)
  })

  it('counts a lease that ran out by the time at which all was read', () => {
    const shard = shardOf([registration({ leaseMillis: 30_000, version: '1.0' })], { atEnd: T0 + 30 * SECOND + 1 })
    const { instance, registrations, version } = visibleCells(shard)
    expect([...instance.values()]).toMatchObject([{ live: false, lapsed: true, leaseEnds: 0 }])
    expect([...registrations.values()]).toMatchObject([{ leaseExpirations: 1, statuses: instanceStatuses.map(() => 0) }])
    expect([...version.values()]).toMatchObject([{ version: '1.0', instances: 0 }])
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

  it('is what the fold comes to once it has passed that time, and the state is left as it was', () => {
    const fields = fc.record({
      service: fc.constantFrom('cart', 'mail'),
      instance: fc.constantFrom('1', '2', '3', '4', '5', '6'),
      version: fc.constantFrom('', '1.0', '2.0'),
      operation: fc.constantFrom('REGISTER', 'REGISTER', 'RENEW', 'DEREGISTER', 'EXPIRE', 'STATUS_CHANGE', 'OBSERVE'),
      status: fc.constantFrom(...instanceStatuses),
      outcome: fc.constantFrom('SUCCESS', 'SUCCESS', 'FAILURE'),
      leaseMillis: fc.constantFrom(0, 5 * SECOND, 20 * SECOND, MINUTE),
      revision: fc.integer({ min: 0, max: 4 }),
    })
    const events = fc.array(fc.record({ fields, after: fc.integer({ min: 0, max: 6 * SECOND }) }), { minLength: 1, maxLength: 25 })
    let overdue = 0
    fc.assert(fc.property(events, fc.integer({ min: -MINUTE, max: 2 * MINUTE }), (sent, later) => {
      let at = T0
      const appended = sent.map(event => registration(event.fields, at += event.after))
      const seen = shardOf(appended, { atEnd: at + later })
      const before = structuredClone(seen.state.cells)
      const cells = visibleCells(seen)
      if (cells !== seen.state.cells) overdue++
      const { state: folded } = shardOf(appended)
      pass(folded, { offset: appended.length, appendTime: at + later })
      expect(cells).toEqual(folded.cells)
      expect(seen.state.cells).toEqual(before)
    }), { numRuns: 200 })
    expect(overdue, 'runs in which a lease was overdue').toBeGreaterThan(20)
  })
})

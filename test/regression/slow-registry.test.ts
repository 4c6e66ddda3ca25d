import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeGroup } from '../kafka/fake-group.ts'

/** A schema registry that hangs is waited for, for five seconds at a time. A group with a session of six would drop us meanwhile. */
describe('a batch that waits for its schemas', () => {
  beforeEach(() => { vi.useFakeTimers() })
  afterEach(() => vi.useRealTimers())

  it('lets the heartbeats go on, a refused one too, until it is done', async () => {
    const group = new FakeGroup({ sessionTimeout: 6_000 })
    await group.start()
    group.answers = [() => new Promise(resolve => { setTimeout(() => resolve({ folded: true }), 5_000) })]
    const beats: number[] = []
    const began = Date.now()
    const fetched = group.fetched({
      heartbeat: () => {
        beats.push(Date.now() - began)
        return beats.length === 1 ? Promise.reject(new Error('the group is rebalancing')) : Promise.resolve()
      },
    })
    await vi.advanceTimersByTimeAsync(10_000)
    await fetched
    expect(beats).toEqual([500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000, 4_500, 5_000])
  })
})

import { beforeEach, describe, expect, it } from 'vitest'
import { FakeGroup } from '../kafka/fake-group.ts'

/** Between an assignment and the first record lie a claim, its way back and a restore. Meanwhile the group may go on without us. */
describe('a take-over that is overtaken', () => {
  let group: FakeGroup

  beforeEach(async () => {
    group = new FakeGroup()
    await group.start()
    group.emit('REQUEST', { apiName: 'SyncGroup', sentAt: Date.now() - 2_000 })
    group.join(0)
    group.done.length = 0
  })

  it('by a new JoinGroup, does not make this replica speak for partitions that others are being given', () => {
    group.aboutToJoin()
    expect(group.done).toEqual(['hold all', 'left'])
    expect(group.generations.map(({ aborted }) => aborted)).toEqual([true])
  })

  it('by a consumer that stopped, is no crash', () => {
    group.emit('STOP')
    expect(group.done).toEqual(['hold all', 'left'])
    expect(group.generations.map(({ aborted }) => aborted)).toEqual([true])
    expect(group.crashes).toEqual([])
  })

  it('by the next assignment, leaves everything to that one', () => {
    group.join(0)
    expect(group.done).toEqual(['pause lookups', 'joined', 'assign lookups/0'])
    expect(group.generations.map(({ aborted }) => aborted)).toEqual([true, false])
  })

  it('is as old as the request that brought the assignment, from when it was sent', () => {
    group.emit('REQUEST', { apiName: 'Fetch', sentAt: Date.now() })
    group.join(0)
    expect(group.ages).toHaveLength(2)
    expect(Math.min(...group.ages)).toBeGreaterThanOrEqual(2_000)
  })
})

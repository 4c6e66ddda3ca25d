import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { FakeGroup } from '../kafka/fake-group.ts'

/** Between an assignment and the first fetch we ask where the logs stand. Meanwhile the group may go on without us. */
describe('a take-over that is overtaken while it waits for where the logs stand', () => {
  let group: FakeGroup
  let answer: () => Promise<void>

  beforeEach(async () => {
    group = new FakeGroup()
    await group.consumer.start()
    const pending: ((offsets: { partition: number; offset: string; low: string; high: string }[]) => void)[] = []
    group.offsets = () => new Promise(resolve => { pending.push(resolve) })
    answer = async () => {
      pending.shift()?.([{ partition: 0, offset: '9', low: '0', high: '9' }])
      await turn()
    }
    group.emit('REQUEST', { apiName: 'SyncGroup', sentAt: Date.now() - 2_000 })
    await group.join()
    group.done.length = 0
  })

  it('by a new JoinGroup, does not make this replica speak for partitions that others are being given', async () => {
    group.aboutToJoin()
    await answer()
    expect(group.done).toEqual(['left'])
  })

  it('by a consumer that stopped, is no crash: kafkajs could not seek any more', async () => {
    group.emit('STOP')
    await answer()
    expect(group.done).toEqual(['left'])
    expect(group.crashes).toEqual([])
  })

  it('by the next assignment, leaves everything to that one', async () => {
    group.emit('GROUP_JOIN', { memberAssignment: { lookups: [0] } })
    await turn()
    await answer()
    expect(group.done).toEqual(['pause'])
    await answer()
    expect(group.done).toEqual(['pause', 'assign', 'seek 4', 'resume', 'joined'])
  })

  it('by a heartbeat that was refused, is as old as the last request that was answered well', async () => {
    group.emit('REQUEST', { apiName: 'Heartbeat', sentAt: Date.now() })
    await answer()
    expect(group.ages).toHaveLength(1)
    expect(group.ages[0]).toBeGreaterThanOrEqual(2_000)
  })
})

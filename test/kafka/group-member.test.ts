import { beforeEach, describe, expect, it } from 'vitest'
import { FakeGroup } from './fake-group.ts'

function fail(): Promise<never> {
  return Promise.reject(new Error('no schema'))
}

let group: FakeGroup
beforeEach(async () => {
  group = new FakeGroup()
  await group.start()
  group.done.length = 0
})

describe('a group member that is given partitions', () => {
  it('pauses their topics before kafkajs may fetch anything, and then hands them to the sink', () => {
    group.join(0, 2)
    expect(group.done).toEqual(['pause lookups', 'joined', 'assign lookups/0 lookups/2'])
  })

  it('pauses them after each assignment: a crash may lie in between', () => {
    group.join(0)
    group.done.length = 0
    group.join(0)
    expect(group.done).toEqual(['pause lookups', 'joined', 'assign lookups/0'])
  })

  it('takes none that comes when it was stopped meanwhile', () => {
    group.isRunning = false
    group.join(0)
    expect([group.done, group.crashes]).toEqual([[], []])
  })

  it('tells an assignment that the sink refuses as the end', () => {
    group.refusal = new Error('orders is no input topic')
    group.join(0)
    expect(group.crashes).toEqual([{ message: 'orders is no input topic', fatal: true }])
  })
})

describe('an assignment', () => {
  it.each<[string, () => unknown]>([
    ['JoinGroup is about to be sent', () => group.aboutToJoin()],
    ['the next one is made', () => group.join(0)],
    ['the consumer stops by itself', () => group.emit('STOP')],
    ['the consumer crashes', () => group.emit('CRASH', { error: new Error('lost'), restart: true })],
    ['the consumer is stopped', () => group.member.stop()],
  ])('ends when %s: whoever works for it learns so at once', async (_, ending) => {
    group.join(0)
    const [signal] = group.generations
    expect(signal?.aborted).toBe(false)
    await ending()
    expect(signal?.aborted).toBe(true)
  })

  it('that follows begins anew', () => {
    group.join(0)
    group.join(0)
    expect(group.generations.map(({ aborted }) => aborted)).toEqual([true, false])
  })
})

describe('how far partitions are counted', () => {
  it('is told to the group, which need not answer', async () => {
    group.commit = fail
    await group.member.commit([{ topic: 'lookups', partition: 0, offset: 5 }])
    expect(group.done).toEqual(['commit lookups/0 5'])
  })
})

describe('the membership', () => {
  it('ends before JoinGroup is sent, and when the consumer stops or crashes; nothing more is read then', () => {
    group.aboutToJoin()
    group.emit('STOP')
    group.emit('CRASH', { error: new Error('lost'), restart: true })
    expect(group.done).toEqual(['hold all', 'left', 'hold all', 'left', 'hold all', 'left'])
  })

  it('is as old as the heartbeat that was answered, from when it was sent', () => {
    group.emit('REQUEST', { apiName: 'Heartbeat', sentAt: Date.now() - 700 })
    group.emit('REQUEST', { apiName: 'Fetch', sentAt: Date.now() })
    group.emit('HEARTBEAT')
    expect(group.ages).toHaveLength(1)
    expect(group.ages[0]).toBeGreaterThanOrEqual(700)
    expect(group.ages[0]).toBeLessThan(1_000)
  })

  it.each([[6_000, { sleep: 250, heartbeat: 500 }], [600, { sleep: 25, heartbeat: 50 }]])(
    'of a session of %i ms is kept by heartbeats that are due twelve times in it, and looked at twice as often', (sessionTimeout, rhythm) => {
      expect(new FakeGroup({ sessionTimeout }).rhythm).toEqual(rhythm)
    })

  it('ends with the consumer', async () => {
    await group.member.stop()
    expect(group.done).toEqual(['hold all', 'left'])
  })
})

describe('a crash', () => {
  it('that kafkajs mends is told as an outage, not as the end', () => {
    group.emit('CRASH', { error: new Error('connection lost'), restart: true })
    expect(group.crashes).toEqual([{ message: 'connection lost', fatal: false }])
    expect(group.warnings).toEqual(['Kafka cannot be used: connection lost; trying again until it can'])
  })

  it('that nothing mends is the end', () => {
    group.emit('CRASH', { error: new Error('the session timeout is not within the range'), restart: false })
    expect(group.crashes).toEqual([{ message: 'the session timeout is not within the range', fatal: true }])
    expect(group.warnings).toEqual([])
  })
})

import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeGroup } from './fake-group.ts'

function fail(): Promise<never> {
  return Promise.reject(new Error('no schema'))
}

let group: FakeGroup
beforeEach(async () => {
  group = new FakeGroup()
  await group.consumer.start()
  group.done.length = 0
})
afterEach(() => vi.useRealTimers())

describe('a group consumer that is given partitions', () => {
  it('pauses them before the first fetch, learns where their logs stand, and reads each from where the sink says', async () => {
    group.emit('GROUP_JOIN', { memberAssignment: { lookups: [0] } })
    expect(group.done).toEqual(['pause'])
    await turn()
    expect(group.done).toEqual(['pause', 'assign', 'seek 4', 'resume', 'joined'])
  })

  it('asks again for where the logs stand until it is told', async () => {
    const { offsets } = group
    group.offsets = () => {
      group.offsets = offsets
      return Promise.reject(new Error('connection lost'))
    }
    await group.join()
    expect(group.done).toEqual(['pause'])
    await vi.waitUntil(() => group.done.includes('joined'))
    expect(group.warnings).toEqual([expect.stringContaining('connection lost')])
  })
})

describe('what was fetched', () => {
  it('is handed on with the stretch that it covers, and then resolved', async () => {
    await group.fetched({ from: 3, to: 7 })
    expect(group.done).toEqual(['ingest 3 to 8', 'resolve 7'])
  })

  it('that holds no record for us is passed over', () => {
    group.emit('END_BATCH_PROCESS', { topic: 'lookups', partition: 0, batchSize: 0, firstOffset: '5', lastOffset: '6' })
    group.emit('END_BATCH_PROCESS', { topic: 'lookups', partition: 0, batchSize: 0, firstOffset: null, lastOffset: '7' })
    expect(group.done).toEqual(['pass 5 to 7', 'pass 7 to 8'])
  })

  it('and did hold records, is not passed over', () => {
    group.emit('END_BATCH_PROCESS', { topic: 'lookups', partition: 0, batchSize: 2, firstOffset: '5', lastOffset: '6' })
    expect(group.done).toEqual([])
  })

  it('from behind a gap is taken once the log’s bounds have closed the gap', async () => {
    group.answers = [() => Promise.resolve({ seek: 2 }), () => Promise.resolve({ folded: true })]
    await group.fetched({ from: 4 })
    expect(group.done).toEqual(['ingest 4 to 10', 'bounds 0 to 9', 'ingest 4 to 10', 'resolve 9'])
  })

  it('from behind a gap that stays is read again from where the sink stands', async () => {
    group.answers = [() => Promise.resolve({ seek: 2 })]
    await group.fetched({ from: 4 })
    expect(group.done).toEqual(['ingest 4 to 10', 'bounds 0 to 9', 'ingest 4 to 10', 'seek 2'])
  })

  it('and cannot be read now is not resolved: its partition rests for a second, and the log says so once', async () => {
    vi.useFakeTimers()
    group.answers = [fail]
    await group.fetched()
    await group.fetched()
    expect(group.done).toEqual(['ingest 0 to 10', 'pause', 'ingest 0 to 10', 'pause'])
    vi.advanceTimersByTime(999)
    expect(group.done).not.toContain('resume')
    vi.advanceTimersByTime(1)
    expect(group.done).toContain('resume')
    expect(group.warnings).toEqual(['a batch cannot be read now; trying again every second'])
  })

  it('and could be read again, is told of again when it cannot', async () => {
    group.answers = [fail, () => Promise.resolve({ folded: true }), fail]
    for (let fetch = 0; fetch < 3; fetch++) await group.fetched()
    expect(group.warnings).toHaveLength(2)
  })
})

describe('the membership', () => {
  it('ends before JoinGroup is sent, and when the consumer stops or crashes', () => {
    group.aboutToJoin()
    group.emit('STOP')
    group.emit('CRASH', { error: new Error('lost'), restart: true })
    expect(group.done).toEqual(['left', 'left', 'left'])
  })

  it('is as old as the heartbeat that was answered, from when it was sent', () => {
    group.emit('REQUEST', { apiName: 'Heartbeat', sentAt: Date.now() - 700 })
    group.emit('REQUEST', { apiName: 'Fetch', sentAt: Date.now() })
    group.emit('HEARTBEAT')
    expect(group.ages).toHaveLength(1)
    expect(group.ages[0]).toBeGreaterThanOrEqual(700)
    expect(group.ages[0]).toBeLessThan(1_000)
  })

  it('ends with the consumer', async () => {
    await group.consumer.stop()
    expect(group.done).toEqual(['left'])
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

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
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
afterEach(() => vi.useRealTimers())

describe('a group consumer that is given partitions', () => {
  it('holds each of them before anybody may read it, and then hands them to the sink', () => {
    group.join(0, 2)
    expect(group.done).toEqual(['pause lookups/0', 'pause lookups/2', 'joined', 'assign lookups/0 lookups/2'])
  })

  it('holds a partition that it keeps, too: kafkajs would read it from the committed offset', () => {
    group.join(0)
    group.done.length = 0
    group.join(0)
    expect(group.done).toEqual(['pause lookups/0', 'joined', 'assign lookups/0'])
  })

  it('reads a partition from where it is told to, and no other, until it is told to hold it', () => {
    group.join(0, 2)
    group.done.length = 0
    group.consumer.readFrom({ topic: 'lookups', partition: 2 }, 17)
    group.consumer.hold({ topic: 'lookups', partition: 2 })
    expect(group.done).toEqual(['seek 2 17', 'resume lookups/2', 'pause lookups/2'])
  })

  it('may be told to hold one while it does not run: there is nothing to hold', () => {
    group.isRunning = false
    expect(() => group.consumer.hold({ topic: 'lookups', partition: 0 })).not.toThrow()
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
    ['the consumer is stopped', () => group.consumer.stop()],
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
    await group.consumer.commit([{ topic: 'lookups', partition: 0, offset: 5 }])
    expect(group.done).toEqual(['commit lookups/0 5'])
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
    expect(group.done).toEqual(['ingest 4 to 10', 'bounds 0 to 9', 'ingest 4 to 10', 'seek 0 2'])
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

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeGroup } from '../kafka/fake-group.ts'

function named(name: string, message: string, cause?: Error): Error {
  return Object.assign(new Error(message, { cause }), { name })
}

/** kafkajs 2.2.4 does not start again after some errors of a cluster that is merely starting, or away for a moment. */
describe('a consumer whose cluster is not ready for it', () => {
  let group: FakeGroup
  beforeEach(() => {
    vi.useFakeTimers()
    group = new FakeGroup()
  })
  afterEach(() => vi.useRealTimers())

  it('subscribes again until it can', async () => {
    group.subscribe = () => {
      group.subscribe = () => Promise.resolve()
      return Promise.reject(new Error('connection lost'))
    }
    const started = group.start()
    await vi.advanceTimersByTimeAsync(1_000)
    await started
    expect(group.done).toEqual(['run'])
    expect(group.warnings).toEqual(['Kafka cannot be used: connection lost; trying again until it can'])
  })

  it.each([
    named('KafkaJSGroupCoordinatorNotFound', 'Failed to find group coordinator'),
    named('KafkaJSNonRetriableError', 'wrapped', named('KafkaJSLockTimeout', 'Timeout while acquiring lock')),
  ])('runs again after %s', async error => {
    await group.start()
    group.done.length = 0
    group.emit('CRASH', { error, restart: false })
    expect(group.crashes).toEqual([{ message: error.message, fatal: false }])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(group.done).toEqual(['hold all', 'left', 'run'])
  })

  it('does not run again once it was stopped', async () => {
    await group.start()
    group.emit('CRASH', { error: named('KafkaJSGroupCoordinatorNotFound', 'Failed to find group coordinator'), restart: false })
    await group.member.stop()
    group.done.length = 0
    await vi.advanceTimersByTimeAsync(5_000)
    expect(group.done).toEqual([])
  })
})

import { createRequire } from 'node:module'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { calmRequestQueues } from '../../src/kafka/request-queues.ts'

interface Queue {
  push: (request: object) => void
  fulfillRequest: (answer: object) => void
}

const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (options: object) => Queue

/** A queue of kafkajs that may have one request under way; `sent` are those that went out. */
function queueOf(sent: number[]): { queue: Queue; push: (correlationId: number) => void } {
  const logger = { debug: () => undefined }
  const queue = new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1_000, enforceRequestTimeout: false, logger, isConnected: () => true })
  const push = (correlationId: number): void => {
    const entry = { correlationId, resolve: () => undefined, reject: () => undefined }
    queue.push({ entry, expectResponse: true, sendRequest: () => { sent.push(correlationId) } })
  }
  return { queue, push }
}

describe('a connection of kafkajs', () => {
  beforeEach(() => {
    calmRequestQueues()
    calmRequestQueues()
    vi.useFakeTimers()
  })
  afterEach(() => vi.useRealTimers())

  it('sets no timer while no request waits', () => {
    const { queue, push } = queueOf([])
    push(1)
    queue.fulfillRequest({ correlationId: 1, payload: Buffer.alloc(0), size: 0 })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('sends what waits, once it may', () => {
    const sent: number[] = []
    const { queue, push } = queueOf(sent)
    push(1)
    push(2)
    expect([sent, vi.getTimerCount()]).toEqual([[1], 1])
    queue.fulfillRequest({ correlationId: 1, payload: Buffer.alloc(0), size: 0 })
    expect(sent).toEqual([1, 2])
    vi.advanceTimersByTime(20)
    expect(vi.getTimerCount()).toBe(0)
  })
})

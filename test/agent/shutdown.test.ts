import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDiscoveryAgent, type DiscoveryAgent } from '../../src/agent/agent.ts'
import type { AgentError } from '../../src/agent/errors.ts'
import { FakeKafka, kafkaError, taking } from './fake-kafka.ts'
import { passed } from './fake-time.ts'

let kafka: FakeKafka
let errors: AgentError[]
let agent: DiscoveryAgent

beforeEach(async () => {
  vi.useFakeTimers({ now: 1_790_000_000_000 })
  kafka = new FakeKafka()
  errors = []
  agent = createDiscoveryAgent({ kafka, service: 'checkout', batchSize: 2, onError: error => errors.push(error) })
  await nextTurn() // it connects
})

afterEach(() => {
  vi.useRealTimers()
})

describe('closing an agent', () => {
  it('sends what is queued, then a last report that accounts for it, and disconnects', async () => {
    for (const service of ['a', 'b', 'c']) agent.recordLookup({ service })
    expect(await passed(agent.close())).toBeLessThan(100)
    expect(kafka.lookups.map(({ service }) => service)).toEqual(['a', 'b', 'c'])
    expect(kafka.reports).toMatchObject([{ recorded: 3, sent: 3, droppedShutdown: 0 }])
    expect(kafka.disconnects).toBe(1)
    expect(errors).toEqual([])
  })

  it('drops at the deadline what Kafka did not take, and says so in the last report', async () => {
    let closed = false
    kafka.broker = (batch, take) => closed ? taking(batch, take) : Promise.reject(kafkaError({ retriable: true }))
    agent.recordLookup({ service: 'a', weight: 7 })
    agent.recordLookup({ service: 'b' })
    agent.recordLookup({ service: 'c' })
    await vi.advanceTimersByTimeAsync(50)
    const closing = agent.close(2_000)
    await vi.advanceTimersByTimeAsync(1_999)
    expect(agent.report()).toMatchObject({ recorded: 9, sent: 0, droppedShutdown: 0 })
    closed = true
    await passed(closing)
    expect(kafka.reports).toMatchObject([{ recorded: 9, sent: 0, droppedShutdown: 9 }])
    expect(kafka.lookups).toEqual([])
    expect(errors.map(({ code }) => code)).toEqual(['SEND_RETRIED', 'CIRCUIT_OPENED', 'SHUTDOWN_INCOMPLETE'])
  })

  it('ends a second after the deadline even where Kafka never answers, and a late answer changes nothing', async () => {
    const answers: (() => void)[] = []
    kafka.broker = (_, take) => new Promise(resolve => answers.push(() => resolve(take())))
    agent.recordLookup({ service: 'a' })
    await vi.advanceTimersByTimeAsync(300)
    expect(await passed(agent.close(500))).toBeLessThanOrEqual(1_520)
    const disconnects = kafka.disconnects
    answers[0]?.()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(agent.report()).toMatchObject({ recorded: 1, sent: 0, droppedShutdown: 1 })
    // A kafkajs producer whose send ends after its disconnect has connected again.
    expect(kafka.disconnects).toBe(disconnects + 1)
  })

  it('does not wait for a Kafka that was never there longer than the deadline, and stops trying', async () => {
    const timers = vi.getTimerCount()
    const away = new FakeKafka()
    away.connecting = () => Promise.reject(new Error('ECONNREFUSED'))
    const lonely = createDiscoveryAgent({ kafka: away, service: 'checkout' })
    lonely.recordLookup({ service: 'a' })
    expect(await passed(lonely.close(300))).toBeLessThanOrEqual(310)
    const { connects } = away
    await vi.advanceTimersByTimeAsync(60_000)
    expect(away.connects).toBe(connects)
    expect(away.attempts).toEqual([])
    expect(vi.getTimerCount()).toBe(timers)
  })

  it('lets a connection go that only comes about afterwards', async () => {
    const slow = new FakeKafka()
    const connected: (() => void)[] = []
    slow.connecting = () => new Promise(resolve => connected.push(resolve))
    const late = createDiscoveryAgent({ kafka: slow, service: 'checkout' })
    await nextTurn()
    await passed(late.close(100))
    const { disconnects } = slow
    for (const connect of connected) connect()
    await vi.advanceTimersByTimeAsync(0)
    expect(slow.disconnects).toBe(disconnects + 1)
  })

  it('happens once, however often it is asked for, and leaves no timer', async () => {
    const first = agent.close()
    expect(agent.close(0)).toBe(first)
    await passed(first)
    expect(kafka.reports).toHaveLength(1)
    expect(kafka.disconnects).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('counts what is recorded afterwards as droppedShutdown', async () => {
    await passed(agent.close())
    agent.recordLookup({ service: 'late', weight: 3 })
    agent.recordRegistration({ operation: 'RENEW' })
    await passed(agent.flush())
    expect(agent.report()).toMatchObject({ recorded: 4, sent: 0, droppedShutdown: 4 })
  })

  it('counts each event once, whenever between two batches the deadline falls', async () => {
    for (let deadlineMs = 95; deadlineMs < 110; deadlineMs++) {
      const slow = new FakeKafka()
      slow.broker = async (_, take) => {
        await new Promise(resolve => setTimeout(resolve, 100))
        take()
      }
      const closed = createDiscoveryAgent({ kafka: slow, service: 'checkout', batchSize: 1, reportIntervalMs: 0 })
      closed.recordLookup({ service: 'a' })
      closed.recordLookup({ service: '' })
      await passed(closed.close(deadlineMs))
      await vi.advanceTimersByTimeAsync(1_000)
      const { sent, droppedEncode, droppedShutdown } = closed.report()
      expect(sent + droppedEncode + droppedShutdown).toBe(2)
    }
  })

  it('lets go of a flush that waits', async () => {
    kafka.broker = () => new Promise(() => undefined)
    agent.recordLookup({ service: 'a' })
    const flush = agent.flush()
    void agent.close(100)
    expect(await passed(flush)).toBeLessThanOrEqual(110)
  })
})

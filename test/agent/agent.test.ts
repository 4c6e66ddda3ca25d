import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDiscoveryAgent, type DiscoveryAgent } from '../../src/agent/agent.ts'
import type { AgentError } from '../../src/agent/errors.ts'
import type { AgentOptions } from '../../src/agent/options.ts'
import { FakeKafka, kafkaError, sizes, taking } from './fake-kafka.ts'
import { passed } from './fake-time.ts'

const LOOKUPS = 'discovery.lookups.v1'
const REGISTRATIONS = 'discovery.registrations.v1'

let kafka: FakeKafka
let errors: AgentError[]

function agentWith(options: Partial<AgentOptions> = {}): DiscoveryAgent {
  return createDiscoveryAgent({ kafka, service: 'checkout', reportIntervalMs: 0, onError: error => errors.push(error), ...options })
}

function lookUp(agent: DiscoveryAgent, count: number): void {
  for (let number = 0; number < count; number++) agent.recordLookup({ service: `s${number}` })
}

const rejects: (error: AgentError) => unknown = () => Promise.reject(new Error('host'))

beforeEach(() => {
  vi.useFakeTimers({ now: 1_790_000_000_000 })
  kafka = new FakeKafka()
  errors = []
})

afterEach(() => {
  vi.useRealTimers()
})

describe('what an agent sends', () => {
  it('is a look-up by the agent\'s own service, keyed by the service looked up', async () => {
    const agent = agentWith({ namespace: 'shop', instance: '10.0.0.1:80', zone: 'a', source: 'consul/dc1' })
    agent.recordLookup({ service: 'cart', namespace: 'shop', outcome: 'SUCCESS', instances: 3, durationMicros: 1234.6 })
    await flushed(agent)
    expect(kafka.log).toEqual([{
      topic: LOOKUPS,
      key: 'shop/cart',
      event: {
        agentId: agent.agentId, sequence: 1, occurredAt: 1_790_000_000_000, source: 'consul/dc1', clientNamespace: 'shop',
        client: 'checkout', namespace: 'shop', service: 'cart', method: 'SDK', cache: 'UNKNOWN', outcome: 'SUCCESS',
        errorCategory: 'NONE', errorCode: '', instances: 3, durationMicros: 1235, weight: 1, clientInstance: '10.0.0.1:80', zone: 'a',
      },
    }])
  })

  it('is a registration of the agent\'s own service', async () => {
    const agent = agentWith({ namespace: 'shop', instance: '10.0.0.1:80', version: '1.2.3', zone: 'a', topicPrefix: 'demo.' })
    agent.recordRegistration({ operation: 'REGISTER', outcome: 'SUCCESS', status: 'PASSING', leaseMillis: 30_000 })
    await flushed(agent)
    expect(kafka.log).toMatchObject([{
      topic: `demo.${REGISTRATIONS}`,
      key: 'shop/checkout',
      event: {
        operation: 'REGISTER', outcome: 'SUCCESS', namespace: 'shop', service: 'checkout', instance: '10.0.0.1:80', version: '1.2.3',
        zone: 'a', status: 'PASSING', leaseMillis: 30_000, durationMicros: -1,
      },
    }])
  })

  it('says nothing of the agent\'s own place where it speaks for others', async () => {
    const agent = agentWith({ namespace: 'shop', instance: 'i', version: '1', zone: 'a' })
    agent.recordLookup({ service: 'cart', client: 'web' })
    agent.recordRegistration({ operation: 'OBSERVE', service: 'cart' })
    await flushed(agent)
    expect(kafka.lookups).toMatchObject([{ client: 'web', clientNamespace: '', clientInstance: '', zone: '' }])
    expect(kafka.registrations).toMatchObject([{ service: 'cart', namespace: '', instance: '', version: '', zone: '' }])
  })

  it('takes a field that is undefined for one that is absent', async () => {
    const agent = agentWith({ zone: undefined })
    agent.recordLookup({ service: 'cart', namespace: undefined, weight: undefined, client: undefined })
    await flushed(agent)
    expect(kafka.log).toMatchObject([{ key: 'default/cart', event: { namespace: '', weight: 1, client: 'checkout' } }])
  })

  it('is what the host said at the call, whatever it does to the object later', async () => {
    const agent = agentWith()
    const lookup = { service: 'cart' }
    agent.recordLookup(lookup)
    lookup.service = 'changed'
    await flushed(agent)
    expect(kafka.lookups).toMatchObject([{ service: 'cart' }])
  })

  it('is numbered by one counter, and ids are new with every agent', async () => {
    const agent = agentWith({ kind: 'proxy' })
    agent.recordLookup({ service: 'a' })
    agent.recordRegistration({ operation: 'RENEW' })
    agent.recordLookup({ service: 'b' })
    await flushed(agent)
    expect([...kafka.lookups, ...kafka.registrations].map(({ sequence }) => sequence)).toEqual([1, 3, 2])
    expect(agent.agentId).toMatch(/^proxy\/[0-9a-f-]{36}$/)
    expect(agentWith().agentId).toMatch(/^sdk\//)
    expect(agentWith().agentId).not.toBe(agentWith().agentId)
  })

  it('is acknowledged by all replicas, and kafkajs is left no retries of its own and no topics to create', async () => {
    const agent = agentWith()
    lookUp(agent, 1)
    await flushed(agent)
    expect(kafka.attempts[0]?.acks).toBe(-1)
    expect(kafka.configs).toEqual([{ allowAutoTopicCreation: false, retry: { retries: 0 } }])
  })
})

describe('when an agent sends', () => {
  it('is when the first event has waited for lingerMs', async () => {
    const agent = agentWith({ lingerMs: 200 })
    lookUp(agent, 1)
    await vi.advanceTimersByTimeAsync(150)
    lookUp(agent, 2)
    await vi.advanceTimersByTimeAsync(49)
    expect(kafka.attempts).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(kafka.attempts.map(sizes)).toEqual([{ [LOOKUPS]: 3 }])
  })

  it('is at once when a batch is full, but never within the host\'s call', async () => {
    const agent = agentWith({ lingerMs: 60_000, batchSize: 10 })
    lookUp(agent, 25)
    expect(kafka.attempts).toEqual([])
    await vi.advanceTimersByTimeAsync(10)
    expect(kafka.attempts.map(sizes)).toEqual([{ [LOOKUPS]: 10 }, { [LOOKUPS]: 10 }])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(kafka.attempts.map(sizes)).toEqual([{ [LOOKUPS]: 10 }, { [LOOKUPS]: 10 }, { [LOOKUPS]: 5 }])
  })

  it('is at once when flushed, and the flush lasts until all is acknowledged', async () => {
    const agent = agentWith({ lingerMs: 60_000, batchSize: 10 })
    const answers: (() => void)[] = []
    kafka.broker = (_, take) => new Promise(resolve => answers.push(() => resolve(take())))
    lookUp(agent, 15)
    let done = false
    const flush = agent.flush().then(() => (done = true))
    await vi.advanceTimersByTimeAsync(5)
    answers[0]?.()
    await vi.advanceTimersByTimeAsync(5)
    expect({ done, answers: answers.length }).toEqual({ done: false, answers: 2 })
    lookUp(agent, 1)
    answers[1]?.()
    await flush
    expect(agent.report()).toMatchObject({ recorded: 16, sent: 15 })
  })

  it('keeps a batch far below a megabyte', async () => {
    const agent = agentWith({ batchSize: 5_000 })
    const long = 'x'.repeat(256)
    const fields = { namespace: long, zone: long, errorCode: long, clientInstance: long, clientNamespace: long }
    for (let number = 0; number < 1_000; number++) agent.recordLookup({ service: `s${number}`, ...fields })
    await flushed(agent)
    const bytes = kafka.attempts.map(({ topicMessages = [] }) =>
      topicMessages.flatMap(({ messages }) => messages).reduce((sum, { value }) => sum + (value?.length ?? 0), 0))
    expect(kafka.lookups).toHaveLength(1_000)
    expect(bytes.length).toBeGreaterThan(1)
    expect(Math.max(...bytes)).toBeLessThan(600_000)
  })

  it('has one send under way at a time', async () => {
    const agent = agentWith({ batchSize: 1 })
    kafka.broker = async (_, take) => {
      await new Promise(resolve => setTimeout(resolve, 30))
      take()
    }
    lookUp(agent, 10)
    await flushed(agent)
    expect(kafka.mostUnderWay).toBe(1)
  })
})

describe('what an agent drops', () => {
  it('is counted by weight when the queue is full, what was taken out to be sent included', async () => {
    const agent = agentWith({ queueLimit: 3, batchSize: 2 })
    kafka.broker = () => new Promise(() => undefined)
    lookUp(agent, 2)
    await vi.advanceTimersByTimeAsync(10)
    lookUp(agent, 1)
    agent.recordLookup({ service: 'cart', weight: 40 })
    expect(agent.report()).toMatchObject({ recorded: 43, sent: 0, droppedQueueFull: 40 })
    expect(errors.map(({ code }) => code)).toEqual(['QUEUE_FULL'])
  })

  it.each([
    ['an empty service', { service: '' }],
    ['a string over 256 bytes', { service: 'cart', zone: 'ü'.repeat(129) }],
    ['a number below -1', { service: 'cart', instances: -2 }],
    ['a weight below 0', { service: 'cart', weight: -1 }],
    ['a weight that is no number', { service: 'cart', weight: 'many' as unknown as number }],
    ['an unknown outcome', { service: 'cart', outcome: 'FINE' as 'SUCCESS' }],
    ['a service that is no string', { service: 7 as unknown as string }],
    ['nothing', null as unknown as { service: string }],
  ])('is %s, counted once as droppedEncode, and the others go on', async (_, lookup) => {
    const agent = agentWith()
    agent.recordLookup({ service: 'before' })
    agent.recordLookup(lookup)
    agent.recordLookup({ service: 'after' })
    await flushed(agent)
    expect(kafka.lookups.map(({ service }) => service)).toEqual(['before', 'after'])
    expect(agent.report()).toMatchObject({ recorded: 3, sent: 2, droppedEncode: 1 })
    expect(errors.map(({ code }) => code)).toEqual(['EVENT_INVALID'])
  })

  it('is an event whose fields throw', () => {
    const agent = agentWith()
    agent.recordLookup({ get service(): string { throw new Error('boom') } })
    expect(agent.report()).toMatchObject({ recorded: 1, droppedEncode: 1 })
  })

  it('is the one event that is too large for its topic, found by halving', async () => {
    const agent = agentWith()
    kafka.broker = (batch, take) => JSON.stringify(sent(batch)).includes('huge')
      ? Promise.reject(kafkaError({ retriable: false, type: 'MESSAGE_TOO_LARGE' }))
      : taking(batch, take)
    for (const service of ['a', 'b', 'c', 'huge', 'd']) agent.recordLookup({ service, weight: 2 })
    await flushed(agent)
    expect(kafka.lookups.map(({ service }) => service)).toEqual(['a', 'b', 'c', 'd'])
    expect(agent.report()).toMatchObject({ recorded: 10, sent: 8, droppedTooLarge: 2 })
    expect(errors.map(({ code }) => code)).toEqual(['EVENT_TOO_LARGE'])
  })

  it('is what a topic refuses for good, and no other topic\'s', async () => {
    const agent = agentWith()
    kafka.broker = (batch, take) => sent(batch).some(({ topic }) => topic === REGISTRATIONS)
      ? Promise.reject(kafkaError({ retriable: false, type: 'TOPIC_AUTHORIZATION_FAILED' }))
      : taking(batch, take)
    lookUp(agent, 2)
    agent.recordRegistration({ operation: 'RENEW' })
    await flushed(agent)
    expect(agent.report()).toMatchObject({ recorded: 3, sent: 2, droppedSend: 1 })
    expect(errors.map(({ code }) => code)).toEqual(['SEND_REFUSED'])
  })
})

describe('while Kafka is away', () => {
  it('events wait from the start, and arrive in order when it is there', async () => {
    let up = false
    kafka.connecting = () => up ? Promise.resolve() : Promise.reject(new Error('ECONNREFUSED'))
    const agent = agentWith()
    lookUp(agent, 3)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(agent.report()).toMatchObject({ recorded: 3, sent: 0 })
    expect(kafka.attempts).toEqual([])
    expect(kafka.connects).toBeGreaterThan(6)
    expect(kafka.connects).toBeLessThan(25)
    up = true
    await flushed(agent)
    expect(kafka.lookups.map(({ service }) => service)).toEqual(['s0', 's1', 's2'])
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['KAFKA_UNREACHABLE', 'CIRCUIT_OPENED']))
  })

  it('a batch that failed is sent again with its sequences, and nothing overtakes it', async () => {
    const agent = agentWith({ batchSize: 2 })
    let failures = 3
    kafka.broker = (batch, take) => {
      if (failures-- <= 0) return taking(batch, take)
      // Taken, but the answer is lost.
      take()
      return Promise.reject(kafkaError({ retriable: true }))
    }
    lookUp(agent, 4)
    await flushed(agent)
    expect(kafka.lookups.map(({ sequence }) => sequence)).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 3, 4])
    expect(agent.report()).toMatchObject({ recorded: 4, sent: 4 })
    expect(errors.map(({ code }) => code)).toEqual(['SEND_RETRIED'])
  })

  it('and the queue is full, events are counted without being read, until Kafka answers', async () => {
    let up = false
    kafka.broker = (batch, take) => up ? taking(batch, take) : Promise.reject(kafkaError({ retriable: true }))
    const agent = agentWith({ queueLimit: 4 })
    lookUp(agent, 4)
    expect(agent.isConnected()).toBe(false)
    await vi.advanceTimersByTimeAsync(10)
    expect(agent.isConnected()).toBe(true)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(agent.isConnected()).toBe(false)
    const unread = { get service(): string { throw new Error('it is read') }, weight: 7 }
    agent.recordLookup(unread)
    agent.recordRegistration({ get operation(): 'RENEW' { throw new Error('it is read') } })
    expect(agent.report()).toMatchObject({ recorded: 12, droppedQueueFull: 8, droppedEncode: 0 })
    up = true
    await flushed(agent)
    expect(agent.isConnected()).toBe(true)
    agent.recordLookup(unread)
    expect(agent.report()).toMatchObject({ recorded: 13, sent: 4, droppedEncode: 1 })
    expect(errors.map(({ code }) => code).filter(code => code === 'CIRCUIT_OPENED')).toHaveLength(1)
  })

  it('a million look-ups a few services long are kept in no more than the queue, and every one is accounted for', async () => {
    kafka.connecting = () => Promise.reject(new Error('ECONNREFUSED'))
    const agent = agentWith({ queueLimit: 1_000 })
    for (let second = 0; second < 10; second++) {
      for (let number = 0; number < 100_000; number++) agent.recordLookup({ service: `s${number % 50}`, outcome: 'SUCCESS', durationMicros: 60 })
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(agent.report()).toMatchObject({ recorded: 1_000_000, sent: 0, droppedQueueFull: 0 })
    kafka.connecting = () => Promise.resolve()
    await flushed(agent)
    expect(kafka.lookups).toHaveLength(500)
    expect(kafka.lookups.reduce((sum, { weight }) => sum + weight, 0)).toBe(1_000_000)
    expect(kafka.lookups.reduce((sum, { durationMicros }) => sum + durationMicros, 0)).toBe(60_000_000)
    expect(agent.report()).toMatchObject({ sent: 1_000_000 })
  })

  it('a report that fails holds up no events', async () => {
    const agent = agentWith({ reportIntervalMs: 1_000 })
    kafka.broker = (batch, take) => sent(batch)[0]?.topic.includes('agents')
      ? Promise.reject(kafkaError({ retriable: true, type: 'UNKNOWN_TOPIC_OR_PARTITION' }))
      : taking(batch, take)
    await vi.advanceTimersByTimeAsync(1_000)
    lookUp(agent, 1)
    await flushed(agent)
    expect(agent.report()).toMatchObject({ recorded: 1, sent: 1 })
    expect(errors.map(({ code }) => code)).toEqual(['REPORT_FAILED'])
  })
})

describe('reports', () => {
  it('are published every reportIntervalMs, keyed by the agent\'s id, and cumulative', async () => {
    const agent = agentWith({ reportIntervalMs: 10_000 })
    agent.recordLookup({ service: 'cart', weight: 5 })
    await vi.advanceTimersByTimeAsync(10_000)
    agent.recordLookup({ service: '' })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(kafka.reports).toMatchObject([
      { agentId: agent.agentId, sequence: 2, startedAt: 1_790_000_000_000, recorded: 5, sent: 5, droppedEncode: 0 },
      { agentId: agent.agentId, sequence: 4, startedAt: 1_790_000_000_000, recorded: 6, sent: 5, droppedEncode: 1 },
    ])
    expect(kafka.log.filter(({ topic }) => topic === 'discovery.agents.v1').map(({ key }) => key)).toEqual([agent.agentId, agent.agentId])
  })

  it('are not published with an interval of 0', async () => {
    const agent = agentWith({ reportIntervalMs: 0 })
    await vi.advanceTimersByTimeAsync(100_000)
    expect(kafka.reports).toEqual([])
    expect(agent.report()).toMatchObject({ agentId: agent.agentId, sequence: 0, recorded: 0 })
  })

  it('do not pile up behind one that hangs', async () => {
    agentWith({ reportIntervalMs: 1_000 })
    const answers: (() => void)[] = []
    kafka.broker = (_, take) => new Promise(resolve => answers.push(() => resolve(take())))
    await vi.advanceTimersByTimeAsync(30_500)
    for (const answer of answers) answer()
    kafka.broker = taking
    await vi.advanceTimersByTimeAsync(100)
    expect(kafka.reports).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(kafka.reports).toHaveLength(2)
  })
})

describe('the host', () => {
  it('is told the same code at most every ten seconds', async () => {
    const agent = agentWith({ queueLimit: 1 })
    kafka.broker = () => new Promise(() => undefined)
    lookUp(agent, 50)
    await vi.advanceTimersByTimeAsync(10_000)
    lookUp(agent, 50)
    expect(errors.map(({ code }) => code)).toEqual(['QUEUE_FULL', 'QUEUE_FULL'])
  })

  it('is safe from its own onError, sync and async', async () => {
    const throwing = agentWith({ queueLimit: 1, onError: () => { throw new Error('host') } })
    lookUp(throwing, 2)
    const rejecting = agentWith({ queueLimit: 1, onError: rejects })
    lookUp(rejecting, 2)
    await flushed(throwing)
    await flushed(rejecting)
    expect(throwing.report()).toMatchObject({ recorded: 2, sent: 1, droppedQueueFull: 1 })
    expect(rejecting.report()).toMatchObject({ recorded: 2, sent: 1, droppedQueueFull: 1 })
  })

  it('may take the methods off the agent', async () => {
    const { recordLookup, recordRegistration, report, flush, close } = agentWith()
    recordLookup({ service: 'cart' })
    recordRegistration({ operation: 'RENEW' })
    await Promise.all([flush(), vi.advanceTimersByTimeAsync(1_000)])
    expect(report()).toMatchObject({ recorded: 2, sent: 2 })
    await close()
  })
})

/** Flushes and lets the time pass that it takes. */
async function flushed(agent: DiscoveryAgent): Promise<void> {
  expect(await passed(agent.flush())).toBeLessThan(60_000)
}

function sent({ topicMessages = [] }: Parameters<typeof sizes>[0]): { topic: string; text: string }[] {
  return topicMessages.flatMap(({ topic, messages }) => messages.map(({ value }) => ({ topic, text: String(value) })))
}

import { connect, type Socket } from 'node:net'
import { Kafka, logLevel, type Admin, type EachMessagePayload, type KafkaConfig } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDiscoveryAgent, type DiscoveryAgent } from '../../src/agent/agent.ts'
import type { AgentOptions } from '../../src/agent/options.ts'
import { Rejection } from '../../src/contract/bounds.ts'
import { Decoder } from '../../src/contract/codec.ts'
import type { AgentReport, EventKind, EventOf } from '../../src/contract/events.ts'
import { inputTopics, topicNames } from '../../src/contract/topics.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { createMissingTopics } from '../../src/kafka/topics.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 3

let admin: Admin

function client(config: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({ brokers: sharedBroker().brokers, logLevel: logLevel.NOTHING, ...config })
}

function agentFor(topicPrefix: string, options: Partial<AgentOptions> = {}): DiscoveryAgent {
  return createDiscoveryAgent({ kafka: client(), service: 'checkout', namespace: 'shop', topicPrefix, reportIntervalMs: 0, ...options })
}

async function createTopics(prefix: string, config: Record<string, string> = {}): Promise<void> {
  const shape = { partitions: PARTITIONS, replicationFactor: 1, config }
  await createMissingTopics(admin, inputTopics(topicNames(prefix)).map(({ topic }) => ({ topic, ...shape })))
}

interface Read<K extends EventKind> {
  partition: number
  key: string
  event: EventOf[K]
}

/** All that stands in the topics now, decoded, without what a reader knows for a repetition. */
async function readBack(prefix: string): Promise<{ [K in EventKind]: Read<K>[] }> {
  const topics = inputTopics(topicNames(prefix)).map(({ topic }) => topic)
  // Asked again, for the leader of a topic just made may not know it yet.
  const message = 'the ends of the topics are known'
  const offsets = await until(() => Promise.all(topics.map(topic => admin.fetchTopicOffsets(topic))), { message })
  const expected = offsets.flat().reduce((sum, { high }) => sum + Number(high), 0)
  const messages: EachMessagePayload[] = []
  const consumer = client().consumer({ groupId: `${prefix}reader`, maxWaitTimeInMs: 200 })
  await consumer.subscribe({ topics, fromBeginning: true })
  await consumer.run({ autoCommit: false, eachMessage: async payload => void messages.push(payload) })
  await until(() => messages.length >= expected, { message: `${expected} records are read`, timeoutMs: 30_000 })
  await consumer.disconnect()
  const { lookups, registrations, agents } = topicNames(prefix)
  const of = (topic: string): EachMessagePayload[] => messages.filter(payload => payload.topic === topic)
  return {
    lookup: decoded('lookup', of(lookups)),
    registration: decoded('registration', of(registrations)),
    agent: decoded('agent', of(agents)),
  }
}

/** A repetition is a sequence not above its partition's last one. */
function decoded<K extends EventKind>(kind: K, messages: readonly EachMessagePayload[]): Read<K>[] {
  const decoder = new Decoder(kind)
  const last = new Map<number, number>()
  return messages.flatMap(({ partition, message }) => {
    const event = decoder.decode(message.value)
    if (event instanceof Rejection) throw new Error(event.detail)
    if (event.sequence <= (last.get(partition) ?? 0)) return []
    last.set(partition, event.sequence)
    return [{ partition, key: String(message.key), event }]
  })
}

function unitsOf(lookups: readonly Read<'lookup'>[]): number {
  return lookups.reduce((sum, { event }) => sum + event.weight, 0)
}

/** What the test numbered its look-ups by. */
function numbersOf(lookups: readonly Read<'lookup'>[]): number[] {
  return lookups.map(({ event }) => event.instances).toSorted((a, b) => a - b)
}

function counts({ recorded, sent, droppedTooLarge, droppedSend, droppedShutdown }: AgentReport): Record<string, number> {
  return { recorded, sent, droppedTooLarge, droppedSend, droppedShutdown }
}

beforeAll(async () => {
  admin = client().admin()
  await admin.connect()
})

afterAll(() => admin.disconnect())

describe('what an agent publishes to a real Kafka', () => {
  it('is read back whole: the sums are those of its report, in order within each partition', async () => {
    const prefix = uniquePrefix()
    await createTopics(prefix)
    const agent = agentFor(prefix, { batchSize: 100 })
    for (let number = 0; number < 1_000; number++) {
      agent.recordLookup({ service: `s${number % 20}`, namespace: 'shop', outcome: 'SUCCESS', weight: 1 + (number % 3), instances: number })
    }
    agent.recordRegistration({ operation: 'REGISTER', outcome: 'SUCCESS', instance: 'i-1' })
    await agent.close(20_000)
    const { lookup: lookups, registration: registrations, agent: reports } = await readBack(prefix)
    expect(counts(agent.report())).toEqual({ recorded: 2_000, sent: 2_000, droppedTooLarge: 0, droppedSend: 0, droppedShutdown: 0 })
    expect(unitsOf(lookups) + registrations.length).toBe(2_000)
    expect(numbersOf(lookups)).toEqual(Array.from({ length: 1_000 }, (_, number) => number))
    expect(new Set(lookups.map(({ key, partition }) => `${key} ${partition}`)).size).toBe(20)
    expect(new Set(lookups.map(({ partition }) => partition)).size).toBe(PARTITIONS)
    const registration = { operation: 'REGISTER', instance: 'i-1', agentId: agent.agentId }
    expect(registrations).toMatchObject([{ key: 'shop/checkout', event: registration }])
    expect(reports).toMatchObject([{ key: agent.agentId, event: { recorded: 2_000, sent: 2_000, startedAt: agent.report().startedAt } }])
  })

  it('waits for topics that are not there yet', async () => {
    const prefix = uniquePrefix()
    const codes: string[] = []
    const agent = agentFor(prefix, { onError: ({ code }) => codes.push(code) })
    agent.recordLookup({ service: 'cart' })
    await until(() => codes.includes('SEND_RETRIED'), { message: 'the agent says that a send failed' })
    await createTopics(prefix)
    await agent.flush()
    await agent.close()
    expect(counts(agent.report())).toEqual({ recorded: 1, sent: 1, droppedTooLarge: 0, droppedSend: 0, droppedShutdown: 0 })
    expect((await readBack(prefix)).lookup).toHaveLength(1)
  })

  it('is all but the event that its topic finds too large', async () => {
    const prefix = uniquePrefix()
    await createTopics(prefix, { 'max.message.bytes': '600' })
    const agent = agentFor(prefix)
    const long = 'x'.repeat(256)
    for (const service of ['a', 'b', 'c', 'd', 'e', 'f']) agent.recordLookup({ service })
    agent.recordLookup({ service: 'huge', zone: long, errorCode: long, clientInstance: long, weight: 5 })
    await agent.flush()
    await agent.close()
    expect(counts(agent.report())).toEqual({ recorded: 11, sent: 6, droppedTooLarge: 5, droppedSend: 0, droppedShutdown: 0 })
    const { lookup: lookups } = await readBack(prefix)
    expect(lookups.map(({ event }) => event.service).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })
})

describe('a Kafka that goes away', () => {
  it('at start and later, with its answers lost, costs no event and gives none twice to a reader that knows repetitions', async () => {
    const prefix = uniquePrefix()
    await createTopics(prefix)
    const network = new Network()
    network.down()
    const retry = { retries: 1, initialRetryTime: 50 }
    const kafka = client({ socketFactory: options => network.socket(options), connectionTimeout: 500, retry })
    const codes = new Set<string>()
    const agent = agentFor(prefix, { kafka, batchSize: 50, lingerMs: 5, onError: ({ code }) => codes.add(code) })
    record(agent, 200)
    await until(() => codes.has('KAFKA_UNREACHABLE'), { message: 'the agent says that Kafka cannot be reached' })
    network.up()
    for (let fault = 0; fault < 4; fault++) {
      const { sent } = agent.report()
      await until(() => agent.report().sent > sent, { message: 'events are acknowledged again' })
      record(agent, 500)
      // Just after a request went out: whether it was taken nobody knows.
      await network.nextWrite()
      network.down()
      await until(() => network.refused > 1, { message: 'the agent finds Kafka away' })
      network.up()
    }
    await agent.flush()
    await agent.close()
    const { lookup: lookups } = await readBack(prefix)
    expect(counts(agent.report())).toEqual({ recorded: 2_200, sent: 2_200, droppedTooLarge: 0, droppedSend: 0, droppedShutdown: 0 })
    expect(numbersOf(lookups)).toEqual(Array.from({ length: 2_200 }, (_, number) => number))
    expect(codes).toContain('SEND_RETRIED')
  })
})

let nextNumber = 0

function record(agent: DiscoveryAgent, count: number): void {
  for (let number = 0; number < count; number++) agent.recordLookup({ service: `s${number % 10}`, instances: nextNumber++ })
}

/** The way between a kafkajs client and the broker, which can be cut without hurting the broker. */
class Network {
  refused = 0
  #isUp = true
  readonly #sockets = new Set<Socket>()
  readonly #writers: (() => void)[] = []

  socket({ host, port, onConnect }: { host: string; port: number; onConnect: () => void }): Socket {
    // Nobody listens on port 1.
    const socket = connect({ host, port: this.#isUp ? port : 1 }, onConnect)
    if (!this.#isUp) this.refused += 1
    this.#sockets.add(socket)
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
    socket.write = (...args: unknown[]) => {
      const more = write(...args)
      for (const wake of this.#writers.splice(0)) wake()
      return more
    }
    return socket
  }

  /** Resolves when next something was sent. */
  nextWrite(): Promise<void> {
    return new Promise(resolve => this.#writers.push(resolve))
  }

  down(): void {
    this.#isUp = false
    this.refused = 0
    for (const socket of this.#sockets) socket.destroy(new Error('read ECONNRESET'))
    this.#sockets.clear()
  }

  up(): void {
    this.#isUp = true
  }
}

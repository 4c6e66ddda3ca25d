import dns from 'node:dns'
import { lookup as importedLookup, promises } from 'node:dns'
import { Agent, createServer, get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDiscoveryAgent, type DiscoveryAgent } from '../../src/agent/agent.ts'
import type { LookupFunction, ResolverOptions } from '../../src/agent/resolver.ts'
import { inputTopics, topicNames } from '../../src/contract/topics.ts'
import { createMissingTopics } from '../../src/kafka/topics.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { FakeKafka } from './fake-kafka.ts'

/** Every machine knows this name; the default reading takes it for no service. */
const NAME = 'localhost'
const local: ResolverOptions = { serviceOf: hostname => hostname === NAME ? { namespace: 'here', service: 'self' } : null }

let server: Server
let kafka: FakeKafka
let agent: DiscoveryAgent

beforeAll(async () => {
  server = createServer((_, response) => response.end('ok'))
  server.listen(0, NAME)
  await once(server, 'listening')
})

afterAll(() => server.close())

beforeEach(() => {
  kafka = new FakeKafka()
  agent = createDiscoveryAgent({ kafka, service: 'host', reportIntervalMs: 0, lingerMs: 0 })
})

afterEach(() => agent.close(1_000))

async function recorded(): Promise<number> {
  await agent.flush()
  return kafka.lookups.reduce((sum, { weight }) => sum + weight, 0)
}

async function fetched(by: Agent): Promise<number | undefined> {
  const { port } = server.address() as AddressInfo
  const [response] = await once(get({ host: NAME, port, agent: by }), 'response') as [{ statusCode?: number; resume: () => void }]
  response.resume()
  return response.statusCode
}

async function connected(options: { lookup?: LookupFunction } = {}): Promise<void> {
  const socket = connect({ host: NAME, port: (server.address() as AddressInfo).port, ...options })
  await once(socket, 'connect')
  socket.destroy()
}

// First: nothing in this process has been instrumented yet.
describe('the agent\'s own producer', () => {
  it('asks for its brokers without being recorded, while the host\'s questions for the same name are', async () => {
    const topicPrefix = uniquePrefix()
    const brokers = sharedBroker().brokers.map(broker => broker.replace('127.0.0.1', NAME))
    expect(brokers[0]).toContain(NAME)
    const client = new Kafka({ brokers, logLevel: logLevel.NOTHING })
    const admin = client.admin()
    await admin.connect()
    const topics = inputTopics(topicNames(topicPrefix)).map(({ topic }) => ({ topic, partitions: 1, replicationFactor: 1, config: {} }))
    await createMissingTopics(admin, topics)
    const asked: string[] = []
    const real = createDiscoveryAgent({ kafka: client, service: 'host', topicPrefix, reportIntervalMs: 0 })
    const serviceOf = (hostname: string): { namespace: string; service: string } => {
      asked.push(hostname)
      return { namespace: 'here', service: 'self' }
    }
    real.instrumentResolver(dns, { serviceOf })
    real.recordLookup({ service: 'cart' })
    await real.flush()
    const second = createDiscoveryAgent({ kafka: client, service: 'other', topicPrefix, reportIntervalMs: 0 })
    second.recordLookup({ service: 'cart' })
    await second.flush()
    expect([real.report().sent, second.report().sent, asked]).toEqual([1, 1, []])
    await connected()
    expect(asked).toEqual([NAME])
    await Promise.all([second.close(1_000), real.close(1_000), admin.disconnect()])
  })
})

describe('an instrumented node:dns', () => {
  it('records dns.lookup in every way it can be called, and answers as before', async () => {
    const before = await promises.lookup(NAME, { all: true })
    agent.instrumentResolver(dns, local)
    agent.instrumentResolver(promises, local)
    const called = await new Promise(resolve => dns.lookup(NAME, { all: true }, (_, addresses) => resolve(addresses)))
    expect([called, await promises.lookup(NAME, { all: true })]).toEqual([before, before])
    expect(await promisify(dns.lookup)(NAME)).toEqual(before[0])
    await promisify(importedLookup)(NAME, 4)
    expect(await recorded()).toBe(4)
    const told = { client: 'host', namespace: 'here', service: 'self', method: 'DNS', outcome: 'SUCCESS' }
    expect(kafka.lookups).toMatchObject(kafka.lookups.map(() => told))
    expect(new Set(kafka.lookups.map(({ instances }) => instances))).toEqual(new Set([before.length, 1]))
  })

  it('records what sockets and HTTP agents ask it', async () => {
    agent.instrumentResolver(dns, local)
    const plain = new Agent()
    await connected()
    expect(await fetched(plain)).toBe(200)
    expect(await recorded()).toBe(2)
    plain.destroy()
  })

  it('asks which family was asked for', async () => {
    const asked: string[] = []
    const serviceOf = (hostname: string, rrtype: string): null => {
      asked.push(`${hostname} ${rrtype}`)
      return null
    }
    agent.instrumentResolver(promises, { serviceOf })
    await promises.lookup(NAME, 4)
    await promises.lookup(NAME, { family: 4 })
    await promises.lookup(NAME, { family: 6 }).catch(() => undefined)
    await promises.lookup(NAME)
    expect(asked).toEqual([`${NAME} A`, `${NAME} A`, `${NAME} AAAA`, `${NAME} ANY`])
  })

  it('is what it was once the agent lets go, and once it is closed', async () => {
    const names = ['lookup', 'resolve', 'resolve4', 'resolveSrv'] as const
    const before = names.map(name => Object.getOwnPropertyDescriptor(dns, name))
    for (const letGo of [() => Promise.resolve(agent.uninstrument()), () => agent.close(100)]) {
      agent.instrumentResolver(dns, local)
      expect(names.map(name => dns[name] === before[names.indexOf(name)]?.value)).toEqual([false, false, false, false])
      await letGo()
      expect(names.map(name => Object.getOwnPropertyDescriptor(dns, name))).toEqual(before)
      expect(importedLookup).toBe(before[0]?.value)
    }
  })

  it('is left to another agent that took it over', async () => {
    const other = new FakeKafka()
    const second = createDiscoveryAgent({ kafka: other, service: 'second', reportIntervalMs: 0, lingerMs: 0 })
    const before = dns.lookup
    agent.instrumentResolver(dns, local)
    second.instrumentResolver(dns, local)
    agent.uninstrument()
    await connected()
    await second.flush()
    expect([await recorded(), other.lookups.length]).toEqual([0, 1])
    await second.close(1_000)
    expect(dns.lookup).toBe(before)
  })

  it('that somebody else has wrapped since goes through ours unrecorded', async () => {
    const before = dns.lookup
    agent.instrumentResolver(dns, local)
    const ours = dns.lookup
    const theirs = ((...args: Parameters<typeof ours>) => ours(...args)) as typeof dns.lookup
    dns.lookup = theirs
    agent.uninstrument()
    expect(dns.lookup).toBe(theirs)
    await connected()
    dns.lookup = before
    expect(await recorded()).toBe(0)
  })
})

describe('an instrumented resolver', () => {
  it('has its own methods again once the agent lets go', () => {
    const resolver = agent.instrumentResolver(new promises.Resolver())
    expect(Object.hasOwn(resolver, 'resolve4')).toBe(true)
    agent.uninstrument()
    expect(Object.getOwnPropertyNames(resolver)).toEqual(Object.getOwnPropertyNames(new promises.Resolver()))
  })
})

describe('an instrumented HTTP agent', () => {
  it('records each connection\'s name once, although node:dns is instrumented too, and none for a connection used again', async () => {
    const keeping = new Agent({ keepAlive: true, maxSockets: 1 })
    agent.instrumentResolver(dns, local)
    agent.instrumentHttpAgent(agent.instrumentHttpAgent(keeping, local), local)
    expect([await fetched(keeping), await fetched(keeping)]).toEqual([200, 200])
    expect(await recorded()).toBe(1)
    agent.uninstrument()
    expect('lookup' in (keeping as unknown as { options: object }).options).toBe(false)
    keeping.destroy()
  })

  it('knows what a cache answered', async () => {
    const answers = ['query', 'cache', 'cache']
    const cached = ((_: string, __: object, callback: (...answer: unknown[]) => void) => {
      callback(null, [{ address: '127.0.0.1', family: 4, source: answers.shift() }])
    }) as unknown as LookupFunction
    const lookup = agent.instrumentLookup(cached, { ...local, source: 'cacheable-lookup' })
    const addresses = await Promise.all([1, 2, 3].map(() => new Promise(resolve => lookup(NAME, { all: true }, (_, found) => resolve(found)))))
    expect(addresses).toMatchObject([[{ address: '127.0.0.1' }], [{ address: '127.0.0.1' }], [{ address: '127.0.0.1' }]])
    expect(await recorded()).toBe(3)
    const weights = kafka.lookups.map(({ cache, weight, source }) => [cache, weight, source])
    expect(weights).toContainEqual(['MISS', 1, 'cacheable-lookup'])
    expect(weights.filter(([cache]) => cache === 'HIT').reduce((sum, [, weight]) => sum + Number(weight), 0)).toBe(2)
  })
})

describe('a function that was handed out', () => {
  it('goes on unrecorded once the agent lets go', async () => {
    const find = agent.instrument(async (name: string) => [name], ([service]) => ({ service }))
    const lookup = agent.instrumentLookup(dns.lookup, local)
    agent.uninstrument()
    expect(await find('cart')).toEqual(['cart'])
    await connected({ lookup })
    expect(await recorded()).toBe(0)
  })
})

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../broker/ports.ts'
import { parseExposition, type Sample } from '../../demo/exposition.ts'
import type { Graph } from '../../src/views/formats/json.ts'
import { dig, nsupdate } from '../agent/dns/dns-process.ts'
import { createNamed, type Named } from '../agent/dns/named.ts'
import { CommandProcess, startReplicas, stopReplicas, type Replica } from '../support/replicas.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'

const zone = 'cluster.local'
const nameOf = (service: string): string => `${service}.shop.svc.${zone}`
/** Where each service runs. `batch` registers nowhere: the hosts file names it. */
const addresses = { web: '127.0.0.81', cart: '127.0.0.82', pay: '127.0.0.83', batch: '127.0.0.84', stranger: '127.0.0.85' }
type Client = keyof typeof addresses

const { brokers } = sharedBroker()
const topicPrefix = uniquePrefix()
let named: Named
let replicas: Replica[] = []
let agent: CommandProcess
let agentUrl: string

beforeAll(async () => {
  named = await createNamed()
  await writeFile(join(named.folder, 'hosts'), `${addresses.batch} ${nameOf('batch')}\n`)
  replicas = await startReplicas(1, { brokers, topicPrefix })
  await startAgent()
  await named.start(zone)
  await untilHeard()
})

afterAll(async () => {
  agent.signal('SIGKILL')
  await named.remove()
  await stopReplicas(replicas)
})

async function startAgent(): Promise<void> {
  const address = `127.0.0.1:${await freePort()}`
  agentUrl = `http://${address}`
  agent = new CommandProcess([
    'agent', 'dns', `--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${topicPrefix}`, `--web.listen-address=${address}`,
    `--dnstap.unix-socket=${named.socket}`, `--dns.hosts-file=${join(named.folder, 'hosts')}`, '--dns.query-timeout=2s',
  ])
  await until(async () => (await fetch(`${agentUrl}/-/healthy`)).ok, { message: 'the agent is healthy', timeoutMs: 30_000 })
}

async function ownSamples(): Promise<readonly Sample[]> {
  return parseExposition(await (await fetch(`${agentUrl}/metrics`)).text()).samples
}

async function own(name: string, result?: string): Promise<number> {
  const found = (await ownSamples()).filter(sample => sample.name === name && (result === undefined || sample.labels['result'] === result))
  return found.reduce((sum, { value }) => sum + value, 0)
}

/** BIND connects in its own time. */
async function untilHeard(): Promise<void> {
  await until(async () => {
    await dig(named.port, { name: zone, type: 'SOA', tries: 1 })
    return (await own('discovery_agent_dns_frames_total')) > 0
  }, { message: 'BIND is heard', timeoutMs: 60_000 })
}

async function lookUp(client: Client, service: string, types: readonly string[] = ['A']): Promise<void> {
  const [first = 'A', ...more] = types
  await dig(named.port, { name: nameOf(service), type: first, from: addresses[client], flags: more.flatMap(type => [nameOf(service), type]) })
}

async function edges(): Promise<Record<string, [lookups: number, failures: number]>> {
  const graph = (await replicas[0]?.json('/api/v1/graph')) as Graph
  return Object.fromEntries(graph.edges.map(edge =>
    [`${edge.clientNamespace}/${edge.client} -> ${edge.namespace}/${edge.service}`, [edge.lookups, edge.failures]]))
}

async function counted(name: string, labels: Record<string, string>): Promise<number> {
  const samples = (await replicas[0]?.scrape()) ?? []
  return samples.filter(sample => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0)
}

describe('what BIND tells the agent comes through Kafka', () => {
  it('as instances: registered, refused and deregistered', async () => {
    for (const service of ['web', 'cart', 'pay'] as const) {
      const lines = [`update delete ${nameOf(service)} A`, `update add ${nameOf(service)} 5 A ${addresses[service]}`]
      expect(await nsupdate(named.port, zone, { lines })).toBe(true)
    }
    expect(await nsupdate(named.port, zone, { lines: [`update add ${nameOf('pay')} 5 A 127.0.0.86`] })).toBe(true)
    expect(await nsupdate(named.port, zone, { lines: [`update delete ${nameOf('pay')} A 127.0.0.86`] })).toBe(true)
    expect(await nsupdate(named.port, zone, { from: '127.0.0.87', lines: [`update add ${nameOf('pay')} 5 A 127.0.0.87`] })).toBe(false)
    const pay = { namespace: 'shop', service: 'pay' }
    await until(async () => (await counted('discovery_registrations_total', { ...pay, outcome: 'failure' })) === 1
      && (await counted('discovery_registrations_total', { ...pay, operation: 'deregister' })) === 1, {
      message: 'the refused update and the deletion are counted', timeoutMs: 30_000,
    })
    expect(await counted('discovery_registrations_total', { ...pay, operation: 'register', outcome: 'success' })).toBe(2)
    expect(await counted('discovery_registration_errors_total', { ...pay, category: 'unauthorized', code: 'REFUSED' })).toBe(1)
    expect(await counted('discovery_instances', { ...pay, status: 'passing' })).toBe(1)
  })

  it('as the map: who looks up whom, how often, and what failed', async () => {
    for (let round = 0; round < 3; round++) await lookUp('web', 'cart')
    for (let round = 0; round < 2; round++) await lookUp('cart', 'pay', ['A', 'AAAA'])
    await lookUp('pay', 'nobody')
    await lookUp('batch', 'pay')
    await lookUp('stranger', 'cart')
    const expected = {
      'shop/web -> shop/cart': [3, 0], 'shop/cart -> shop/pay': [2, 0], 'shop/pay -> shop/nobody': [1, 1],
      'shop/batch -> shop/pay': [1, 0], 'default/unknown -> shop/cart': [1, 0],
    }
    await until(async () => Object.keys(await edges()).length >= 5 && (await counted('discovery_lookups_total', {})) >= 8, {
      message: 'all look-ups are in the map', timeoutMs: 30_000,
    })
    expect(await edges()).toEqual(expected)
    expect(await counted('discovery_lookup_errors_total', { service: 'nobody', category: 'not_found', code: 'NXDOMAIN' })).toBe(1)
    expect(await counted('discovery_lookup_duration_seconds_count', {})).toBe(8)
  })

  it('and each event is accounted for, on the agent’s own page and in its reports', async () => {
    const recorded = await own('discovery_agent_own_recorded_events_total')
    expect(recorded).toBe(8 + 6)
    expect(await own('discovery_agent_own_events_total', 'sent')).toBe(recorded)
    expect(await own('discovery_agent_dns_clients_total', 'unknown')).toBe(1)
    await until(async () => (await counted('discovery_agent_events_recorded_total', { kind: 'dns' })) === recorded, {
      message: 'the agent’s report is in', timeoutMs: 30_000,
    })
    expect(await counted('discovery_agent_events_received_total', { kind: 'dns' })).toBe(recorded)
  })
})

describe('an agent that is killed', () => {
  it('is followed by one that takes over its socket, and nothing is counted twice', async () => {
    agent.signal('SIGKILL')
    await agent.end
    await startAgent()
    await untilHeard()
    await lookUp('batch', 'cart')
    await until(async () => (await edges())['shop/batch -> shop/cart'] !== undefined, { message: 'the new look-up is in the map', timeoutMs: 30_000 })
    expect(await edges()).toMatchObject({ 'shop/web -> shop/cart': [3, 0], 'shop/batch -> shop/cart': [1, 0] })
  })

  it('is no model: one that is told to stop sends what it has, and ends well', async () => {
    await lookUp('batch', 'cart')
    await until(async () => (await own('discovery_agent_dns_answers_total')) === 2, { message: 'the look-up is heard', timeoutMs: 30_000 })
    agent.signal('SIGTERM')
    expect(await agent.end).toBe(0)
    await until(async () => (await edges())['shop/batch -> shop/cart']?.[0] === 2, { message: 'the last look-up is in the map', timeoutMs: 30_000 })
  })
})

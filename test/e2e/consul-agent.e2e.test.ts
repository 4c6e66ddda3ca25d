import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../broker/ports.ts'
import { ConsulServer } from '../agent/consul/consul-server.ts'
import { CommandProcess, startReplicas, stopReplicas, type Replica } from '../support/replicas.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { ensureTools } from '../support/toolchain.ts'
import { until } from '../support/until.ts'

const { brokers } = sharedBroker()
const topicPrefix = uniquePrefix()
let consul: ConsulServer
let replicas: Replica[] = []
const agents: CommandProcess[] = []

beforeAll(async () => {
  await ensureTools(['consul'])
  consul = await ConsulServer.create()
  await consul.start()
  replicas = await startReplicas(1, { brokers, topicPrefix })
})

afterAll(async () => {
  for (const agent of agents) agent.signal('SIGKILL')
  await consul.stop()
  await stopReplicas(replicas)
})

/** Resolves once it has heard Consul. */
async function startAgent(...flags: string[]): Promise<void> {
  const address = `127.0.0.1:${await freePort()}`
  agents.push(new CommandProcess([
    'agent', 'consul', `--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${topicPrefix}`, `--web.listen-address=${address}`,
    `--consul.url=${consul.url}`, ...flags,
  ]))
  await until(async () => /^discovery_agent_consul_tellings_total\{result="observe"\} [1-9]/m.test(await (await fetch(`http://${address}/metrics`)).text()), {
    message: 'the agent has told what it sees', timeoutMs: 30_000,
  })
}

async function counted(name: string, labels: Record<string, string>): Promise<number> {
  const samples = (await replicas[0]?.scrape()) ?? []
  return samples.filter(sample => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0)
}

function untilInstances(status: string, number: number): Promise<unknown> {
  return until(async () => (await counted('discovery_instances', { service: 'cart', status })) === number, {
    message: `${number} instances of cart are ${status}`, timeoutMs: 60_000,
  })
}

describe('what two agents see in one Consul', () => {
  it('is one state of each instance, and no registration', async () => {
    await consul.register('cart', 'cart-1', { version: '1.0' })
    await startAgent()
    await startAgent()
    await untilInstances('passing', 1)
    await consul.register('cart', 'cart-2', { version: '1.1' })
    await untilInstances('passing', 2)
    await consul.put('/v1/agent/check/fail/service:cart-2')
    await untilInstances('critical', 1)
    await until(async () => (await counted('discovery_agent_events_received_total', { kind: 'consul' })) === 2 * 4, {
      message: 'both have told of Consul itself, two instances and a failed check', timeoutMs: 60_000,
    })
    expect(await counted('discovery_instances', { service: 'cart', status: 'passing' })).toBe(1)
    expect(await counted('discovery_deployments_total', { service: 'cart' })).toBe(2)
    expect(await counted('discovery_registrations_total', { service: 'cart' })).toBe(0)
  })

  it('ends an instance once, though each agent tells it', async () => {
    await consul.put('/v1/agent/service/deregister/cart-2')
    await untilInstances('critical', 0)
    await until(async () => (await counted('discovery_registrations_total', { service: 'cart', operation: 'deregister' })) === 2, {
      message: 'both deregistrations are counted', timeoutMs: 60_000,
    })
    expect(await counted('discovery_instances', { service: 'cart', status: 'passing' })).toBe(1)
  })

  it('stands as it stood when an agent starts anew, and another that is told to stop ends well', async () => {
    agents[0]?.signal('SIGTERM')
    expect(await agents[0]?.end).toBe(0)
    await startAgent()
    await until(async () => (await counted('discovery_agent_events_received_total', { kind: 'consul' })) === 2 * 5 + 2, {
      message: 'the third has told of Consul itself and the instance', timeoutMs: 60_000,
    })
    expect(await counted('discovery_instances', { service: 'cart', status: 'passing' })).toBe(1)
    expect(await counted('discovery_deployments_total', { service: 'cart' })).toBe(2)
    expect(await counted('discovery_lease_expirations_total', { service: 'cart' })).toBe(0)
  })
})

describe('who depends on whom in one Consul', () => {
  it('is on the map: by what a proxy declares, and by what is looked up', async () => {
    await startAgent('--consul.lookups=true')
    const proxy = { Upstreams: [{ DestinationName: 'cart', LocalBindPort: 9_191 }] }
    await consul.register('web', 'web-1', { address: '127.0.0.7', more: { Connect: { SidecarService: { Proxy: proxy } } } })
    await untilMap([['web', 'cart', 'never']])
    await until(async () => {
      await consul.askFrom('127.0.0.7', '/v1/health/service/db')
      return (await edges()).length === 2
    }, { message: 'web looks up db', timeoutMs: 60_000 })
    await untilMap([['web', 'cart', 'never'], ['web', 'db', 'seen']])
    expect(await counted('discovery_lookups_total', { service: 'cart' })).toBe(0)
    expect(await counted('discovery_lookups_total', { service: 'db', outcome: 'unknown' })).toBeGreaterThan(0)
  })
})

/** Client, service, and whether it was ever looked up; of clients that are known. */
async function edges(): Promise<string[][]> {
  const response = await fetch(`${replicas[0]?.url ?? ''}/api/v1/graph`)
  const graph = (await response.json()) as { edges: { client: string; service: string; lastSeen: string | null }[] }
  return graph.edges.filter(({ client }) => client !== 'unknown').map(({ client, service, lastSeen }) => [client, service, lastSeen === null ? 'never' : 'seen'])
}

function untilMap(expected: readonly string[][]): Promise<unknown> {
  return until(async () => JSON.stringify(await edges()) === JSON.stringify(expected), { message: `the map is ${expected.join('; ')}`, timeoutMs: 60_000 })
}

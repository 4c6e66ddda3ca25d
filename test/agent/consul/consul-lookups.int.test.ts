import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LookupFields } from '../../../src/agent/fields.ts'
import { readRuleFile, rulesOf } from '../../../src/agent/dns/rules.ts'
import { ensureTools } from '../../support/toolchain.ts'
import { until } from '../../support/until.ts'
import { dig } from '../dns/dns-process.ts'
import { ConsulRecording } from './consul-recording.ts'
import { ConsulServer } from './consul-server.ts'

const rules = rulesOf(readRuleFile({ clients: [{ cidr: '127.0.0.9', service: 'batch', namespace: 'jobs' }] }), [])

beforeAll(async () => {
  await ensureTools(['consul', 'dig'])
}, 300_000)

/** `client service METHOD outcome`, of services but those of `untilHeard`. */
function told({ lookups }: ConsulRecording): string[] {
  return lookups.filter(({ service }) => service !== 'probe').map(text)
}

function text({ clientNamespace, client, namespace, service, method, outcome, errorCode = '', weight }: LookupFields): string {
  return [clientNamespace, client, namespace, service, method, outcome, errorCode, weight === 0 ? 'declared' : '']
    .filter(word => word !== undefined && word !== '').join(' ')
}

/** Resolves once what Consul logs is read. */
function untilHeard(consul: ConsulServer, { lookups }: ConsulRecording): Promise<unknown> {
  return until(async () => {
    await consul.askFrom('127.0.0.1', '/v1/health/service/probe')
    return lookups.some(({ service }) => service === 'probe')
  }, { message: 'a look-up is read from the log', timeoutMs: 30_000 })
}

describe('what Consul logs', () => {
  let consul: ConsulServer
  let recording: ConsulRecording

  beforeAll(async () => {
    consul = await ConsulServer.create()
    await consul.start()
    for (const [service, address] of [['web', '127.0.0.7'], ['cart', '10.0.0.7'], ['one', '127.0.0.8'], ['other', '127.0.0.8']] as const) {
      await consul.register(service, `${service}-1`, { address })
    }
    recording = new ConsulRecording({ url: consul.url, lookups: rules })
    recording.agent.start()
    await until(() => recording.agent.held.instances === 5, { message: 'all instances, Consul itself among them, are known' })
    await untilHeard(consul, recording)
  })

  afterAll(async () => {
    await recording.agent.stop()
    await consul.stop()
  })

  it('tells who looked up whom by HTTP and DNS, A and AAAA as one', async () => {
    await consul.askFrom('127.0.0.7', '/v1/health/service/cart?passing')
    await consul.askFrom('127.0.0.9', '/v1/catalog/service/cart')
    await consul.askFrom('127.0.0.7', '/v1/health/service/cart?cached')
    await consul.askFrom('127.0.0.8', '/v1/health/service/cart?index=1')
    await consul.askFrom('127.0.0.7', '/v1/health/service/cart?dc=nowhere')
    await dig(consul.dnsPort, { name: 'cart.service.consul', type: 'A', from: '127.0.0.7' })
    await dig(consul.dnsPort, { name: 'cart.service.consul', type: 'AAAA', from: '127.0.0.7' })
    await dig(consul.dnsPort, { name: '_cart._tcp.service.consul', type: 'SRV', from: '127.0.0.6' })
    await dig(consul.dnsPort, { name: 'node-1.node.consul', from: '127.0.0.7' })
    await until(() => told(recording).length >= 7, { message: `seven look-ups, beside ${told(recording).join(', ')}` })
    expect(told(recording)).toEqual([
      'web cart HTTP', 'jobs batch cart HTTP', 'web cart HTTP', 'cart WATCH', 'web cart HTTP FAILURE NO_DATACENTER', 'web cart DNS', 'cart DNS',
    ])
    expect(recording.agent.lookups?.lines.of('twin')).toBe(1)
    expect(Object.fromEntries(['static', 'ambiguous'].map(by => [by, recording.agent.lookups?.askers.of(by as 'static')]))).toEqual({ static: 1, ambiguous: 1 })
    const [byHttp, , , waiting] = recording.lookups.filter(({ service }) => service === 'cart')
    expect(byHttp).toMatchObject({ source: 'consul/dc1' })
    expect(byHttp?.durationMicros).toBeGreaterThan(0)
    expect(Math.abs(Date.now() - (byHttp?.occurredAt ?? 0))).toBeLessThan(60_000)
    expect(waiting?.durationMicros).toBeUndefined()
  })

  it('leaves out what we ask ourselves', () => {
    expect(recording.agent.lookups?.lines.of('own')).toBeGreaterThan(0)
  })

  it('goes on after a restart of Consul', async () => {
    const before = recording.lookups.length
    await consul.stop()
    await consul.start()
    await until(async () => {
      await consul.askFrom('127.0.0.9', '/v1/health/service/late').catch(() => 0)
      return recording.lookups.slice(before).some(({ client, service }) => client === 'batch' && service === 'late')
    }, { message: 'a look-up after the restart', timeoutMs: 30_000 })
    expect(recording.agent.failures.of('unreachable')).toBeGreaterThan(0)
  })
})

describe('the upstreams of a proxy', () => {
  it('are declared as what its service depends on, each when it is new', async () => {
    const consul = await ConsulServer.create()
    await consul.start()
    const recording = new ConsulRecording({ url: consul.url })
    recording.agent.start()
    const register = (...upstreams: string[]): Promise<void> => consul.register('api', 'api-1', {
      more: { Connect: { SidecarService: { Proxy: { Upstreams: upstreams.map((DestinationName, i) => ({ DestinationName, LocalBindPort: 9_000 + i })) } } } },
    })
    try {
      await register('web')
      await until(() => told(recording).length === 1, { message: 'the first upstream' })
      await register('web', 'mail')
      await until(() => told(recording).length === 2, { message: 'the second upstream' })
      expect(told(recording)).toEqual(['api web XDS declared', 'api mail XDS declared'])
      expect(recording.lookups[0]).toMatchObject({ source: 'consul/dc1', weight: 0 })
    } finally {
      await recording.agent.stop()
      await consul.stop()
    }
  })
})

describe('a token that may not read the log', () => {
  it('leaves what is registered as it is, and is told of', async () => {
    const consul = await ConsulServer.create({
      configuration: 'acl { enabled = true default_policy = "deny" tokens { master = "root" agent = "root" } }', token: 'root',
    })
    await consul.start()
    await consul.register('web', 'web-1')
    await until(() => consul.put('/v1/acl/policy', { Name: 'reader', Rules: 'service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }' }).then(() => true, () => false),
      { message: 'Consul takes a policy' })
    const { SecretID: token } = JSON.parse(await consul.put('/v1/acl/token', { Policies: [{ Name: 'reader' }] })) as { SecretID: string }
    const recording = new ConsulRecording({ url: consul.url, token: () => token, lookups: rules })
    recording.agent.start()
    try {
      await until(() => recording.toldOf('web').length === 1 && recording.agent.failures.of('denied') > 0, { message: 'the service, and the denial', timeoutMs: 30_000 })
      expect(recording.faults).toEqual(['denied'])
    } finally {
      await recording.agent.stop()
      await consul.stop()
    }
  })
})

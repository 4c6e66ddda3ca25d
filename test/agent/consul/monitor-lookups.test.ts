import { describe, expect, it } from 'vitest'
import { InstanceAddresses } from '../../../src/agent/consul/instance-addresses.ts'
import type { InstanceState } from '../../../src/agent/consul/catalog.ts'
import { MonitorLookups } from '../../../src/agent/consul/monitor-lookups.ts'
import { readRuleFile, rulesOf } from '../../../src/agent/dns/rules.ts'
import type { LookupFields } from '../../../src/agent/fields.ts'

const T0 = Date.parse('2026-01-01T12:00:00Z')

function at(host: string, isProxy = false): InstanceState {
  return { datacenter: 'dc1', instance: 'node-1/a', address: `${host}:80`, host, isProxy, upstreams: [], version: '', status: 'PASSING', createIndex: 1 }
}

function stamp(later: number): string {
  return new Date(T0 + later).toISOString()
}

function site() {
  const lookups: LookupFields[] = []
  const addresses = new InstanceAddresses()
  const rules = rulesOf(readRuleFile({ clients: [{ cidr: '10.9.0.0/16', service: 'batch', namespace: 'jobs' }] }), [])
  const monitor = new MonitorLookups({ rules, addresses, source: () => 'consul/dc1', record: lookup => lookups.push(lookup) })
  const log = (module: string, message: string, fields: Record<string, unknown>) =>
    monitor.take(JSON.stringify({ '@module': module, '@message': message, '@timestamp': stamp(0), latency: '1ms', ...fields }))
  return {
    monitor, addresses, lookups,
    http: (url: string, from = '10.0.0.1:5') => log('agent.http', 'Request finished', { url, from }),
    error: (error: string, from = '10.0.0.1:5') => log('agent.http', 'Request error', { error, from }),
    dns: (name: string, type: string, { later = 0, client = '10.0.0.1:5' } = {}) => log('agent.dns', 'request served from client', { name, type, client, '@timestamp': stamp(later) }),
  }
}

describe('look-ups in Consul’s log', () => {
  it('by HTTP are of health, of the catalog and of Connect, and of nothing else', () => {
    const { http, lookups, monitor } = site()
    const paths = ['health/service', 'health/connect', 'health/ingress', 'catalog/service', 'catalog/connect']
    for (const path of paths) http(`/v1/${path}/caf%C3%A9`)
    for (const path of ['health/checks/cart', 'catalog/services', 'health/service/', 'agent/self', 'kv/v1/health/service/cart', 'health/service/%E0']) http(`/v1/${path}`)
    expect(lookups.map(({ service, method, durationMicros }) => [service, method, durationMicros])).toEqual(paths.map(() => ['café', 'HTTP', 1_000]))
    expect([monitor.lines.of('lookup'), monitor.lines.of('other')]).toEqual([5, 6])
  })

  it('that wait for a change are watches, whose time says nothing', () => {
    const { http, lookups } = site()
    for (const query of ['index=7&wait=1m', 'index=0', 'index=', 'passing']) http(`/v1/health/service/cart?${query}`)
    expect(lookups.map(({ method, durationMicros }) => [method, durationMicros])).toEqual([['WATCH', undefined], ['HTTP', 1_000], ['HTTP', 1_000], ['HTTP', 1_000]])
  })

  it('that failed are failures of the one who asked', () => {
    const { http, error, lookups } = site()
    const told = ['Permission denied', 'No cluster leader', 'No path to datacenter', 'rate limit exceeded', 'rpc error: deadline exceeded', 'eof of node-7']
    for (const text of told) {
      error(text)
      http('/v1/health/service/cart')
    }
    error('Permission denied', '10.0.0.2:5')
    http('/v1/health/service/cart')
    expect(lookups.map(({ outcome, errorCategory, errorCode }) => [outcome, errorCategory, errorCode])).toEqual([
      ['FAILURE', 'UNAUTHORIZED', 'ACL'], ['FAILURE', 'INTERNAL', 'NO_LEADER'], ['FAILURE', 'NOT_FOUND', 'NO_DATACENTER'], ['FAILURE', 'RATE_LIMITED', 'RATE_LIMIT'],
      ['FAILURE', 'TIMEOUT', ''], ['FAILURE', 'OTHER', ''], [undefined, undefined, undefined],
    ])
  })

  it('for A and AAAA of one name, of one client, at one time, are one', () => {
    const { dns, lookups, monitor } = site()
    dns('cart.service.consul.', 'A')
    dns('cart.service.consul.', 'AAAA', { later: 200 })
    expect([lookups.length, monitor.lines.of('twin')]).toEqual([1, 1])
    dns('cart.service.consul.', 'A', { later: 201 })
    dns('cart.service.consul.', 'A', { later: 202 })
    dns('cart.service.consul.', 'AAAA', { later: 403 })
    dns('cart.service.consul.', 'A', { later: 404, client: '10.0.0.2:5' })
    expect([lookups.length, monitor.lines.of('twin')]).toEqual([5, 1])
  })

  it('by DNS are of services’ names', () => {
    const { dns, lookups } = site()
    for (const name of ['Cart.service.consul.', 'v2.cart.service.dc2.consul.', '_cart._tcp.service.consul.', 'cart.connect.consul.', 'node-1.node.consul.', 'example.com.']) dns(name, 'SRV')
    dns('cart.service.consul.', 'TXT')
    expect(lookups.map(({ service }) => service)).toEqual(['cart', 'cart', 'cart', 'cart'])
  })

  it('are of the service at the address, if it is one alone, proxies left out', () => {
    const { http, addresses, lookups, monitor } = site()
    const ask = (from: string) => http('/v1/health/service/cart', from)
    addresses.add('web', at('10.0.0.1'))
    addresses.add('web-sidecar-proxy', at('10.0.0.1', true))
    addresses.add('web', at('10.0.0.1'))
    ask('10.0.0.1:5')
    addresses.add('mail', at('10.0.0.1'))
    ask('10.0.0.1:5')
    addresses.remove('mail', at('10.0.0.1'))
    addresses.remove('web', at('10.0.0.1'))
    ask('10.0.0.1:6')
    addresses.remove('web', at('10.0.0.1'))
    ask('10.0.0.1:7')
    addresses.add('six', at('fd00::1'))
    ask('[fd00::1]:8')
    ask('10.9.0.1:9')
    expect(lookups.map(({ client }) => client)).toEqual(['web', '', 'web', '', 'six', 'batch'])
    expect(monitor.askers.samples()).toEqual([
      { result: 'registration', value: 3 }, { result: 'static', value: 1 }, { result: 'ambiguous', value: 1 }, { result: 'unknown', value: 1 },
    ])
  })

  it('are counted where they cannot be read', () => {
    const { monitor } = site()
    for (const line of [undefined, 'no JSON']) monitor.take(line)
    expect(monitor.lines.of('unreadable')).toBe(2)
  })
})

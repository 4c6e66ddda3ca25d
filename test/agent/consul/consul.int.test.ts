import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../broker/ports.ts'
import { Authority } from '../../support/certificates.ts'
import { ensureTools } from '../../support/toolchain.ts'
import { until } from '../../support/until.ts'
import { ConsulRecording } from './consul-recording.ts'
import { ConsulServer } from './consul-server.ts'

/** The events of a service, without their revisions, which rise as everything in Consul does. */
function eventsOf(recording: ConsulRecording, service: string): string[] {
  return recording.toldOf(service).map(line => line.replace(/ @\d+$/, ''))
}

function revisionsOf(recording: ConsulRecording, service: string): number[] {
  return recording.registrations.filter(event => event.service === service).map(({ revision = -1 }) => revision)
}

async function untilEvents(recording: ConsulRecording, service: string, expected: readonly string[]): Promise<void> {
  await until(() => eventsOf(recording, service).length >= expected.length, {
    message: `${expected.join(', ')}, beside ${eventsOf(recording, service).join(', ')}`, timeoutMs: 30_000,
  })
  expect(eventsOf(recording, service)).toEqual(expected)
}

beforeAll(async () => {
  await ensureTools(['consul', 'openssl'])
}, 300_000)

describe('Consul', () => {
  let consul: ConsulServer
  let counting: ConsulRecording
  let observing: ConsulRecording

  beforeAll(async () => {
    consul = await ConsulServer.create()
    await consul.start()
    await consul.register('found', 'found-1')
    counting = new ConsulRecording({ url: consul.url, countsChanges: true })
    observing = new ConsulRecording({ url: consul.url })
    for (const { agent } of [counting, observing]) agent.start()
    for (const each of [counting, observing]) await untilEvents(each, 'found', ['OBSERVE found node-1/found-1 PASSING'])
  })

  afterAll(async () => {
    await Promise.all([counting.agent.stop(), observing.agent.stop()])
    await consul.stop()
  })

  it('tells of a service that registers, whose check fails, and that deregisters', async () => {
    const instance = 'web node-1/web-1'
    const expected = ['REGISTER', 'STATUS_CHANGE', 'STATUS_CHANGE'].map((operation, i) => `${operation} ${instance} ${['PASSING', 'CRITICAL', 'PASSING'][i]}`)
    const check = 'service:web-1'
    const changes = [
      () => consul.register('web', 'web-1', { version: '1.2' }), () => consul.put(`/v1/agent/check/fail/${check}`),
      () => consul.put(`/v1/agent/check/pass/${check}`), () => consul.put('/v1/agent/service/deregister/web-1'),
    ]
    for (const [i, change] of changes.entries()) {
      await change()
      await untilEvents(counting, 'web', [...expected, `DEREGISTER ${instance}`].slice(0, i + 1))
      await untilEvents(observing, 'web', [...expected.map(line => line.replace(/^\w+/, 'OBSERVE')), `DEREGISTER ${instance}`].slice(0, i + 1))
    }
    expect(counting.registrations.find(({ service }) => service === 'web')).toMatchObject({
      source: 'consul/dc1', version: '1.2', address: '10.0.0.7:80', zone: 'dc1', outcome: 'SUCCESS', leaseMillis: 900_000,
    })
    const revisions = revisionsOf(counting, 'web')
    expect(revisions).toEqual(revisionsOf(observing, 'web'))
    expect(revisions.every((revision, i) => revision > (revisions[i - 1] ?? 0))).toBe(true)
  })

  it('tells by a newer revision that maintenance is over, though the check that said so is gone', async () => {
    await consul.register('shop', 'shop-1')
    await untilEvents(counting, 'shop', ['REGISTER shop node-1/shop-1 PASSING'])
    await consul.put('/v1/agent/service/maintenance/shop-1?enable=true')
    await untilEvents(counting, 'shop', ['REGISTER shop node-1/shop-1 PASSING', 'STATUS_CHANGE shop node-1/shop-1 MAINTENANCE'])
    await consul.put('/v1/agent/service/maintenance/shop-1?enable=false')
    await until(() => eventsOf(counting, 'shop').length === 3, { message: 'the end of maintenance' })
    expect(eventsOf(counting, 'shop').at(-1)).toBe('STATUS_CHANGE shop node-1/shop-1 PASSING')
    const [, during = 0, after = 0] = revisionsOf(counting, 'shop')
    expect(after).toBeGreaterThan(during)
  })

  it('tells of a change of version or address as of what is seen', async () => {
    await consul.register('shop', 'shop-1', { version: '2', port: 81 })
    await until(() => eventsOf(counting, 'shop').length === 4, { message: 'the new version' })
    expect(counting.registrations.filter(({ service }) => service === 'shop').at(-1)).toMatchObject({
      operation: 'OBSERVE', version: '2', address: '10.0.0.7:81', status: 'PASSING',
    })
  })

  it('that comes back without its data has lost what is not registered anew, and is read though its index went back', async () => {
    await consul.stop()
    await until(() => counting.agent.failures.of('unreachable') > 0, { message: 'Consul is missed' })
    const told = counting.told.length
    await consul.start()
    await until(() => [counting, observing].every(({ agent }) => agent.held.services === 1), { message: 'none but Consul itself is watched', timeoutMs: 30_000 })
    expect(eventsOf(counting, 'found')).toEqual(['OBSERVE found node-1/found-1 PASSING', 'DEREGISTER found node-1/found-1'])
    expect(counting.told.slice(told).filter(line => line.startsWith('DEREGISTER')).toSorted()).toEqual([
      'DEREGISTER found node-1/found-1 @0', 'DEREGISTER shop node-1/shop-1 @0',
    ])
    expect(counting.agent.answers.of('went_back')).toBeGreaterThan(0)
    await consul.register('found', 'found-1')
    await until(() => eventsOf(observing, 'found').length === 3, { message: 'it is found again' })
    expect(observing.toldOf('found').slice(1)).toEqual(['DEREGISTER found node-1/found-1 @0', 'OBSERVE found node-1/found-1 PASSING @0'])
  })
})

describe('a Consul that keeps its data', () => {
  it('is stopped and started, and what it holds is not told as ended', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'consul-'))
    const consul = await ConsulServer.create({ folder })
    await consul.start()
    await consul.register('web', 'web-1')
    const recording = new ConsulRecording({ url: consul.url, countsChanges: true })
    recording.agent.start()
    try {
      await untilEvents(recording, 'web', ['OBSERVE web node-1/web-1 PASSING'])
      await consul.stop('SIGTERM')
      await until(() => recording.agent.failures.of('unreachable') > 0, { message: 'Consul is missed' })
      await consul.start()
      await consul.register('web', 'web-2')
      await until(() => recording.toldOf('web').some(line => line.includes('web-2')), { message: 'web-2 is told of', timeoutMs: 30_000 })
      expect(eventsOf(recording, 'web').filter(line => line.startsWith('DEREGISTER'))).toEqual([])
      expect(revisionsOf(recording, 'web').every(revision => revision > 0)).toBe(true)
    } finally {
      await recording.agent.stop()
      await consul.stop()
      await rm(folder, { recursive: true, force: true })
    }
  })
})

describe('a Consul that asks for a token', () => {
  it('denies one that it does not know, and is read once there is another', async () => {
    const configuration = 'acl { enabled = true default_policy = "deny" tokens { master = "root" agent = "root" } }'
    const consul = await ConsulServer.create({ configuration, token: 'root' })
    await consul.start()
    await consul.register('web', 'web-1')
    let token = 'of-somebody-else'
    const recording = new ConsulRecording({ url: consul.url, token: () => token })
    recording.agent.start()
    try {
      await until(() => recording.agent.failures.of('denied') > 0, { message: 'the token is denied' })
      expect(recording.told).toEqual([])
      token = 'root'
      await untilEvents(recording, 'web', ['OBSERVE web node-1/web-1 PASSING'])
    } finally {
      await recording.agent.stop()
      await consul.stop()
    }
  })
})

describe('a Consul that speaks TLS and asks for a certificate', () => {
  it('is read with both, and by its name; otherwise it is told that it cannot be', async () => {
    const [authority, stranger] = [await Authority.make(), await Authority.make()]
    const [server, client] = [await authority.issue({ name: 'server.dc1.consul', names: ['DNS:server.dc1.consul'] }), await authority.issue({ name: 'agent' })]
    const https = await freePort()
    const files = `ca_file = "${authority.root.certFile}" cert_file = "${server.certFile}" key_file = "${server.keyFile}"`
    const consul = await ConsulServer.create({ configuration: `ports { https = ${https} } verify_incoming_https = true ${files}` })
    await consul.start()
    await consul.register('web', 'web-1')
    const right = { url: `https://127.0.0.1:${https}`, ca: authority.root.cert, cert: client.cert, key: client.key, serverName: 'server.dc1.consul' }
    const wrong = [{ ...right, ca: stranger.root.cert }, { ...right, cert: '', key: '' }, { ...right, serverName: 'other.dc1.consul' }]
    const recordings = [right, ...wrong].map(access => new ConsulRecording(access))
    for (const { agent } of recordings) agent.start()
    try {
      await untilEvents(recordings[0] as ConsulRecording, 'web', ['OBSERVE web node-1/web-1 PASSING'])
      for (const { agent } of recordings.slice(1)) await until(() => agent.failures.of('unreachable') > 0, { message: 'it cannot be asked' })
      expect(recordings.slice(1).flatMap(({ told }) => told)).toEqual([])
    } finally {
      await Promise.all(recordings.map(({ agent }) => agent.stop()))
      await consul.stop()
      authority.remove()
      stranger.remove()
    }
  })
})

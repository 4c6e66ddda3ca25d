import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../support/until.ts'
import { ConsulRecording, type RecordingOptions } from './consul-recording.ts'
import { FakeConsul } from './fake-consul.ts'

const catalog = '/v1/catalog/services'
const web = '/v1/health/service/web'

let consul: FakeConsul
let url: string
let recording: ConsulRecording

beforeEach(async () => {
  consul = new FakeConsul()
  url = await consul.start()
})

afterEach(async () => {
  await recording.agent.stop()
  await consul.stop()
})

function watch(options: Partial<RecordingOptions> = {}): void {
  recording = new ConsulRecording({ url, ...options })
  recording.agent.start()
}

function untilWaiting(path: string): Promise<unknown> {
  return until(() => consul.waiting.includes(path), { message: `${path} is waited for`, timeoutMs: 30_000 })
}

describe('what Consul holds', () => {
  it('is told as seen, with the answer’s index for a revision and a lease of three resyncs', async () => {
    consul.put('web', 7, [{ id: 'web-1', version: '1.2', port: 8080 }])
    watch()
    await recording.untilTold('OBSERVE web node-1/web-1 PASSING @7')
    expect(recording.registrations).toEqual([{
      operation: 'OBSERVE', outcome: 'SUCCESS', source: 'consul/dc1', service: 'web', instance: 'node-1/web-1', address: '10.0.0.1:8080',
      version: '1.2', zone: 'dc1', status: 'PASSING', leaseMillis: 900_000, revision: 7,
    }])
  })

  it('is told again only where it changed, until it is gone', async () => {
    consul.put('web', 7, [{ id: 'web-1' }, { id: 'web-2' }])
    watch()
    await untilWaiting(web)
    consul.put('web', 8, [{ id: 'web-1' }, { id: 'web-2', status: 'warning' }])
    await recording.untilTold('OBSERVE web node-1/web-2 WARNING @8')
    consul.put('web', 9, [{ id: 'web-1' }])
    await recording.untilTold('DEREGISTER web node-1/web-2 @9')
    consul.put('web', 10, [])
    await recording.untilTold('DEREGISTER web node-1/web-1 @10')
    await until(() => recording.agent.held.services === 0, { message: 'nothing is watched' })
    expect(recording.told).toEqual([
      'OBSERVE web node-1/web-1 PASSING @7', 'OBSERVE web node-1/web-2 PASSING @7', 'OBSERVE web node-1/web-2 WARNING @8',
      'DEREGISTER web node-1/web-2 @9', 'DEREGISTER web node-1/web-1 @10',
    ])
  })

  it('becomes newer also where a check is taken away, which leaves no ModifyIndex', async () => {
    consul.put('web', 7, [{ id: 'web-1', status: 'critical', check: '_service_maintenance:web-1' }])
    watch()
    await recording.untilTold('OBSERVE web node-1/web-1 MAINTENANCE @7')
    consul.put('web', 8, [{ id: 'web-1' }])
    await recording.untilTold('OBSERVE web node-1/web-1 PASSING @8')
    expect(recording.told).toHaveLength(2)
  })

  it('is told anew, all of it, at each resync', async () => {
    consul.put('web', 7, [{ id: 'web-1' }])
    watch({ resyncMs: 300 })
    await until(() => recording.told.length === 3, { message: 'three tellings' })
    expect(new Set(recording.told)).toEqual(new Set(['OBSERVE web node-1/web-1 PASSING @7']))
    expect(recording.registrations[0]?.leaseMillis).toBe(900)
  })

  it('counts as registered where that is asked for, but for what was there at the start', async () => {
    consul.put('web', 7, [{ id: 'web-1', createIndex: 5 }])
    watch({ countsChanges: true })
    await untilWaiting(web)
    consul.put('web', 8, [{ id: 'web-1', createIndex: 5, status: 'critical' }])
    await recording.untilTold('STATUS_CHANGE web node-1/web-1 CRITICAL @8')
    consul.put('web', 9, [{ id: 'web-1', createIndex: 5, status: 'critical', port: 81 }, { id: 'web-2', createIndex: 9 }])
    await recording.untilTold('REGISTER web node-1/web-2 PASSING @9')
    consul.put('pay', 10, [{ id: 'pay-1', createIndex: 10 }])
    await recording.untilTold('REGISTER pay node-1/pay-1 PASSING @10')
    expect(recording.told.filter(line => line.startsWith('OBSERVE'))).toEqual([
      'OBSERVE web node-1/web-1 PASSING @7', 'OBSERVE web node-1/web-1 CRITICAL @9',
    ])
  })
})

function declared(): string[] {
  return recording.lookups.map(({ client, service, weight }) => `${client} ${service} ${weight}`)
}

describe('what proxies declare', () => {
  it('is told once for all of them, and again only where it is new', async () => {
    consul.put('proxies', 7, [{ id: 'a', upstreams: ['cart', 'service:db', 'prepared_query:near'] }, { id: 'b', upstreams: ['cart'] }])
    watch()
    await untilWaiting('/v1/health/service/proxies')
    consul.put('proxies', 8, [{ id: 'a', upstreams: ['cart', 'mail'] }, { id: 'b', upstreams: ['cart'], status: 'critical' }])
    await recording.untilTold('OBSERVE proxies node-1/b CRITICAL @8')
    await until(() => declared().length >= 3, { message: 'a new upstream' })
    expect(declared()).toEqual(['web cart 0', 'web db 0', 'web mail 0'])
    expect(recording.lookups[0]).toMatchObject({ source: 'consul/dc1', method: 'XDS', zone: 'dc1' })
  })

  it('is told anew at each resync', async () => {
    consul.put('proxies', 7, [{ id: 'a', upstreams: ['cart'] }])
    watch({ resyncMs: 300 })
    await until(() => declared().length === 3, { message: 'three tellings' })
    expect(new Set(declared())).toEqual(new Set(['web cart 0']))
  })
})

describe('an index that goes back', () => {
  it('is asked without, and states have no revision until it has passed the highest', async () => {
    consul.put('web', 50, [{ id: 'web-1' }])
    consul.put('pay', 40, [{ id: 'pay-1' }])
    watch()
    await untilWaiting(web)
    await untilWaiting('/v1/health/service/pay')
    consul.remake(12, { web: [{ id: 'web-1', status: 'critical' }] })
    await recording.untilTold('OBSERVE web node-1/web-1 CRITICAL @0')
    await recording.untilTold('DEREGISTER pay node-1/pay-1 @0')
    await untilWaiting(web)
    consul.put('web', 50, [{ id: 'web-1', status: 'warning' }])
    await recording.untilTold('OBSERVE web node-1/web-1 WARNING @0')
    await untilWaiting(web)
    consul.put('web', 51, [{ id: 'web-1' }])
    await recording.untilTold('OBSERVE web node-1/web-1 PASSING @51')
    const indexes = consul.askedOf(web).map(({ index }) => index)
    expect(indexes.slice(0, 2)).toEqual([null, '50'])
    expect(indexes.slice(2).filter(index => index === null).length).toBeGreaterThan(1)
  })

  it('is noticed by one question, and then all are asked anew', async () => {
    consul.put('web', 50, [{ id: 'web-1' }])
    consul.put('pay', 40, [{ id: 'pay-1' }])
    watch()
    for (const path of [web, catalog, '/v1/health/service/pay']) await untilWaiting(path)
    consul.remake(12, { web: [{ id: 'web-1', status: 'critical' }] }, false)
    consul.release(catalog)
    await recording.untilTold('OBSERVE web node-1/web-1 CRITICAL @0')
    await recording.untilTold('DEREGISTER pay node-1/pay-1 @0')
    await until(() => recording.agent.held.services === 1, { message: 'one service is watched' })
    expect(recording.agent.answers.of('went_back')).toBe(1)
  })

  it('is no newer state either if it only came to the same again', async () => {
    consul.put('web', 7, [{ id: 'web-1', status: 'critical' }])
    watch()
    await untilWaiting(web)
    consul.remake(7, { web: [{ id: 'web-1' }] })
    await recording.untilTold('OBSERVE web node-1/web-1 PASSING @0')
    expect(recording.told).toEqual(['OBSERVE web node-1/web-1 CRITICAL @7', 'OBSERVE web node-1/web-1 PASSING @0'])
  })
})

describe('a Consul that is not well', () => {
  it('is asked less and less often, and without an index, until it answers again', async () => {
    consul.put('web', 7, [{ id: 'web-1' }])
    watch()
    await untilWaiting(web)
    consul.manner = { status: 500 }
    consul.release()
    await until(() => recording.agent.failures.of('failing') >= 8, { message: 'eight failures', timeoutMs: 30_000 })
    consul.manner = 'well'
    const failed = consul.askedOf(web).slice(2)
    const gaps = failed.slice(1).map(({ at }, i) => at - (failed[i]?.at ?? 0))
    expect(gaps.length).toBeGreaterThanOrEqual(2)
    // Half of 100 ms, doubled each time: the least that there is with no luck.
    gaps.forEach((gap, i) => expect(gap).toBeGreaterThanOrEqual(50 * 2 ** i - 5))
    expect(failed.slice(1).every(({ index }) => index === null)).toBe(true)
    // Where an index tells no old answer, Consul is to.
    expect(consul.asked.every(({ index, isConsistent }) => isConsistent === (index === null))).toBe(true)
    await untilWaiting(web)
    consul.put('web', 8, [{ id: 'web-1', status: 'critical' }])
    await recording.untilTold('OBSERVE web node-1/web-1 CRITICAL @8')
    expect(recording.told).toEqual(['OBSERVE web node-1/web-1 PASSING @7', 'OBSERVE web node-1/web-1 CRITICAL @8'])
    expect(recording.faults).toEqual(['failing'])
  })

  it('and never answers is given up in time, and asked anew', async () => {
    consul.put('web', 7, [{ id: 'web-1' }])
    consul.manner = 'never'
    consul.mannerOf = path => path === web
    watch({ patienceMs: 200 })
    await until(() => recording.agent.failures.of('timeout') >= 2, { message: 'two time-outs' })
    consul.manner = 'well'
    await recording.untilTold('OBSERVE web node-1/web-1 PASSING @7')
    expect(recording.faults).toEqual(['timeout'])
  })

  it('and answers at once, whatever it is asked, makes no busy loop', async () => {
    consul.put('web', 7, [{ id: 'web-1' }])
    consul.manner = 'at once'
    watch()
    await until(() => consul.askedOf(web).length >= 6, { message: 'six questions' })
    const asked = consul.askedOf(web)
    expect((asked[5]?.at ?? 0) - (asked[0]?.at ?? 0)).toBeGreaterThanOrEqual(5 * 95)
    expect(recording.told).toHaveLength(1)
  })

  it.each([
    ['denied', { status: 403, body: 'ACL not found' }], ['failing', { status: 429, body: 'slow down' }], ['misplaced', { status: 404 }],
    ['misplaced', { status: 200, body: '<html>' }],
  ] as const)('is told as %s by what it says: %j', async (code, manner) => {
    consul.manner = manner
    watch()
    await until(() => recording.agent.failures.of(code) > 0, { message: `it is ${code}` })
    expect(recording.faults).toEqual([code])
  })

  it('or is not there is waited for', async () => {
    await consul.stop()
    watch()
    await until(() => recording.agent.failures.of('unreachable') > 1, { message: 'it is not there' })
    expect(recording.told).toEqual([])
  })
})

describe('what the token may not read', () => {
  it('is not gone', async () => {
    consul.put('web', 7, [{ id: 'web-1' }, { id: 'web-2' }])
    watch()
    await untilWaiting(web)
    consul.isFiltered = true
    consul.put('web', 8, [{ id: 'web-2', status: 'warning' }])
    await recording.untilTold('OBSERVE web node-1/web-2 WARNING @8')
    expect(recording.told.filter(line => line.startsWith('DEREGISTER'))).toEqual([])
  })

  it('is not gone either where Consul does not say so: its index is as it was', async () => {
    consul.put('web', 7, [{ id: 'web-1' }])
    watch({ resyncMs: 300 })
    await untilWaiting(web)
    consul.put('web', 7, [])
    const before = recording.agent.answers.of('unchanged')
    await until(() => recording.agent.answers.of('unchanged') > before + 1, { message: 'a resync' })
    expect(recording.told.filter(line => line.startsWith('DEREGISTER'))).toEqual([])
  })

  it('is asked for with the token as it is at the moment', async () => {
    let token = 'first'
    consul.put('web', 7, [{ id: 'web-1' }])
    watch({ token: () => token })
    await untilWaiting(web)
    token = 'second'
    consul.put('web', 8, [{ id: 'web-1', status: 'critical' }])
    await untilWaiting(web)
    expect([consul.askedOf(catalog)[0]?.token, consul.askedOf(web).at(-1)?.token]).toEqual(['first', 'second'])
  })
})

describe('more services than may be asked about at once', () => {
  const names = Array.from({ length: 12 }, (_, i) => `service-${i}`)

  it('take turns, and each change is seen', async () => {
    for (const name of names) consul.put(name, 7, [{ id: 'a' }])
    watch({ maxQueries: 3 })
    for (const name of names) await recording.untilTold(`OBSERVE ${name} node-1/a PASSING @7`)
    await until(() => consul.waiting.length === 3 + 1, { message: 'three questions, beside the catalog’s, are under way' })
    for (const name of names) consul.put(name, 8, [{ id: 'a', status: 'critical' }])
    for (const name of names) await recording.untilTold(`OBSERVE ${name} node-1/a CRITICAL @8`)
    expect(consul.mostUnderWay).toBe(3)
    expect(recording.told).toHaveLength(24)
  }, 30_000)

  it('take turns at once with those that had the bound to themselves', async () => {
    for (const name of names.slice(0, 3)) consul.put(name, 7, [{ id: 'a' }])
    watch({ maxQueries: 3 })
    for (const name of names.slice(0, 3)) await untilWaiting(`/v1/health/service/${name}`)
    consul.put('late', 8, [{ id: 'a' }])
    await recording.untilTold('OBSERVE late node-1/a PASSING @8')
    expect(recording.told).toHaveLength(4)
  })

  it('are left out beyond the limit, and counted', async () => {
    for (const name of names) consul.put(name, 7, [{ id: 'a' }])
    watch({ serviceLimit: 5 })
    await until(() => recording.told.length === 5, { message: 'five services' })
    expect(recording.agent.held).toMatchObject({ services: 5, leftOut: 7, instances: 5 })
  })
})

describe('an agent that is stopped', () => {
  it('waits for no answer, and records nothing more', async () => {
    consul.put('web', 7, [{ id: 'web-1' }])
    watch({ maxQueries: 1 })
    await untilWaiting(web)
    await recording.agent.stop()
    consul.put('web', 8, [])
    expect(recording.told).toEqual(['OBSERVE web node-1/web-1 PASSING @7'])
    expect(recording.agent.failures.samples().every(({ value }) => value === 0)).toBe(true)
  })
})

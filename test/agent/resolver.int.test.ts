import dns, { promises } from 'node:dns'
import { resolve4 } from 'node:dns/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Packet } from 'dns2'
import { systemClock } from '../../src/agent/clock.ts'
import { ErrorOutlet } from '../../src/agent/error-outlet.ts'
import type { AgentError } from '../../src/agent/errors.ts'
import type { LookupFields } from '../../src/agent/fields.ts'
import { Instrumentation } from '../../src/agent/instrument.ts'
import type { ErrorCategory } from '../../src/contract/events.ts'
import { NXDOMAIN, REFUSED, SERVFAIL, startDnsServer, type Answer, type DnsServer } from './dns-server.ts'

const { A, SRV, TXT } = Packet.TYPE
const options = { timeout: 100, tries: 1 }

let server: DnsServer
let recorded: LookupFields[]
let errors: AgentError[]
let instrumentation: Instrumentation

function answerTo(name: string, type: number): Answer {
  if (name.startsWith('silent.')) return 'silence'
  if (name.startsWith('broken.')) return { rcode: SERVFAIL }
  if (name.startsWith('secret.')) return { rcode: REFUSED }
  if (!name.includes('cart.shop.example')) return { rcode: NXDOMAIN }
  if (type === A) return [{ name, type, address: '10.0.0.1' }, { name, type, address: '10.0.0.2' }]
  // c-ares refuses a compressed target (RFC 2782), and dns2 compresses where it can: so these have no suffix in common.
  if (type === SRV) return ['a.one', 'b.two', 'c.three'].map(target => ({ name, type, priority: 1, weight: 1, port: 80, target }))
  if (type === TXT) return [{ name, type, data: 'hello' }]
  return []
}

function callbackResolver(): dns.Resolver {
  const resolver = new dns.Resolver(options)
  resolver.setServers([server.address])
  return instrumentation.resolver(resolver, {})
}

function promiseResolver(): promises.Resolver {
  const resolver = new promises.Resolver(options)
  resolver.setServers([server.address])
  return instrumentation.resolver(resolver, {})
}

/** Asks both flavours the same question and gives what each was told. */
async function both(
  ask: (resolver: promises.Resolver) => Promise<unknown>,
  call: (resolver: dns.Resolver, done: Done) => void,
): Promise<unknown[]> {
  const promised = await ask(promiseResolver()).catch(code)
  const called = await new Promise(resolve => call(callbackResolver(), (error, value) => resolve(error === null ? value : code(error))))
  return [promised, called]
}
type Done = (error: NodeJS.ErrnoException | null, value?: unknown) => void

function failure(errorCategory: ErrorCategory, errorCode: string): Partial<LookupFields> {
  return { outcome: 'FAILURE', errorCategory, errorCode, instances: -1 }
}

function code(error: unknown): unknown {
  return (error as NodeJS.ErrnoException).code
}

beforeAll(async () => {
  server = await startDnsServer(answerTo)
})

afterAll(() => server.close())

beforeEach(() => {
  recorded = []
  errors = []
  const outlet = new ErrorOutlet(error => errors.push(error), systemClock)
  instrumentation = new Instrumentation({ recordLookup: lookup => recorded.push(lookup), errors: outlet, clock: systemClock })
})

describe('an instrumented resolver answers as before and records', () => {
  it('addresses found', async () => {
    const start = systemClock.micros()
    const name = 'cart.shop.example'
    const answers = await both(resolver => resolver.resolve4(name), (resolver, done) => resolver.resolve4(name, done))
    const elapsed = systemClock.micros() - start
    expect(answers).toEqual([['10.0.0.1', '10.0.0.2'], ['10.0.0.1', '10.0.0.2']])
    const lookup = {
      service: 'cart', namespace: 'shop', method: 'DNS', outcome: 'SUCCESS', errorCategory: 'NONE', errorCode: '', instances: 2,
      source: undefined, cache: 'UNKNOWN', durationMicros: expect.any(Number) as number,
    }
    expect(recorded).toEqual([lookup, lookup])
    const total = recorded.reduce((sum, { durationMicros = 0 }) => sum + durationMicros, 0)
    expect(total).toBeGreaterThan(20)
    expect(total).toBeLessThanOrEqual(elapsed)
  })

  it('addresses found with their options passed on', async () => {
    const answers = await both(
      resolver => resolver.resolve4('cart.shop.example', { ttl: true }),
      (resolver, done) => resolver.resolve4('cart.shop.example', { ttl: true }, done),
    )
    const found = [{ address: '10.0.0.1', ttl: 5 }, { address: '10.0.0.2', ttl: 5 }]
    expect(answers).toEqual([found, found])
    expect(recorded).toMatchObject([{ instances: 2 }, { instances: 2 }])
  })

  it('SRV records found, by resolveSrv and by resolve', async () => {
    const name = '_http._tcp.cart.shop.example'
    const bySrv = await both(resolver => resolver.resolveSrv(name), (resolver, done) => resolver.resolveSrv(name, done))
    const byType = await both(resolver => resolver.resolve(name, 'SRV'), (resolver, done) => resolver.resolve(name, 'SRV', done))
    expect([...bySrv, ...byType].map(answer => (answer as unknown[]).length)).toEqual([3, 3, 3, 3])
    expect(recorded.map(({ service, instances }) => [service, instances])).toEqual(Array.from({ length: 4 }, () => ['cart', 3]))
  })

  it('resolve, once, whose type is A where none is given', async () => {
    await both(resolver => resolver.resolve('cart.shop.example'), (resolver, done) => resolver.resolve('cart.shop.example', done))
    expect(recorded.map(({ instances }) => instances)).toEqual([2, 2])
  })

  it.each([
    ['NXDOMAIN', 'nobody.shop.example', 'ENOTFOUND', failure('NOT_FOUND', 'NXDOMAIN')],
    ['no data', 'cart.shop.example', 'ENODATA', { outcome: 'EMPTY', errorCategory: 'NONE', errorCode: '', instances: 0 }],
    ['SERVFAIL', 'broken.shop.example', 'ESERVFAIL', failure('INTERNAL', 'SERVFAIL')],
    ['REFUSED', 'secret.shop.example', 'EREFUSED', failure('UNAUTHORIZED', 'REFUSED')],
    ['silence', 'silent.shop.example', 'ETIMEOUT', failure('TIMEOUT', 'ETIMEOUT')],
  ])('%s', async (...[, name, nodeCode, lookup]) => {
    const answers = await both(resolver => resolver.resolve6(name), (resolver, done) => resolver.resolve6(name, done))
    expect(answers).toEqual([nodeCode, nodeCode])
    expect(recorded).toMatchObject([lookup, lookup])
  })

  it('a time-out with the time it took', async () => {
    await both(resolver => resolver.resolve4('silent.shop.example'), (resolver, done) => resolver.resolve4('silent.shop.example', done))
    expect(recorded.map(({ durationMicros = 0 }) => durationMicros >= 90_000 && durationMicros < 10_000_000)).toEqual([true, true])
  })

  it('a question that was called off', async () => {
    const resolver = promiseResolver()
    const answer = resolver.resolve4('silent.shop.example').catch(code)
    resolver.cancel()
    expect(await answer).toBe('ECANCELLED')
    expect(recorded).toMatchObject([{ outcome: 'FAILURE', errorCategory: 'CANCELLED', errorCode: 'ECANCELLED' }])
  })

  it('a server that is not there', async () => {
    const gone = await startDnsServer(() => 'silence')
    const resolver = promiseResolver()
    resolver.setServers([gone.address])
    await gone.close()
    expect(await resolver.resolve4('cart.shop.example').catch(code)).toBe('ECONNREFUSED')
    expect(recorded).toMatchObject([{ errorCategory: 'CONNECTION', errorCode: 'ECONNREFUSED' }])
  })
})

describe('an instrumented resolver', () => {
  it('records a question once, however often it is instrumented, by the last that did', async () => {
    const earlier = recorded
    const resolver = promiseResolver()
    instrumentation.resolver(resolver, { source: 'old' })
    recorded = []
    expect(instrumentation.resolver(resolver, { source: 'coredns' })).toBe(resolver)
    await resolver.resolve4('cart.shop.example')
    expect(earlier).toEqual([])
    expect(recorded.map(({ source }) => source)).toEqual(['coredns'])
  })

  it('records no questions for other things than instances, nor wrong calls', async () => {
    const resolver = promiseResolver()
    expect(await resolver.resolveTxt('cart.shop.example')).toEqual([['hello']])
    expect(() => resolver.resolve4(7 as unknown as string)).toThrow(TypeError)
    expect(() => callbackResolver().resolve4('cart.shop.example', undefined as never)).toThrow(TypeError)
    expect(recorded).toEqual([])
  })

  it('asks serviceOf which service a question is for', async () => {
    const asked: string[] = []
    const serviceOf = (hostname: string, rrtype: string): { namespace: string; service: string } | null => {
      asked.push(`${hostname} ${rrtype}`)
      return rrtype === 'TXT' ? { namespace: 'n', service: 'texts' } : null
    }
    const resolver = instrumentation.resolver(promiseResolver(), { serviceOf })
    await resolver.resolveTxt('cart.shop.example')
    await resolver.resolve('cart.shop.example', 'SRV')
    expect(asked).toEqual(['cart.shop.example TXT', 'cart.shop.example SRV'])
    expect(recorded).toMatchObject([{ namespace: 'n', service: 'texts', instances: 1 }])
  })

  it('answers although serviceOf throws', async () => {
    const resolver = instrumentation.resolver(promiseResolver(), { serviceOf: () => { throw new Error('oops') } })
    expect(await resolver.resolve4('cart.shop.example')).toHaveLength(2)
    expect(recorded).toEqual([])
    expect(errors.map(({ code: told }) => told)).toEqual(['CALLBACK_THREW'])
  })

  it('keeps its methods\' names and other methods', () => {
    const resolver = callbackResolver()
    expect(resolver.resolve4.length).toBe(new dns.Resolver().resolve4.length)
    expect(resolver.resolve4.name).toBe(new dns.Resolver().resolve4.name)
    expect(resolver.getServers()).toEqual([server.address])
  })

  it('may be a whole module, for those too who have imported its functions', async () => {
    promises.setServers([server.address])
    instrumentation.resolver(promises, {})
    expect(await resolve4('cart.shop.example')).toHaveLength(2)
    expect(recorded).toMatchObject([{ service: 'cart', instances: 2 }])
  })

  it('may be a module instrumented again after its servers were set, which puts new methods in the place of the old', async () => {
    instrumentation.resolver(promises, {})
    promises.setServers([server.address])
    await promises.resolve4('cart.shop.example')
    expect(recorded).toEqual([])
    instrumentation.resolver(promises, {})
    await promises.resolve4('cart.shop.example')
    await resolve4('cart.shop.example')
    expect(recorded).toHaveLength(2)
  })

  it('is left as it is where it cannot be changed', async () => {
    const resolver = new promises.Resolver(options)
    resolver.setServers([server.address])
    instrumentation.resolver(Object.freeze(resolver), {})
    expect(await resolver.resolve4('cart.shop.example')).toHaveLength(2)
    expect(recorded).toEqual([])
    expect(errors.map(({ code: told }) => told)).toEqual(['NOT_INSTRUMENTABLE'])
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readHosts } from '../../../src/agent/dns/hosts.ts'
import { DnsObservation } from '../../../src/agent/dns/observation.ts'
import { readRuleFile, rulesOf } from '../../../src/agent/dns/rules.ts'
import type { LookupFields, RegistrationFields } from '../../../src/agent/fields.ts'
import { a, aaaa, classes, dns, srv, tap, types, u16, type MessageBytes, type RecordBytes, type TapBytes } from './wire.ts'

const WALL = 1_795_424_140_000
const cart = 'cart.shop.svc.cluster.local'
const zone = [{ name: 'cluster.local', type: types.SOA }]
const [CLIENT_QUERY, CLIENT_RESPONSE, UPDATE_QUERY, UPDATE_RESPONSE] = [5, 6, 13, 14] as const

interface BenchOptions {
  hosts?: string
  rules?: unknown
  pairingLimit?: number
  recordLimit?: number
}

/** An observation with a clock of its own, and what it recorded. */
class Bench {
  readonly lookups: LookupFields[] = []
  readonly registrations: RegistrationFields[] = []
  readonly observation: DnsObservation
  now = 0
  #id = 0

  constructor({ hosts = '', rules, pairingLimit = 1_000, recordLimit = 1_000 }: BenchOptions = {}) {
    const options = {
      rules: rulesOf(readRuleFile(rules), readHosts(hosts)), source: 'dns/test', queryTimeoutMs: 5_000, mergeWindowMs: 200, pairingLimit, recordLimit,
    }
    const recorder = {
      recordLookup: (lookup: LookupFields) => this.lookups.push(lookup),
      recordRegistration: (registration: RegistrationFields) => this.registrations.push(registration),
    }
    this.observation = new DnsObservation(options, recorder, () => WALL)
  }

  /** Asks, and is answered a millisecond and a half later unless `answer` is undefined. */
  ask(name: string, answer: MessageBytes | undefined, { type = types.A, ...told }: Partial<TapBytes> & { type?: number } = {}): void {
    const [id, questions] = [this.#id++, [{ name, type }]]
    this.observation.frame(tap({ ...told, type: CLIENT_QUERY, queryTime: WALL, query: dns({ id, questions }) }))
    if (answer === undefined) return
    const response = dns({ id, questions, response: true, ...answer })
    this.observation.frame(tap({ ...told, type: CLIENT_RESPONSE, responseTime: WALL + 1.5, response }))
  }

  update(authorities: RecordBytes[], answer: MessageBytes | 'none' = {}): void {
    const [query, response] = this.updateFrames(authorities, answer)
    this.observation.frame(query)
    if (answer !== 'none') this.observation.frame(response)
  }

  /** An update that is made `after` milliseconds, and its response two milliseconds later. */
  updateFrames(authorities: RecordBytes[], answer: MessageBytes | 'none' = {}, after = 0): [query: Buffer, response: Buffer] {
    const id = this.#id++
    return [
      tap({ type: UPDATE_QUERY, queryTime: WALL + after, query: dns({ id, opcode: 5, questions: zone, authorities }) }),
      tap({
        type: UPDATE_RESPONSE, responseTime: WALL + after + 2,
        response: dns({ id, opcode: 5, response: true, ...(answer === 'none' ? {} : answer) }),
      }),
    ]
  }

  wait(ms = 1_500): this {
    this.now += ms
    this.observation.sweep(this.now)
    return this
  }

  get clients(): string[] {
    return this.lookups.map(({ clientNamespace = '', client = '' }) => `${clientNamespace}/${client}`)
  }

  get told(): string[] {
    return this.registrations.map(({ operation, namespace, service, instance, outcome, errorCode = '' }) =>
      `${operation} ${namespace}/${service} ${instance} ${outcome} ${errorCode}`.trim())
  }
}

const found = (...addresses: string[]): MessageBytes => ({ answers: addresses.map(address => a(cart, address)) })
const client = (address: string): Partial<TapBytes> => ({ client: Buffer.from(address.split('.').map(Number)) })

describe('a query and its response', () => {
  it('are a look-up with its latency, outcome and instances', () => {
    const bench = new Bench()
    bench.ask(cart, found('10.0.0.1', '10.0.0.2'))
    expect(bench.wait().lookups).toEqual([{
      source: 'dns/test', method: 'DNS', client: '', clientNamespace: '', clientInstance: '127.0.0.2', namespace: 'shop', service: 'cart',
      outcome: 'SUCCESS', instances: 2, errorCategory: 'NONE', errorCode: '', durationMicros: 1_500, zone: '', occurredAt: WALL + 1.5,
    }])
  })

  it('are a failure with the code that was answered', () => {
    const bench = new Bench()
    bench.ask(cart, { rcode: 3 })
    expect(bench.wait().lookups).toMatchObject([{ outcome: 'FAILURE', errorCategory: 'NOT_FOUND', errorCode: 'NXDOMAIN', instances: -1 }])
  })

  it('are a time-out where no response comes', () => {
    const bench = new Bench()
    bench.ask(cart, undefined)
    expect(bench.wait(4_999).lookups).toEqual([])
    expect(bench.wait(1).wait().lookups).toMatchObject([{ outcome: 'FAILURE', errorCategory: 'TIMEOUT', errorCode: 'TIMEOUT', durationMicros: 5_000_000 }])
  })

  it('are known by the server as well: two may give one client’s number at once', () => {
    const bench = new Bench()
    for (const identity of ['ns1', 'ns2']) {
      const questions = [{ name: cart, type: types.A }]
      bench.observation.frame(tap({ identity, type: CLIENT_QUERY, queryTime: WALL, query: dns({ questions }) }))
    }
    expect(bench.observation.held.waitingQueries).toBe(2)
  })

  it('without the query’s time have no latency, nor with a clock that is a day off', () => {
    for (const off of [undefined, 86_400_001]) {
      const bench = new Bench()
      const questions = [{ name: cart, type: types.A }]
      const times = off === undefined ? {} : { queryTime: WALL + off, responseTime: WALL + off + 1 }
      bench.observation.frame(tap({ type: CLIENT_RESPONSE, ...times, response: dns({ response: true, questions }) }))
      const [lookup] = bench.wait().wait().lookups
      expect(lookup).toMatchObject({ outcome: 'EMPTY', durationMicros: -1 })
      expect(lookup).not.toHaveProperty('occurredAt')
    }
  })
})

describe('an update', () => {
  it('that is accepted registers, renews and deregisters', () => {
    const bench = new Bench()
    bench.update([a(cart, '10.0.0.1'), a(cart, '10.0.0.2')])
    bench.update([{ name: cart, type: types.A, class: classes.ANY }, a(cart, '10.0.0.2'), a(cart, '10.0.0.3')])
    bench.update([a(cart, '10.0.0.3', { class: classes.NONE })])
    bench.update([{ name: cart, type: types.ANY, class: classes.ANY }])
    expect(bench.wait().told).toEqual([
      'REGISTER shop/cart 10.0.0.1 SUCCESS', 'REGISTER shop/cart 10.0.0.2 SUCCESS',
      'DEREGISTER shop/cart 10.0.0.1 SUCCESS', 'RENEW shop/cart 10.0.0.2 SUCCESS', 'REGISTER shop/cart 10.0.0.3 SUCCESS',
      'DEREGISTER shop/cart 10.0.0.3 SUCCESS', 'DEREGISTER shop/cart 10.0.0.2 SUCCESS',
    ])
    expect(bench.registrations[0]).toMatchObject({
      source: 'dns/test', address: '10.0.0.1', status: 'PASSING', durationMicros: 2_000, occurredAt: WALL + 2,
    })
    expect(bench.observation.held.records).toBe(0)
  })

  it.each([[5, 'REFUSED', 'UNAUTHORIZED'], [8, 'NXRRSET', 'CONFLICT'], [2, 'SERVFAIL', 'INTERNAL']])(
    'that is answered with %i failed as %s, and changes nothing', (rcode, errorCode, errorCategory) => {
      const bench = new Bench()
      bench.update([a(cart, '10.0.0.1')], { rcode })
      expect(bench.wait().told).toEqual([`REGISTER shop/cart 10.0.0.1 FAILURE ${errorCode}`])
      expect(bench.registrations[0]).toMatchObject({ errorCategory })
      expect(bench.observation.held.records).toBe(0)
    })

  it('that nobody answers failed by time-out', () => {
    const bench = new Bench()
    bench.update([a(cart, '10.0.0.1')], 'none')
    expect(bench.wait(4_999).told).toEqual([])
    expect(bench.wait(1).told).toEqual(['REGISTER shop/cart 10.0.0.1 FAILURE TIMEOUT'])
  })

  it('of names that are no service’s registers nothing', () => {
    const bench = new Bench()
    bench.update([a('h1.cluster.local', '10.0.0.1')])
    expect(bench.wait().told).toEqual([])
    expect(bench.observation.counts.of('registrations', 'no_service')).toBe(1)
  })

  it('beyond the limit is told and not kept, and counted', () => {
    const bench = new Bench({ recordLimit: 1 })
    bench.update([a(cart, '10.0.0.1'), a(cart, '10.0.0.2')])
    expect(bench.wait().told).toHaveLength(2)
    expect([bench.observation.held.records, bench.observation.counts.of('registrations', 'not_kept')]).toEqual([1, 1])
  })

  it('that deletes what was never seen is told without an instance', () => {
    const bench = new Bench()
    bench.update([{ name: cart, type: types.A, class: classes.ANY }])
    expect(bench.wait().told).toEqual(['DEREGISTER shop/cart  SUCCESS'])
  })

  it('that is followed by its contrary is told first, whatever the order in which a server’s threads tell of the two', () => {
    fc.assert(fc.property(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), fc.constantFrom(0, 300), (order, pause) => {
      const bench = new Bench()
      const frames = [...bench.updateFrames([a(cart, '10.0.0.1')]), ...bench.updateFrames([a(cart, '10.0.0.1', { class: classes.NONE })], {}, 8)]
      for (const index of order) {
        bench.observation.frame(frames[index] ?? Buffer.alloc(0))
        bench.wait(pause)
      }
      expect(bench.wait().told).toEqual(['REGISTER shop/cart 10.0.0.1 SUCCESS', 'DEREGISTER shop/cart 10.0.0.1 SUCCESS'])
      expect([bench.observation.held.records, bench.observation.counts.of('updates_told', 'in_order')]).toEqual([0, 2])
    }))
  })

  it('that is answered is told when the agent stops', () => {
    const bench = new Bench()
    bench.update([a(cart, '10.0.0.1')])
    expect(bench.told).toEqual([])
    bench.observation.close()
    expect(bench.told).toEqual(['REGISTER shop/cart 10.0.0.1 SUCCESS'])
  })
})

describe('a client', () => {
  it('is the service that was registered at its address, and for a while after that', () => {
    const bench = new Bench()
    bench.update([a('web.shop.svc.cluster.local', '10.0.0.9')])
    bench.ask(cart, found('10.0.0.1'), client('10.0.0.9'))
    bench.wait().update([a('web.shop.svc.cluster.local', '10.0.0.9', { class: classes.NONE })])
    bench.ask(cart, found('10.0.0.1'), client('10.0.0.9'))
    bench.wait().wait(5_000)
    bench.ask(cart, found('10.0.0.1'), client('10.0.0.9'))
    expect(bench.wait().clients).toEqual(['shop/web', 'shop/web', '/'])
  })

  it('is known before its registration is told, and not by one that was refused', () => {
    const bench = new Bench()
    bench.update([a('web.shop.svc.cluster.local', '10.0.0.9')])
    bench.update([a('web.shop.svc.cluster.local', '10.0.0.8')], { rcode: 5 })
    for (const address of ['10.0.0.9', '10.0.0.8']) {
      bench.ask(cart, found('10.0.0.1'), client(address))
      bench.ask(cart, { answers: [aaaa(cart, '00'.repeat(15).concat('01'))] }, { type: types.AAAA, ...client(address) })
    }
    expect([bench.told, bench.clients]).toEqual([[], ['shop/web', '/']])
  })

  it('is the service whose SRV record points to its host', () => {
    const bench = new Bench()
    bench.update([srv('_http._tcp.web.shop.svc.cluster.local', 'h1.cluster.local', 80), a('h1.cluster.local', '10.0.0.9')])
    bench.ask(cart, found('10.0.0.1'), client('10.0.0.9'))
    expect(bench.wait().clients).toEqual(['shop/web'])
  })

  it('is what the files say of its network, if no service alone is registered there', () => {
    const rules = { clients: [{ cidr: '10.0.0.0/8', service: 'batch', namespace: 'ops' }] }
    const bench = new Bench({ rules, hosts: '10.0.0.7 web.shop.svc.cluster.local web\n10.0.0.8 mail.office # by hand\n' })
    for (const name of ['one', 'two']) bench.update([a(`${name}.shop.svc.cluster.local`, '10.0.0.9')])
    for (const address of ['10.0.0.7', '10.0.0.8', '10.0.0.9', '192.168.0.1']) bench.ask(cart, found('10.0.0.1'), client(address))
    expect(bench.wait().clients).toEqual(['shop/web', 'office/mail', 'ops/batch', '/'])
    const { counts } = bench.observation
    expect((['registration', 'static', 'ambiguous', 'unknown'] as const).map(by => counts.of('clients', by))).toEqual([0, 3, 0, 1])
  })
})

describe('whatever comes', () => {
  const bytes = fc.uint8Array({ maxLength: 60 }).map(each => Buffer.from(each))
  const question = fc.record({ name: fc.constantFrom(cart, 'www.example.com'), type: fc.constantFrom(types.A, types.AAAA, types.SRV, types.TXT) })
  const message = fc.oneof(bytes, fc.record({
    id: fc.nat(3), response: fc.boolean(), opcode: fc.constantFrom(0, 0, 0, 4, 5), rcode: fc.constantFrom(0, 3), truncated: fc.boolean(),
    questions: fc.array(question, { maxLength: 1 }), answers: fc.constantFrom<RecordBytes[][]>([], [a(cart, '10.0.0.1')]),
    authorities: fc.constantFrom<RecordBytes[][]>([], [a(cart, '10.0.0.1')], [{ name: cart, type: types.ANY, class: classes.ANY }]),
  }).map(dns))
  const frame = fc.oneof(bytes, fc.record({ type: fc.nat(15), query: message, response: message, queryTime: fc.nat() }).map(tap))
  const step = fc.record({ frame, pause: fc.constantFrom(0, 0, 300, 2_000, 6_000) })

  it('each frame, question, answer and ending counts once, and what is recorded is what was counted', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 80 }), fc.constantFrom(1, 3, 1_000), (steps, limit) => {
      const bench = new Bench({ pairingLimit: limit, recordLimit: limit })
      for (const each of steps) {
        bench.wait(each.pause)
        bench.observation.frame(each.frame)
      }
      bench.observation.close()
      const { counts } = bench.observation
      expect(counts.sum('frames')).toBe(steps.length)
      expect(counts.sum('questions')).toBe(counts.of('frames', 'query'))
      expect(counts.sum('answers')).toBe(counts.of('frames', 'response'))
      expect(counts.of('questions', 'waits') + counts.of('questions', 'paired'))
        .toBe(counts.of('endings', 'paired') + counts.of('endings', 'unanswered') + counts.of('endings', 'abandoned'))
      expect(counts.sum('lookups')).toBe(counts.sum('endings') - counts.of('endings', 'abandoned'))
      expect(bench.lookups).toHaveLength(counts.of('lookups', 'recorded'))
      expect(counts.sum('clients')).toBe(bench.lookups.length)
      expect(bench.registrations).toHaveLength(counts.of('registrations', 'recorded'))
      expect(counts.sum('update_questions')).toBe(counts.of('frames', 'update'))
      expect(counts.sum('updates_told')).toBe(counts.of('updates', 'accepted') + counts.of('updates', 'refused'))
    }), { numRuns: 2_000 })
  })

  it('a message with more records than bytes is malformed', () => {
    const bench = new Bench()
    const response = Buffer.concat([u16(1, 0x8000, 1, 0xffff, 0, 0), dns({ questions: [{ name: cart, type: 1 }] }).subarray(12)])
    bench.observation.frame(tap({ type: CLIENT_RESPONSE, response }))
    expect(bench.observation.counts.of('frames', 'malformed_dns')).toBe(1)
  })
})

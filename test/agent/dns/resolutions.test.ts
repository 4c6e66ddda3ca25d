import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timedOut, type Answer } from '../../../src/agent/dns/answer.ts'
import { failureOf } from '../../../src/agent/dns/response-code.ts'
import type { Part, Resolved } from '../../../src/agent/dns/resolution.ts'
import { Resolutions, type Sorted } from '../../../src/agent/dns/resolutions.ts'
import { readRuleFile, rulesOf } from '../../../src/agent/dns/rules.ts'
import { types } from './wire.ts'

const WINDOW = 200
const { A, AAAA, SRV } = types
const cluster = 'svc.cluster.local'

const found = (instances: number): Answer => ({ outcome: 'SUCCESS', instances, isTruncated: false, errorCategory: 'NONE', errorCode: '' })
const empty: Answer = { ...found(0), outcome: 'EMPTY' }
const cutOff: Answer = { ...found(-1), outcome: 'UNKNOWN', isTruncated: true }
const absent: Answer = { outcome: 'FAILURE', instances: -1, isTruncated: false, ...failureOf(3) }

/** Resolutions with a clock, on which each question takes a millisecond. */
class Bench {
  readonly lookups: Resolved[] = []
  readonly sum: Sorted = { lookups: 0, twins: 0, searches: 0, others: 0 }
  now = 1_000
  readonly resolutions: Resolutions

  constructor(limit = 100, holdMs = WINDOW, windowMs = WINDOW) {
    const { names, searchDomains } = rulesOf(readRuleFile(undefined), [])
    this.resolutions = new Resolutions({ names, searchDomains, windowMs, holdMs, limit }, {
      lookup: lookup => this.lookups.push(lookup),
      sorted: sorted => {
        for (const key of ['lookups', 'twins', 'searches', 'others'] as const) this.sum[key] += sorted[key]
      },
    })
  }

  ask(name: string, type: number, client = '10.0.0.1'): Part {
    return this.resolutions.asked(client, { name, type, askedAt: this.now }, this.now)
  }

  answer(part: Part, answer: Answer): void {
    this.now += 1
    this.resolutions.answered(part, { answer, askedAt: 0, answeredAt: this.now }, this.now)
  }

  /** Asks and is answered. */
  look(name: string, type: number, answer: Answer): void {
    this.answer(this.ask(name, type), answer)
  }

  wait(ms = WINDOW): string[] {
    this.now += ms
    this.resolutions.sweep(this.now)
    return this.told
  }

  get told(): string[] {
    return this.lookups.map(({ match, answer, durationMicros }) =>
      `${match.namespace}/${match.service} ${answer.errorCode || answer.outcome} ${answer.instances} ${durationMicros}`)
  }
}

describe('a look-up', () => {
  it('of both kinds of address is one, as long as both took, with all that was found', () => {
    const bench = new Bench()
    const [a, aaaa] = [bench.ask(`cart.shop.${cluster}`, A), bench.ask(`cart.shop.${cluster}`, AAAA)]
    bench.answer(a, found(2))
    expect(bench.told).toEqual([])
    bench.answer(aaaa, found(1))
    expect(bench.told).toEqual(['shop/cart SUCCESS 3 2000'])
    expect(bench.sum).toEqual({ lookups: 1, twins: 1, searches: 0, others: 0 })
  })

  it('is each question by itself where nothing is to be put together, at one moment, after another, and again over TCP', () => {
    const bench = new Bench(100, 0, 0)
    const [a, aaaa] = [bench.ask(`cart.shop.${cluster}`, A), bench.ask(`cart.shop.${cluster}`, AAAA)]
    bench.answer(a, cutOff)
    bench.answer(aaaa, found(1))
    bench.look(`cart.shop.${cluster}`, A, found(2))
    bench.look(`cart.shop.${cluster}.shop.${cluster}`, A, absent)
    expect(bench.sum).toEqual({ lookups: 3, twins: 0, searches: 0, others: 1 })
    expect(bench.told.map(text => text.split(' ')[2])).toEqual(['-1', '1', '2'])
  })

  it('is found if one kind of address is', () => {
    for (const other of [empty, absent, timedOut]) {
      const bench = new Bench()
      bench.look(`cart.shop.${cluster}`, A, found(1))
      bench.look(`cart.shop.${cluster}`, AAAA, other)
      expect(bench.told).toEqual(['shop/cart SUCCESS 1 2000'])
    }
  })

  it('waits for its other half no longer than the window', () => {
    const bench = new Bench()
    bench.look(`cart.shop.${cluster}`, A, found(1))
    expect(bench.wait(WINDOW - 1)).toEqual([])
    expect(bench.wait(1)).toEqual(['shop/cart SUCCESS 1 1000'])
    bench.look(`cart.shop.${cluster}`, AAAA, empty)
    expect(bench.wait()).toEqual(['shop/cart SUCCESS 1 1000', 'shop/cart EMPTY 0 1000'])
  })

  it('takes the half that was asked for with it, also where another was told of in between', () => {
    const bench = new Bench()
    const name = `cart.shop.${cluster}`
    const parts = [bench.ask(name, A), bench.ask(name, A), bench.ask(name, AAAA), bench.ask(name, AAAA)]
    for (const part of parts) bench.answer(part, found(1))
    expect(bench.lookups.map(({ answer }) => answer.instances)).toEqual([2, 2])
    expect(bench.sum).toEqual({ lookups: 2, twins: 2, searches: 0, others: 0 })
  })

  it('by SRV needs no other half', () => {
    const bench = new Bench()
    bench.look(`_http._tcp.cart.shop.${cluster}`, SRV, found(3))
    expect(bench.told).toEqual(['shop/cart SUCCESS 3 1000'])
  })

  it('of two clients, or twice of one, is two', () => {
    const bench = new Bench()
    const name = `cart.shop.${cluster}`
    const parts = [bench.ask(name, A), bench.ask(name, A), bench.ask(name, AAAA, '10.0.0.2')]
    for (const part of parts) bench.answer(part, found(1))
    expect(bench.wait()).toHaveLength(3)
  })

  it('whose answer was cut off is told by the answer over TCP, or as unknown if none is asked for', () => {
    const bench = new Bench()
    bench.look(`cart.shop.${cluster}`, SRV, cutOff)
    bench.look(`cart.shop.${cluster}`, SRV, found(40))
    expect(bench.told).toEqual(['shop/cart SUCCESS 40 2000'])
    bench.look(`cart.shop.${cluster}`, SRV, cutOff)
    expect(bench.wait().at(-1)).toBe('shop/cart UNKNOWN -1 1000')
    expect(bench.sum).toEqual({ lookups: 2, twins: 1, searches: 0, others: 0 })
  })

  it('whose answer was cut off is asked once more only once, also when another name was tried in between', () => {
    const bench = new Bench()
    bench.look('cart.cluster.local', SRV, cutOff)
    bench.look(`cart.shop.${cluster}`, A, found(1))
    const again = bench.ask('cart.cluster.local', SRV)
    expect(bench.ask('cart.cluster.local', SRV)).not.toBe(again)
    bench.answer(again, found(1))
    bench.resolutions.close()
    const { lookups, twins, searches, others } = bench.sum
    expect(lookups + twins + searches + others).toBe(3)
  })
})

describe('what a server holds back', () => {
  it('is waited for, and put together by the server’s clock alone', () => {
    const bench = new Bench(100, 1_500)
    const name = `cart.shop.${cluster}`
    bench.look(name, A, found(1))
    const { now } = bench
    expect(bench.wait(1_400)).toEqual([])
    bench.now = now
    const late = bench.ask(name, AAAA)
    bench.answer(late, empty)
    expect(bench.told).toEqual(['shop/cart SUCCESS 1 2000'])
  })

  it('is not taken for what was asked for at another time', () => {
    const bench = new Bench(100, 1_500)
    bench.look(`cart.shop.${cluster}`, A, absent)
    bench.wait(500)
    bench.look(`cart.shop.${cluster}`, AAAA, absent)
    bench.look(`cart.${cluster}`, A, found(1))
    bench.wait(1_500)
    expect(bench.told).toEqual(['shop/cart NXDOMAIN -1 1000'])
  })
})

describe('a search through domains', () => {
  it('is the look-up of what it found, as long as the whole search took', () => {
    const bench = new Bench()
    for (const type of [A, AAAA]) bench.look(`cart.other.shop.${cluster}`, type, absent)
    for (const type of [A, AAAA]) bench.look(`cart.other.${cluster}`, type, type === A ? found(1) : empty)
    expect(bench.told).toEqual(['other/cart SUCCESS 1 4000'])
    expect(bench.sum).toEqual({ lookups: 1, twins: 2, searches: 1, others: 0 })
  })

  it('for a name outside is no look-up of a service at all', () => {
    const bench = new Bench()
    for (const suffix of [`.shop.${cluster}`, `.${cluster}`, '.cluster.local']) bench.look(`api.example.com${suffix}`, A, absent)
    bench.look('api.example.com', A, found(2))
    expect(bench.wait()).toEqual([])
    expect(bench.sum).toEqual({ lookups: 0, twins: 0, searches: 0, others: 4 })
  })

  it('that finds nothing is one failure, of the name that is a service’s most plainly', () => {
    const bench = new Bench()
    for (const suffix of [`.shop.${cluster}`, `.${cluster}`, '.cluster.local', '']) bench.look(`cartt.other${suffix}`, A, absent)
    expect(bench.wait()).toEqual(['other/cartt NXDOMAIN -1 4000'])
    expect(bench.sum).toEqual({ lookups: 1, twins: 0, searches: 3, others: 0 })
  })

  it('that finds a service without instances says so', () => {
    const bench = new Bench()
    bench.look(`cart.shop.${cluster}`, A, empty)
    bench.look(`cart.${cluster}`, A, absent)
    bench.look('cart.cluster.local', A, absent)
    bench.look('cart', A, absent)
    expect(bench.wait()).toEqual(['shop/cart EMPTY 0 4000'])
  })

  it('is known where its end was told of before its steps, and only by steps that were asked for before it', () => {
    const bench = new Bench()
    const step = bench.ask(`cart.other.shop.${cluster}`, A)
    for (const type of [A, AAAA]) bench.look(`cart.other.${cluster}`, type, found(1))
    bench.answer(step, absent)
    expect(bench.wait()).toEqual(['other/cart SUCCESS 2 2000'])
    expect(bench.sum).toEqual({ lookups: 1, twins: 1, searches: 1, others: 0 })
    bench.look(`cart.other.${cluster}`, SRV, found(1))
    bench.look(`cart.other.shop.${cluster}`, A, absent)
    expect(bench.wait().at(-1)).toBe('shop/other NXDOMAIN -1 1000')
  })

  it('ends with the window: what comes later is another', () => {
    const bench = new Bench()
    bench.look(`cart.shop.${cluster}`, A, absent)
    bench.wait()
    bench.look(`cart.${cluster}`, A, absent)
    bench.wait()
    expect(bench.sum).toMatchObject({ lookups: 1, others: 1 })
  })

  it('is not seen in two names that only end alike', () => {
    const bench = new Bench()
    bench.look(`cart.shop.${cluster}`, A, absent)
    bench.look(`cart.other.${cluster}`, A, found(1))
    expect(bench.wait()).toEqual(['shop/cart NXDOMAIN -1 1000', 'other/cart SUCCESS 1 1000'])
  })
})

describe('whatever is asked and answered', () => {
  const step = fc.record({
    name: fc.constantFrom(`cart.shop.${cluster}`, `cart.${cluster}`, 'cart.cluster.local', 'cart', `x.cart.shop.${cluster}`, 'www.example.com'),
    type: fc.constantFrom(A, AAAA, SRV), client: fc.constantFrom('10.0.0.1', '10.0.0.2'),
    answer: fc.constantFrom(found(1), empty, absent, timedOut, cutOff), pause: fc.constantFrom(0, 0, 0, 50, 250), delay: fc.nat(4),
  })

  it('each answered question counts once', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(0, 2, 100), (steps, limit) => {
      const bench = new Bench(limit)
      const open: { part: Part; answer: Answer }[] = []
      for (const { name, type, client, answer, pause, delay } of steps) {
        bench.wait(pause)
        open.push({ part: bench.ask(name, type, client), answer })
        for (const each of open.splice(0, open.length - delay)) bench.answer(each.part, each.answer)
      }
      bench.resolutions.close()
      const { lookups, twins, searches, others } = bench.sum
      expect(lookups + twins + searches + others).toBe(steps.length - open.length)
      expect(bench.lookups).toHaveLength(lookups)
    }), { numRuns: 2_000 })
  })
})

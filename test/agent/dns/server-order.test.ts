import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ServerOrder, type Telling } from '../../../src/agent/dns/server-order.ts'

const HOLD_MS = 1_500

function bench(limit = 100): { order: ServerOrder<string>; told: string[]; tellings: Telling[] } {
  const [told, tellings]: [string[], Telling[]] = [[], []]
  const order = new ServerOrder<string>({ holdMs: HOLD_MS, limit }, (value, telling) => {
    told.push(value)
    tellings.push(telling)
  })
  return { order, told, tellings }
}

const at = (answeredAt: number, { askedAt = answeredAt, server = 'ns1' } = {}) => ({ server, askedAt, answeredAt })

describe('what a server did', () => {
  it('is told in the order of its clock, once its threads can have overtaken each other no more', () => {
    const { order, told, tellings } = bench()
    order.put('second', at(20), 0)
    order.put('first', at(10), 1_000)
    order.sweep(1_499)
    expect(told).toEqual([])
    order.sweep(1_500)
    expect(told).toEqual(['first', 'second'])
    expect(tellings).toEqual(['in_order', 'in_order'])
  })

  it('is told in the order of the questions where one step of the clock has both answers', () => {
    const { order, told } = bench()
    order.put('second', at(20, { askedAt: 20 }), 0)
    order.put('first', at(20, { askedAt: 16 }), 1)
    order.close()
    expect(told).toEqual(['first', 'second'])
  })

  it('is told as it came where the clock tells no difference', () => {
    const { order, told } = bench()
    for (const value of ['first', 'second', 'third']) order.put(value, at(20), 0)
    order.close()
    expect(told).toEqual(['first', 'second', 'third'])
  })

  it('is not ordered by another’s clock, which may be hours off', () => {
    const { order, told } = bench()
    order.put('ns2 second', at(3_600_020, { server: 'ns2' }), 0)
    order.put('ns1', at(10), 1)
    order.put('ns2 first', at(3_600_010, { server: 'ns2' }), 2)
    order.sweep(1_500)
    expect(told).toEqual(['ns2 first', 'ns2 second'])
    order.sweep(1_501)
    expect(told).toEqual(['ns2 first', 'ns2 second', 'ns1'])
  })

  it('is told at once where the server says no times', () => {
    const { order, told, tellings } = bench()
    order.put('one', at(0), 0)
    expect([told, tellings]).toEqual([['one'], ['untimed']])
  })

  it('and comes too late is told behind what came after it, and counted so', () => {
    const { order, told, tellings } = bench()
    order.put('second', at(20), 0)
    order.sweep(1_500)
    order.put('first', at(10), 1_501)
    order.sweep(3_001)
    expect([told, tellings]).toEqual([['second', 'first'], ['in_order', 'late']])
  })

  it('is hurried where too much is held: what came first goes, and what it did before that', () => {
    const { order, told, tellings } = bench(2)
    order.put('second', at(20), 0)
    order.put('first', at(10), 1)
    order.put('third', at(30), 2)
    expect([told, tellings]).toEqual([['first', 'second'], ['hurried', 'hurried']])
    order.sweep(1_502)
    expect(told).toEqual(['first', 'second', 'third'])
  })

  it('is told once, and in order if all of it comes within the time that is held, whatever the order', () => {
    const thing = fc.record({ server: fc.constantFrom('ns1', 'ns2'), time: fc.integer({ min: 1, max: 5_000 }), delay: fc.integer({ min: 0, max: 1_400 }) })
    fc.assert(fc.property(fc.uniqueArray(thing, { maxLength: 40, selector: ({ server, time }) => `${server} ${time}` }), things => {
      const { order, told, tellings } = bench()
      for (const { server, time, delay } of things.toSorted((a, b) => a.time + a.delay - b.time - b.delay)) {
        order.sweep(time + delay)
        order.put(`${server} ${time}`, at(time, { server }), time + delay)
      }
      order.close()
      for (const server of ['ns1', 'ns2']) {
        const expected = things.filter(each => each.server === server).map(({ time }) => time).toSorted((a, b) => a - b)
        expect(told.filter(value => value.startsWith(server))).toEqual(expected.map(time => `${server} ${time}`))
      }
      expect(tellings.every(telling => telling === 'in_order')).toBe(true)
    }), { numRuns: 500 })
  })
})

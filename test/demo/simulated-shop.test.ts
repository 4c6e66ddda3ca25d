import { beforeAll, describe, expect, it } from 'vitest'
import { nameOf } from '../../demo/ledger.ts'
import { webShop } from '../../demo/shop.ts'
import type { LookupEvent, RegistrationEvent } from '../../src/contract/events.ts'
import { inputTopics, topicNames } from '../../src/contract/topics.ts'
import { families } from '../../src/core/families.ts'
import { budgetsOf } from '../../src/core/budgets.ts'
import type { Family } from '../../src/core/family.ts'
import { fold } from '../../src/core/fold.ts'
import { defaultPolicy } from '../../src/core/policy.ts'
import { defaultRetention } from '../../src/core/retention.ts'
import { emptyState } from '../../src/core/state.ts'
import { simulate, type SimulatedRun } from './simulated-shop.ts'

const names = topicNames('')
let run: SimulatedRun
let lookups: LookupEvent[]
let registrations: RegistrationEvent[]

beforeAll(async () => {
  run = await simulate({ seed: 1, seconds: 18, rate: 200 })
  lookups = run.log.filter(({ topic }) => topic === names.lookups).map(({ event }) => event as LookupEvent)
  registrations = run.log.filter(({ topic }) => topic === names.registrations).map(({ event }) => event as RegistrationEvent)
})

const valuesOf = <T, K extends keyof T>(events: readonly T[], field: K): T[K][] => [...new Set(events.map(event => event[field]))]

describe('18 seconds of the shop', () => {
  it('give every family of the table a sample', () => {
    const state = emptyState(0, defaultRetention, { budgets: budgetsOf(defaultPolicy.budgets, 1) })
    const kinds = new Map(inputTopics(names).map(({ topic, kind }) => [topic, kind]))
    for (const [offset, { topic, event, appendTime }] of run.log.entries()) {
      fold(state, { kind: kinds.get(topic) ?? 'agent', event }, { offset, appendTime })
    }
    const empty = (families as readonly Family[]).filter(({ cell, read }) => {
      let samples = 0
      for (const one of state.cells[cell].values()) read(one, () => samples++)
      return samples === 0
    })
    expect(empty.map(({ name }) => name)).toEqual([])
    expect([...state.cells.registrations.values()].some(({ leaseExpirations }) => leaseExpirations > 0)).toBe(true)
  })

  it('have every operation but observation, done and refused', () => {
    expect(valuesOf(registrations, 'operation').toSorted()).toEqual(['DEREGISTER', 'EXPIRE', 'REGISTER', 'RENEW', 'STATUS_CHANGE'])
    expect(valuesOf(registrations, 'outcome').toSorted()).toEqual(['FAILURE', 'SUCCESS'])
    expect(valuesOf(registrations, 'errorCategory').length).toBeGreaterThan(4)
  })

  it('have every kind of incident, and instances in the states that come of them', () => {
    for (const kind of ['crashes', 'deploys version 1.1.0', 'is in maintenance', 'DNS browns out']) {
      expect(run.incidents.filter(text => text.includes(kind))).not.toEqual([])
    }
    expect(valuesOf(registrations, 'status').toSorted()).toEqual(['DRAINING', 'MAINTENANCE', 'PASSING', 'STARTING', 'UNKNOWN'])
  })

  it('have look-ups of every outcome and every answer of a cache', () => {
    expect(valuesOf(lookups, 'outcome').toSorted()).toEqual(['EMPTY', 'FAILURE', 'SUCCESS'])
    expect(valuesOf(lookups, 'cache').toSorted()).toEqual(['BYPASS', 'HIT', 'MISS', 'STALE', 'UNKNOWN'])
    expect(valuesOf(lookups, 'errorCode').toSorted()).toEqual(['', 'ETIMEOUT', 'NXDOMAIN', 'REFUSED', 'SERVFAIL'])
  })

  it('have every service look up its neighbours, and strangers ask too', () => {
    const edges = new Set(lookups.map(({ clientNamespace, client, namespace, service }) => `${clientNamespace}/${client} ${namespace}/${service}`))
    const wanted = webShop.flatMap(client => client.edges.map(server => `${nameOf(client)} ${nameOf(server)}`))
    expect([...edges].toSorted()).toEqual([...wanted, '/ shop/storefront', '/ platform/user'].toSorted())
  })

  it('are recorded as the ledger has them', () => {
    const weights = lookups.reduce((sum, { weight }) => sum + weight, 0)
    expect(weights).toBeGreaterThan(lookups.length)
    expect(run.ledger.total).toBe(weights + registrations.length)
    const cart = run.ledger.tallies.get('shop/cart')
    expect(cart?.lookups).toBe(lookups.filter(({ service }) => service === 'cart').reduce((sum, { weight }) => sum + weight, 0))
    expect(cart?.registrations).toBe(registrations.filter(({ service }) => service === 'cart').length)
  })

  it('keep to the rate', () => {
    const made = lookups.reduce((sum, { weight }) => sum + weight, 0)
    expect(Math.abs(made / 18 - 200)).toBeLessThan(10)
  })

  it('are the same for the same seed, and others for another', async () => {
    const again = await simulate({ seed: 1, seconds: 18, rate: 200 })
    const other = await simulate({ seed: 2, seconds: 18, rate: 200 })
    expect(again.incidents).toEqual(run.incidents)
    expect(again.ledger.tallies).toEqual(run.ledger.tallies)
    expect(other.ledger.tallies).not.toEqual(run.ledger.tallies)
  })
})

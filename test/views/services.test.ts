import { describe, expect, it } from 'vitest'
import { graphOf, serviceOf } from './map-of.ts'
import { lookup, MINUTE, registration, SECOND, shardOf, T0 } from './shards.ts'

const cart = { namespace: 'shop', service: 'cart' }
const none = { unknown: 0, starting: 0, passing: 0, warning: 0, critical: 0, maintenance: 0, draining: 0 }

describe('the services', () => {
  it('tell what is registered and how it is looked up, though that comes from different topics', () => {
    const shards = [
      shardOf([
        registration({ instance: 'cart-1', version: '1.0' }, T0),
        registration({ instance: 'cart-2', version: '1.1', status: 'WARNING' }, T0 + SECOND),
      ], { shard: 'registrations-0' }),
      shardOf([
        lookup({ weight: 30, cache: 'HIT' }, T0),
        lookup({ client: 'mail', weight: 10, outcome: 'FAILURE', cache: 'MISS' }, T0 + MINUTE),
      ]),
    ]
    expect(graphOf(shards, T0 + MINUTE).nodes.filter(({ registered }) => registered)).toEqual([{
      namespace: 'shop', service: 'cart', known: true, registered: true, lookedUp: true,
      instances: { ...none, passing: 1, warning: 1 },
      versions: [
        { version: '1.0', instances: 1, firstSeen: '2026-01-01T12:00:00.000Z', lastSeen: '2026-01-01T12:00:00.000Z' },
        { version: '1.1', instances: 1, firstSeen: '2026-01-01T12:00:01.000Z', lastSeen: '2026-01-01T12:00:01.000Z' },
      ],
      lastDeployment: '2026-01-01T12:00:01.000Z',
      lookups: { total: 40, failures: 10, ratePerSecond: 40 / 60, errorRatio: 0.25 },
      dependencies: 0, dependents: 2, findings: [],
    }])
  })

  it('come by namespace and name', () => {
    const sent = [{ service: 'web' }, { namespace: 'bank', service: 'pay' }, { service: 'cart' }]
    const events = sent.map(fields => registration(fields))
    const names = graphOf([shardOf(events)], T0).nodes.map(({ namespace, service }) => `${namespace}/${service}`)
    expect(names).toEqual(['bank/pay', 'shop/cart', 'shop/web'])
  })

  it('include one that is looked up and never registered', () => {
    expect(graphOf([shardOf([lookup({})])], T0).nodes[0]).toMatchObject({
      ...cart, registered: false, lookedUp: true, instances: none, versions: [], lastDeployment: null,
    })
  })

  it('include one that only looks others up', () => {
    expect(graphOf([shardOf([lookup({ client: 'web' })])], T0).nodes.map(({ service, lookedUp }) => [service, lookedUp]))
      .toEqual([['cart', true], ['web', false]])
  })

  it('keep a version that no instance runs any more, with none', () => {
    const events = [registration({ version: '1.0' }), registration({ version: '2.0' }, T0 + MINUTE)]
    expect(graphOf([shardOf(events)], T0 + MINUTE).nodes).toMatchObject([
      { versions: [{ version: '1.0', instances: 0 }, { version: '2.0', instances: 1 }] },
    ])
  })

  it('add a service up that is spread over several shards', () => {
    const shards = [
      shardOf([registration({ instance: 'cart-1', version: '1.0' }, T0 + SECOND)], { shard: 'registrations-0' }),
      shardOf([registration({ instance: 'cart-2', version: '1.0' }, T0)], { shard: 'registrations-1' }),
    ]
    expect(graphOf(shards, T0 + MINUTE).nodes).toMatchObject([{
      instances: { passing: 2 }, lastDeployment: '2026-01-01T12:00:01.000Z',
      versions: [{ version: '1.0', instances: 2, firstSeen: '2026-01-01T12:00:00.000Z', lastSeen: '2026-01-01T12:00:01.000Z' }],
    }])
  })
})

describe('one service', () => {
  it('is null if nothing is known of it', () => {
    expect(serviceOf([shardOf([lookup({})])], { namespace: 'other', service: 'cart' }, T0)).toBeNull()
  })

  it('shows its live instances with all that is known of them, and none that ended', () => {
    const events = [
      registration({ instance: 'cart-1', version: '1.0', zone: 'eu-1', address: '10.0.0.1:80', leaseMillis: 30_000 }),
      registration({ instance: 'cart-2' }), registration({ instance: 'cart-2', operation: 'DEREGISTER' }, T0 + SECOND),
      registration({ service: 'mail' }),
    ]
    expect(serviceOf([shardOf(events)], cart, T0 + SECOND)?.liveInstances).toEqual([{
      instance: 'cart-1', status: 'passing', version: '1.0', zone: 'eu-1', address: '10.0.0.1:80',
      firstSeen: '2026-01-01T12:00:00.000Z', lastSeen: '2026-01-01T12:00:00.000Z', leaseEnds: '2026-01-01T12:00:30.000Z',
    }])
  })

  it('no longer shows an instance whose lease ran out while its partition was idle', () => {
    const shards = [shardOf([registration({ leaseMillis: 30_000 })], { atEnd: T0 + MINUTE })]
    expect(serviceOf(shards, cart, T0 + MINUTE)).toMatchObject({ liveInstances: [], instances: none })
  })

  it('shows whom it looks up and who looks it up, of its own namespace only', () => {
    const events = [
      lookup({ client: 'web' }), lookup({ client: 'cart', service: 'mail' }), lookup({ client: 'cart', namespace: 'bank', service: 'pay' }),
      lookup({ client: 'web', namespace: 'other', service: 'cart' }), lookup({ clientNamespace: 'other', client: 'cart', service: 'mail' }),
    ]
    const found = serviceOf([shardOf(events)], cart, T0)
    expect(found?.dependencies.map(({ namespace, service }) => `${namespace}/${service}`)).toEqual(['bank/pay', 'shop/mail'])
    expect(found?.dependents).toMatchObject([{ clientNamespace: 'shop', client: 'web', namespace: 'shop' }])
  })

  it('is found even if it only looks others up', () => {
    expect(serviceOf([shardOf([lookup({ client: 'web' })])], { namespace: 'shop', service: 'web' }, T0)).toMatchObject({
      registered: false, dependencies: [{ service: 'cart' }], dependents: [], lookups: { total: 0, ratePerSecond: 0, errorRatio: null },
    })
  })
})

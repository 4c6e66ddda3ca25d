import type { Resolver } from 'node:dns/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { startDnsServer, type DnsServer } from '../../demo/dns-server.ts'
import type { DnsFault } from '../../demo/faults.ts'
import { hostName, instanceName, srvName } from '../../demo/names.ts'
import { resolverOf } from '../../demo/questions.ts'
import { Registry, type RegisteredInstance } from '../../demo/registry.ts'

const cart = { namespace: 'shop', service: 'cart' }

function cartInstance(ordinal: number, status: RegisteredInstance['status'] = 'PASSING'): RegisteredInstance {
  const identity = { ...cart, instance: `cart-${ordinal}`, zone: 'zone-a', address: `10.42.1.${ordinal}`, port: 8081 }
  return { ...identity, version: '1.0.0', status, leaseEnds: Infinity }
}

let server: DnsServer

/** A resolver of a server on which `instances` are registered and answers go as `fault` says. */
async function serving(instances: readonly RegisteredInstance[], fault: DnsFault | null = null): Promise<Resolver> {
  const registry = new Registry()
  for (const instance of instances) registry.put(instance)
  server = await startDnsServer(registry, () => fault)
  return resolverOf(server.address)
}

afterEach(() => server.close())

describe('the demo\'s DNS server', () => {
  it('answers for a service with an SRV record for each usable instance', async () => {
    const resolver = await serving([cartInstance(1), cartInstance(2, 'WARNING'), cartInstance(3, 'DRAINING')])
    const records = await resolver.resolveSrv(srvName(cart))
    expect(records.toSorted((a, b) => a.name.localeCompare(b.name))).toMatchObject([
      { name: 'cart-1.cart.shop.demo.internal', port: 8081, priority: 0, weight: 1 },
      { name: 'cart-2.cart.shop.demo.internal', port: 8081, priority: 0, weight: 1 },
    ])
  })

  it('answers for a service, and for one instance, with addresses', async () => {
    const resolver = await serving([cartInstance(1), cartInstance(2)])
    expect((await resolver.resolve4(hostName(cart))).toSorted()).toEqual(['10.42.1.1', '10.42.1.2'])
    expect(await resolver.resolve4(instanceName(cart, 'cart-2'))).toEqual(['10.42.1.2'])
  })

  it('answers with no data where a service has no usable instance, and for other types', async () => {
    const resolver = await serving([cartInstance(1, 'MAINTENANCE')])
    await expect(resolver.resolveSrv(srvName(cart))).rejects.toMatchObject({ code: 'ENODATA' })
    await expect(resolver.resolveTxt(hostName(cart))).rejects.toMatchObject({ code: 'ENODATA' })
  })

  it('does not know a service that never registered, nor other zones', async () => {
    const resolver = await serving([cartInstance(1)])
    await expect(resolver.resolveSrv(srvName({ namespace: 'shop', service: 'wishlist' }))).rejects.toMatchObject({ code: 'ENOTFOUND' })
    await expect(resolver.resolve4('cart.shop.example')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })

  it('follows the registry from one question to the next', async () => {
    const registry = new Registry()
    server = await startDnsServer(registry, () => null)
    const resolver = resolverOf(server.address)
    registry.put(cartInstance(1))
    expect(await resolver.resolve4(hostName(cart))).toEqual(['10.42.1.1'])
    registry.put(cartInstance(2))
    expect(await resolver.resolve4(hostName(cart))).toHaveLength(2)
    registry.remove(cart, 'cart-1')
    expect(await resolver.resolve4(hostName(cart))).toEqual(['10.42.1.2'])
  })

  it('fails and refuses as it is told', async () => {
    const resolver = await serving([cartInstance(1)], { kind: 'refuse', rcode: 2 })
    await expect(resolver.resolve4(hostName(cart))).rejects.toMatchObject({ code: 'ESERVFAIL' })
  })

  it('lets a question time out as it is told', async () => {
    const resolver = await serving([cartInstance(1)], { kind: 'drop' })
    await expect(resolver.resolve4(hostName(cart))).rejects.toMatchObject({ code: 'ETIMEOUT' })
  })

  it('answers late as it is told', async () => {
    const resolver = await serving([cartInstance(1)], { kind: 'slow', delayMillis: 60 })
    const start = performance.now()
    expect(await resolver.resolve4(hostName(cart))).toEqual(['10.42.1.1'])
    expect(performance.now() - start).toBeGreaterThan(50)
  })
})

import { defaultPolicy } from '../../../src/core/policy.ts'
import { liveMapOf } from '../../views/map-of.ts'
import { lookup, MINUTE, registration, shardOf, T0 } from '../../views/shards.ts'
import { serving, type Serving } from '../serving.ts'

/** When the map of these tests is looked at, in milliseconds since the epoch. */
export const NOW = T0 + MINUTE

/** A small shop: web → cart → db → cart, pay in a namespace of its own, and somebody who does not say who they are. */
export const shop = [
  shardOf([
    lookup({ client: 'web', service: 'cart', weight: 8, cache: 'HIT', durationMicros: 640 }), lookup({ client: 'cart', service: 'db' }),
    lookup({ client: 'db', service: 'cart' }),
    lookup({ client: 'cart', namespace: 'bank', service: 'pay', outcome: 'FAILURE', cache: 'STALE' }),
    lookup({ client: '', clientNamespace: '', service: 'cart' }),
  ]),
  shardOf([
    registration({ service: 'cart', instance: 'cart-1', version: '1.0', address: '10.0.0.1:80', zone: 'eu-1' }),
    registration({ service: 'db', instance: 'db-1', leaseMillis: 10 * MINUTE, address: '10.0.0.2:5432' }),
    registration({ service: 'web', instance: 'web-1' }),
  ], { shard: 'registrations-0', atEnd: NOW }),
]

export function serveShop(deps: Parameters<typeof serving>[0] = {}): Promise<Serving> {
  return serving({ map: liveMapOf(shop, NOW), cardinality: { shards: () => shop, budgets: defaultPolicy.budgets }, ...deps })
}

export async function jsonAt<T = Record<string, unknown>>(url: string, init?: RequestInit): Promise<T> {
  return await (await fetch(url, init)).json() as T
}

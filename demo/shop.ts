import type { Target } from './ledger.ts'

/** Who looks up whom, how often compared with the client's other edges, and by which DNS record. */
export interface Edge extends Target {
  weight: number
  record: 'SRV' | 'A'
}

export interface ShopService extends Target {
  instances: number
  /** How much of the shop's look-ups this service makes, compared with the others. */
  weight: number
  port: number
  edges: readonly Edge[]
}

const zones = ['zone-a', 'zone-b', 'zone-c'] as const

/** The zone of a service's n-th instance, counted from 1. */
export function zoneOf(ordinal: number): string {
  return zones[(ordinal - 1) % zones.length] ?? zones[0]
}

const shop = (service: string, weight: number, record: Edge['record'] = 'SRV'): Edge => ({ namespace: 'shop', service, weight, record })
const platform = (service: string, weight: number, record: Edge['record'] = 'SRV'): Edge => ({
  namespace: 'platform', service, weight, record,
})

/** The eleven services of a web shop. `wishlist` and `gift-card` are asked for and were never built: their names do not exist. */
export const webShop: readonly ShopService[] = [
  {
    namespace: 'shop', service: 'storefront', instances: 3, weight: 10, port: 8080,
    edges: [shop('catalog', 6), shop('search', 4), shop('recommendation', 3), shop('cart', 3), platform('user', 3, 'A'), shop('wishlist', 1)],
  },
  {
    namespace: 'shop', service: 'cart', instances: 3, weight: 5, port: 8081,
    edges: [shop('catalog', 4), shop('inventory', 3), platform('user', 2), shop('checkout', 1)],
  },
  {
    namespace: 'shop', service: 'checkout', instances: 3, weight: 5, port: 8082,
    edges: [shop('cart', 3), shop('payment', 3), shop('shipping', 2), shop('inventory', 2), platform('user', 2), platform('email', 1),
      shop('gift-card', 1)],
  },
  { namespace: 'shop', service: 'payment', instances: 2, weight: 2, port: 8083, edges: [platform('user', 2), platform('email', 1, 'A')] },
  { namespace: 'shop', service: 'catalog', instances: 3, weight: 4, port: 8084, edges: [shop('inventory', 3), shop('search', 1)] },
  { namespace: 'shop', service: 'search', instances: 2, weight: 3, port: 8085, edges: [shop('catalog', 1, 'A')] },
  { namespace: 'shop', service: 'recommendation', instances: 2, weight: 3, port: 8086, edges: [shop('catalog', 3), platform('user', 1)] },
  { namespace: 'shop', service: 'inventory', instances: 2, weight: 2, port: 8087, edges: [shop('shipping', 1), shop('catalog', 1)] },
  { namespace: 'shop', service: 'shipping', instances: 2, weight: 2, port: 8088, edges: [platform('user', 1, 'A'), platform('email', 1)] },
  { namespace: 'platform', service: 'email', instances: 2, weight: 1, port: 8089, edges: [platform('user', 1)] },
  { namespace: 'platform', service: 'user', instances: 3, weight: 1, port: 8090, edges: [platform('email', 1, 'A')] },
]

/** What someone without a name asks for now and then: a script on a machine outside the cluster. */
export const strangersTargets: readonly Target[] = [{ namespace: 'shop', service: 'storefront' }, { namespace: 'platform', service: 'user' }]

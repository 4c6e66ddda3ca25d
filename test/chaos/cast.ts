import type { Random } from '../../demo/random.ts'

export interface ServiceName {
  namespace: string
  service: string
}

/** Who appears in the events: few enough that every series is met often, with names that need escaping. */
export interface Cast {
  services: readonly ServiceName[]
  clients: readonly { clientNamespace: string; client: string }[]
}

const namespaces = ['shop', 'platform', 'default'] as const
const SERVICES_PER_NAMESPACE = 7
const CLIENTS = 10

export function createCast(): Cast {
  const services = namespaces.flatMap(namespace =>
    Array.from({ length: SERVICES_PER_NAMESPACE }, (_, index) => ({ namespace, service: `service-${index}` })))
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    ({ clientNamespace: namespaces[index % 3] ?? '', client: `client-${index}` }))
  return {
    services: [...services, { namespace: 'größe', service: 'a "quoted"\\name' }],
    // An event may leave its client unsaid.
    clients: [...clients, { clientNamespace: '', client: '' }],
  }
}

/** As an agent may send it: the namespace `default` said or left out. */
export function spelled(random: Random, namespace: string): string {
  return namespace === 'default' && random.chance(0.5) ? '' : namespace
}

/** An item, the first ones more often than the last. */
export function skewed<T>(random: Random, items: readonly [T, ...T[]] | readonly T[]): T {
  const item = items[Math.floor(items.length * random.next() * random.next())]
  if (item === undefined) throw new Error('a list to draw from must not be empty')
  return item
}

export function oneOf<T>(random: Random, items: readonly T[]): T {
  const item = random.pick(items)
  if (item === undefined) throw new Error('a list to draw from must not be empty')
  return item
}

/** Microseconds: at a bucket's bound, just above it, or anywhere; -1: not measured. */
export function someDuration(random: Random): number {
  const drawn = random.next()
  if (drawn < 0.1) return -1
  if (drawn < 0.3) return oneOf(random, exactDurations)
  if (drawn < 0.4) return oneOf(random, exactDurations) + 1
  return random.below(drawn < 0.95 ? 40_000 : 12_000_000)
}

const exactDurations = [
  0, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
] as const

/** Categories and codes of failures. */
export const failures = [
  { errorCategory: 'NOT_FOUND', errorCode: 'NXDOMAIN' },
  { errorCategory: 'TIMEOUT', errorCode: 'ETIMEOUT' },
  { errorCategory: 'INTERNAL', errorCode: 'SERVFAIL' },
  { errorCategory: 'CONNECTION', errorCode: 'ECONNREFUSED' },
  { errorCategory: 'RATE_LIMITED', errorCode: '429' },
  { errorCategory: 'OTHER', errorCode: '' },
] as const

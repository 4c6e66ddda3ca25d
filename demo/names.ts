import type { Target } from './ledger.ts'

const ZONE = 'demo.internal'

/** The name whose A records are a service's usable instances. */
export function hostName({ namespace, service }: Target): string {
  return `${service}.${namespace}.${ZONE}`
}

/** The name whose SRV records (RFC 2782) are a service's usable instances. */
export function srvName(target: Target): string {
  return `_http._tcp.${hostName(target)}`
}

/** The name of one instance's A record; a service's SRV records point at these. */
export function instanceName(target: Target, instance: string): string {
  return `${instance}.${hostName(target)}`
}

/** What a name of the demo's zone stands for, `instance` being null where it is a whole service; null for any other name. */
export function parseName(name: string): (Target & { instance: string | null }) | null {
  const lower = name.toLowerCase()
  if (!lower.endsWith(`.${ZONE}`)) return null
  const labels = lower.slice(0, -ZONE.length - 1).replace(/^_http\._tcp\./, '').split('.')
  const [namespace, service, instance, ...more] = labels.toReversed()
  if (!namespace || !service || more.length > 0) return null
  return { namespace, service, instance: instance ?? null }
}

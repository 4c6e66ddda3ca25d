import { isIP } from 'node:net'

/** The service that a host name stands for. */
export interface ServiceName {
  namespace: string
  service: string
}

/** The questions by which a service's instances are looked up; all others (MX, TXT, …) ask for something else. */
const instanceTypes = new Set(['A', 'AAAA', 'SRV', 'ANY', 'NAPTR'])

/**
 * The default reading of a DNS question: labels that begin with `_` aside, the first label is the service and the second its namespace;
 * a single label is in the namespace `default`. So `cart`, `cart.shop.example`, `_http._tcp.cart.shop.example` and Kubernetes'
 * `cart.shop.svc.cluster.local` are read right; Consul's `cart.service.consul` needs a `serviceOf` of one's own. Null, so not recorded:
 * addresses, and questions for other record types than A, AAAA, SRV, NAPTR and ANY.
 */
export function serviceOfHostname(hostname: string, rrtype: string): ServiceName | null {
  if (!instanceTypes.has(rrtype) || isIP(hostname) !== 0) return null
  const [service, namespace = ''] = hostname.toLowerCase().split('.').filter(label => label !== '' && !label.startsWith('_'))
  return service === undefined ? null : { service, namespace }
}

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
 * addresses, `localhost`, and questions for other record types than A, AAAA, SRV, NAPTR and ANY.
 */
export function serviceOfHostname(hostname: string, rrtype: string): ServiceName | null {
  if (!instanceTypes.has(rrtype) || isAddress(hostname)) return null
  const name = hostname.toLowerCase()
  let service: string | undefined
  // Label by label: to split a name and filter its labels takes longer than all else that a look-up costs its host.
  for (let start = 0, end = 0; start < name.length; start = end + 1) {
    const dot = name.indexOf('.', start)
    end = dot < 0 ? name.length : dot
    if (end === start || name[start] === '_') continue
    const label = name.slice(start, end)
    if (service !== undefined) return { service, namespace: label }
    if (label === 'localhost') return null
    service = label
  }
  return service === undefined ? null : { service, namespace: '' }
}

/** An IPv4 address ends in a digit, as hardly a name does, and an IPv6 address has a colon, as none does. */
function isAddress(hostname: string): boolean {
  return (/\d$/.test(hostname) || hostname.includes(':')) && isIP(hostname) !== 0
}

import { addressBytes } from './address.ts'
import { NetworkMap, parseNetwork, type Network } from './networks.ts'
import { defaultPatterns, defaultSearchDomains, ServiceNames, ServicePattern, type ServiceName } from './service-pattern.ts'

/** What names and addresses mean here. */
export interface DnsRules {
  names: ServiceNames
  searchDomains: readonly ServicePattern[]
  networks: NetworkMap<ServiceName>
}

/** Rules that cannot be used, with all that is wrong with them. */
export class DnsRulesError extends Error {
  readonly code = 'INVALID_RULES'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.name = 'DnsRulesError'
    this.faults = faults
  }
}

/** Most patterns, search domains and clients: each question is held against all patterns. */
const MAX_PATTERNS = 200
const MAX_SEARCH_DOMAINS = 32
const MAX_CLIENTS = 100_000

interface NamedNetwork {
  network: Network
  value: ServiceName
}

/**
 * Reads the rules: `file` as parsed from YAML or JSON, `{ patterns?: string[], searchDomains?: string[], clients?: { cidr, service, namespace?
 * }[] }`, undefined for none; `hosts` in the form of `/etc/hosts`. What is absent has the defaults. Throws a DnsRulesError with all faults.
 */
export function readRules(file: unknown, hosts: string): DnsRules {
  const faults: string[] = []
  const { patterns, searchDomains, clients, ...unknown } = objectIn(file, faults)
  for (const key of Object.keys(unknown)) faults.push(`${key}: no such key, there are patterns, searchDomains and clients`)
  const names = new ServiceNames(patternsIn('patterns', patterns ?? defaultPatterns, { most: MAX_PATTERNS, naming: true, faults }))
  const suffixes = patternsIn('searchDomains', searchDomains ?? defaultSearchDomains, { most: MAX_SEARCH_DOMAINS, naming: false, faults })
  const networks = [...clientsIn(clients ?? [], faults), ...hostsIn(hosts, names, faults)]
  if (networks.length > MAX_CLIENTS) faults.push(`clients: there are ${networks.length} with the hosts file's, the most is ${MAX_CLIENTS}`)
  if (faults.length > 0) throw new DnsRulesError(faults)
  return { names, searchDomains: suffixes, networks: new NetworkMap(networks) }
}

function objectIn(file: unknown, faults: string[]): Record<string, unknown> {
  if (file === undefined || file === null) return {}
  if (typeof file === 'object' && !Array.isArray(file)) return { ...file }
  faults.push('the file must be a mapping with the keys patterns, searchDomains and clients')
  return {}
}

interface PatternBounds {
  most: number
  /** Whether each must name the service. */
  naming: boolean
  faults: string[]
}

function patternsIn(key: string, texts: unknown, { most, naming, faults }: PatternBounds): ServicePattern[] {
  if (!Array.isArray(texts) || texts.length > most) {
    faults.push(`${key}: must be a list of at most ${most} texts`)
    return []
  }
  return texts.flatMap((text: unknown, index) => {
    try {
      if (typeof text !== 'string') throw new Error('is no text')
      const pattern = new ServicePattern(text)
      if (naming && !pattern.namesService) throw new Error('has no {service}')
      return pattern
    } catch (error) {
      faults.push(`${key}[${index}]: ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  })
}

function clientsIn(clients: unknown, faults: string[]): NamedNetwork[] {
  if (!Array.isArray(clients)) {
    faults.push('clients: must be a list of { cidr, service, namespace }')
    return []
  }
  return clients.flatMap((client: unknown, index) => {
    try {
      return clientIn(client)
    } catch (error) {
      faults.push(`clients[${index}]: ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  })
}

function clientIn(client: unknown): NamedNetwork {
  if (typeof client !== 'object' || client === null) throw new Error('is no { cidr, service, namespace }')
  const { cidr, service, namespace = '', ...unknown } = client as Record<string, unknown>
  const [key] = Object.keys(unknown)
  if (key !== undefined) throw new Error(`has the key ${key}, there are cidr, service and namespace`)
  if (typeof cidr !== 'string') throw new Error('has no cidr')
  if (typeof service !== 'string' || service === '' || Buffer.byteLength(service) > 256) throw new Error('has no service, or one above 256 bytes')
  if (typeof namespace !== 'string' || Buffer.byteLength(namespace) > 256) throw new Error('has a namespace that is no text up to 256 bytes')
  return { network: parseNetwork(cidr), value: { service, namespace } }
}

/** Of each line the first name that a pattern fits; otherwise the first name's first two labels are service and namespace. */
function hostsIn(hosts: string, names: ServiceNames, faults: string[]): NamedNetwork[] {
  return hosts.split('\n').flatMap((line, index) => {
    const [address = '', ...hostNames] = line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/)
    if (address === '') return []
    const bytes = addressBytes(address)
    const [service = '', namespace = ''] = hostNames[0]?.split('.') ?? []
    if (bytes === undefined || service === '') {
      faults.push(`line ${index + 1} of the hosts file: must be an address and a name`)
      return []
    }
    const match = hostNames.map(name => names.match(name)).find(found => found !== null)
    const value = match === undefined || match === null ? { service, namespace } : { service: match.service, namespace: match.namespace }
    return { network: { bytes, prefix: bytes.length * 8 }, value }
  })
}

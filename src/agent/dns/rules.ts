import { DnsRulesError, MAX_HOSTS, type Host } from './hosts.ts'
import { NetworkMap, parseNetwork, type Network } from './networks.ts'
import { defaultPatterns, defaultSearchDomains, ServiceNames, ServicePattern, type ServiceName } from './service-pattern.ts'

/** What names and addresses mean here. */
export interface DnsRules {
  names: ServiceNames
  searchDomains: readonly ServicePattern[]
  networks: NetworkMap<ServiceName>
}

/** Most patterns, search domains and clients: each question is held against all patterns. */
const MAX_PATTERNS = 200
const MAX_SEARCH_DOMAINS = 32

interface NamedNetwork {
  network: Network
  value: ServiceName
}

/** A file of rules, as far as it can be read without the hosts file. */
export interface RuleFile {
  patterns: readonly ServicePattern[]
  searchDomains: readonly ServicePattern[]
  clients: readonly NamedNetwork[]
}

/**
 * Reads the rules as parsed from YAML or JSON: `{ patterns?: string[], searchDomains?: string[], clients?: { cidr, service, namespace? }[] }`,
 * undefined for none. What is absent has the defaults. Throws a DnsRulesError with all faults.
 */
export function readRuleFile(file: unknown): RuleFile {
  const faults: string[] = []
  const { patterns, searchDomains, clients, ...unknown } = objectIn(file, faults)
  for (const key of Object.keys(unknown)) faults.push(`${key}: no such key, there are patterns, searchDomains and clients`)
  const rules = {
    patterns: patternsIn('patterns', patterns ?? defaultPatterns, { most: MAX_PATTERNS, naming: true, faults }),
    searchDomains: patternsIn('searchDomains', searchDomains ?? defaultSearchDomains, { most: MAX_SEARCH_DOMAINS, naming: false, faults }),
    clients: clientsIn(clients ?? [], faults),
  }
  if (faults.length > 0) throw new DnsRulesError(faults)
  return rules
}

/** Joins the file's rules and the hosts; a network that is in both is what the file says. */
export function rulesOf({ patterns, searchDomains, clients }: RuleFile, hosts: readonly Host[]): DnsRules {
  const names = new ServiceNames(patterns)
  const named = hosts.map(host => ({ network: host.network, value: serviceOf(host, names) }))
  return { names, searchDomains, networks: new NetworkMap([...clients, ...named]) }
}

/** Of a host's names the first that a pattern fits; otherwise the first two labels of the first are service and namespace. */
function serviceOf({ names: hostNames }: Host, names: ServiceNames): ServiceName {
  const [service = '', namespace = ''] = hostNames[0]?.split('.') ?? []
  for (const name of hostNames) {
    const match = names.match(name)
    if (match !== null) return { service: match.service, namespace: match.namespace }
  }
  return { service, namespace }
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
  if (!Array.isArray(clients) || clients.length > MAX_HOSTS) {
    faults.push(`clients: must be a list of at most ${MAX_HOSTS} { cidr, service, namespace }`)
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

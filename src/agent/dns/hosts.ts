import { addressBytes } from './address.ts'
import type { Network } from './networks.ts'

/** Rules that cannot be used, with all that is wrong with them. */
export class DnsRulesError extends Error {
  readonly code = 'INVALID_RULES'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join('; '))
    this.name = 'DnsRulesError'
    this.faults = faults
  }
}

/** Most clients that are named by hand. */
export const MAX_HOSTS = 100_000

/** A line of a hosts file: an address, and its names in lower case. */
export interface Host {
  network: Network
  names: readonly string[]
}

/** Reads what has the form of `/etc/hosts`. Throws a DnsRulesError with all faults. */
export function readHosts(text: string): Host[] {
  const faults: string[] = []
  const hosts = text.split('\n').flatMap((line, index): Host[] => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/)
    if (address === '') return []
    const bytes = addressBytes(address)
    if (bytes !== undefined && names.length > 0 && names.every(isName)) return [{ network: { bytes, prefix: bytes.length * 8 }, names }]
    faults.push(`line ${index + 1} must be an address and names`)
    return []
  })
  if (hosts.length > MAX_HOSTS) faults.push(`it has ${hosts.length} lines, the most is ${MAX_HOSTS}`)
  if (faults.length > 0) throw new DnsRulesError(faults)
  return hosts
}

function isName(name: string): boolean {
  return name.length <= 253 && name.split('.').every(label => label !== '')
}

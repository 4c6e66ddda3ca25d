import { addressBytes } from './address.ts'
import type { NetworkMap } from './networks.ts'
import type { RegisteredRecords } from './registered-records.ts'
import type { ServiceName, ServiceNames } from './service-pattern.ts'

/** How a client's name was found, or why not. */
export const clientFindings = ['registration', 'static', 'ambiguous', 'unknown'] as const
export type ClientFinding = (typeof clientFindings)[number]

export interface Client {
  by: ClientFinding
  /** Undefined: not known. */
  service: ServiceName | undefined
}

export interface ClientsParts {
  records: RegisteredRecords
  /** What the records are about to have: a service asks for others as soon as it is registered. */
  announced: RegisteredRecords
  names: ServiceNames
  networks: NetworkMap<ServiceName>
}

/** Says which service asks from an address: the one registered there, if it is one alone, else what the static file says. */
export class Clients {
  readonly #parts: ClientsParts

  constructor(parts: ClientsParts) {
    this.#parts = parts
  }

  of(address: string): Client {
    const { names, records, announced, networks } = this.#parts
    const services = new Map<string, ServiceName>()
    const known = records.namesOf(address)
    for (const name of known.size > 0 ? known : announced.namesOf(address)) {
      const match = names.match(name)
      if (match !== null) services.set(`${match.namespace}/${match.service}`, match)
    }
    const [only] = services.values()
    if (only !== undefined && services.size === 1) return { by: 'registration', service: only }
    const bytes = addressBytes(address)
    const configured = bytes === undefined ? undefined : networks.find(bytes)
    if (configured !== undefined) return { by: 'static', service: configured }
    return { by: services.size > 1 ? 'ambiguous' : 'unknown', service: undefined }
  }
}

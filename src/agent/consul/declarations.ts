import type { LookupFields } from '../fields.ts'
import type { InstanceState } from './catalog.ts'

/** The dependencies that the proxies of one service declare: told when they are new, or all. */
export class Declarations {
  readonly #source: string
  readonly #record: (lookup: LookupFields) => void
  #told = new Set<string>()

  /** `source`: which registry the events speak of; empty: `consul/` and the data centre. */
  constructor(source: string, record: (lookup: LookupFields) => void) {
    this.#source = source
    this.#record = record
  }

  take(instances: readonly InstanceState[], { all }: { all: boolean }): void {
    const declared = new Set<string>()
    for (const { datacenter, upstreams } of instances) {
      for (const { client, service } of upstreams) {
        const key = `${client}/${service}`
        if (declared.has(key)) continue
        declared.add(key)
        if (all || !this.#told.has(key)) {
          this.#record({
            source: this.#source || `consul/${datacenter}`, clientNamespace: '', client, namespace: '', service, method: 'XDS', weight: 0,
            clientInstance: '', zone: datacenter,
          })
        }
      }
    }
    this.#told = declared
  }
}

import type { RegistrationEvent } from '../../contract/events.ts'
import type { LookupFields, RegistrationFields } from '../fields.ts'
import type { InstanceState } from './catalog.ts'
import { Declarations } from './declarations.ts'
import type { InstanceAddresses } from './instance-addresses.ts'
import type { Revisions } from './revisions.ts'

export const tellings = ['OBSERVE', 'REGISTER', 'STATUS_CHANGE', 'DEREGISTER'] as const satisfies readonly RegistrationEvent['operation'][]
export type Telling = (typeof tellings)[number]

export interface InstancesOptions {
  service: string
  /** Which registry the events speak of; empty: `consul/` and the data centre. */
  source: string
  leaseMillis: number
  /** What is seen to change is told as REGISTER and STATUS_CHANGE, which count, instead of as OBSERVE. */
  countsChanges: boolean
}

export interface InstancesParts {
  revisions: Revisions
  addresses: InstanceAddresses
  record: (event: RegistrationFields & { operation: Telling }) => void
  /** Told of dependencies. */
  declare: (lookup: LookupFields) => void
}

export interface SeenInstances {
  index: number
  instances: readonly InstanceState[]
  /** Whether what is not among them is gone; otherwise nothing is known of it. */
  isWhole: boolean
}

/** What is known of one service: turns what Consul holds into events, the changes of it alone or all. */
export class ServiceInstances {
  readonly #options: InstancesOptions
  readonly #parts: InstancesParts
  readonly #held = new Map<string, InstanceState>()
  readonly #declarations: Declarations
  #toldAt = 0

  constructor(options: InstancesOptions, parts: InstancesParts) {
    this.#options = options
    this.#parts = parts
    this.#declarations = new Declarations(options.source, parts.declare)
  }

  get size(): number {
    return this.#held.size
  }

  /** `all`: what has not changed is told, too, so that its lease goes on. */
  take({ index, instances, isWhole }: SeenInstances, { all }: { all: boolean }): void {
    const { revisions } = this.#parts
    const changed = instances.filter(state => !isAlike(this.#held.get(state.instance), state))
    const ended = isWhole ? this.#missingIn(instances) : []
    // Nothing changes in Consul without a new index: this is another Consul, or its data of another day.
    if (index < this.#toldAt || (index === this.#toldAt && changed.length + ended.length > 0)) revisions.wentBack()
    this.#toldAt = index
    const revision = revisions.of(index)
    for (const state of ended) {
      this.#hold(state.instance, undefined)
      this.#tell('DEREGISTER', state, revision)
    }
    for (const state of all ? instances : changed) {
      const operation = this.#operationOf(state)
      this.#hold(state.instance, state)
      this.#tell(operation, state, revision)
    }
    this.#declarations.take(instances, { all })
  }

  #hold(instance: string, state: InstanceState | undefined): void {
    const { addresses } = this.#parts
    const before = this.#held.get(instance)
    if (before !== undefined) addresses.remove(this.#options.service, before)
    if (state === undefined) {
      this.#held.delete(instance)
      return
    }
    addresses.add(this.#options.service, state)
    this.#held.set(instance, state)
  }

  #missingIn(instances: readonly InstanceState[]): InstanceState[] {
    const present = new Set(instances.map(({ instance }) => instance))
    return [...this.#held.values()].filter(({ instance }) => !present.has(instance))
  }

  #operationOf(state: InstanceState): Telling {
    if (!this.#options.countsChanges) return 'OBSERVE'
    const held = this.#held.get(state.instance)
    if (held === undefined) return this.#parts.revisions.isSince(state.createIndex) ? 'REGISTER' : 'OBSERVE'
    return held.status !== state.status && isAlike({ ...held, status: state.status }, state) ? 'STATUS_CHANGE' : 'OBSERVE'
  }

  #tell(operation: Telling, { datacenter, instance, address, version, status }: InstanceState, revision: number): void {
    const { service, source, leaseMillis } = this.#options
    const isEnd = operation === 'DEREGISTER'
    this.#parts.record({
      operation, outcome: 'SUCCESS', source: source || `consul/${datacenter}`, service, instance, address, version, zone: datacenter, revision,
      status: isEnd ? 'UNKNOWN' : status, leaseMillis: isEnd ? 0 : leaseMillis,
    })
  }
}

function isAlike(held: InstanceState | undefined, state: InstanceState): boolean {
  return held !== undefined && held.datacenter === state.datacenter && held.address === state.address && held.version === state.version
    && held.status === state.status && held.createIndex === state.createIndex
}

import { nameOf, type Target } from './ledger.ts'
import type { InstanceStatus } from '../src/contract/events.ts'

export interface RegisteredInstance extends Target {
  instance: string
  version: string
  zone: string
  address: string
  port: number
  status: InstanceStatus
  /** Milliseconds since the epoch. */
  leaseEnds: number
}

/** The cluster's registry: who is registered, for how long, and who of them can be used. The DNS server answers from it. */
export class Registry {
  readonly #services = new Map<string, Map<string, RegisteredInstance>>()

  /** Registers an instance or overwrites it. */
  put(instance: RegisteredInstance): void {
    const name = nameOf(instance)
    const instances = this.#services.get(name) ?? new Map<string, RegisteredInstance>()
    this.#services.set(name, instances.set(instance.instance, instance))
  }

  /** Undefined: not registered, or no longer. */
  find(target: Target, instance: string): RegisteredInstance | undefined {
    return this.#services.get(nameOf(target))?.get(instance)
  }

  remove(target: Target, instance: string): void {
    this.#services.get(nameOf(target))?.delete(instance)
  }

  /** Takes away the instances whose lease has run out by `now` and returns them. */
  expire(now: number): RegisteredInstance[] {
    const ended = [...this.#services.values()].flatMap(instances => [...instances.values()].filter(({ leaseEnds }) => leaseEnds < now))
    for (const instance of ended) this.remove(instance, instance.instance)
    return ended
  }

  /** The instances that can be called; null for a service that never was registered. */
  usable(target: Target): RegisteredInstance[] | null {
    const instances = this.#services.get(nameOf(target))
    return instances === undefined ? null : [...instances.values()].filter(({ status }) => status === 'PASSING' || status === 'WARNING')
  }
}

import type { InstanceState } from './catalog.ts'

/** Which services have instances at an address, proxies left out: they stand where their service does. */
export class InstanceAddresses {
  /** By host, then by service: how many. */
  readonly #services = new Map<string, Map<string, number>>()

  add(service: string, { host, isProxy }: InstanceState): void {
    if (isProxy) return
    const services = this.#services.get(host) ?? new Map<string, number>()
    this.#services.set(host, services.set(service, (services.get(service) ?? 0) + 1))
  }

  remove(service: string, { host, isProxy }: InstanceState): void {
    const services = isProxy ? undefined : this.#services.get(host)
    if (services === undefined) return
    const left = (services.get(service) ?? 0) - 1
    if (left > 0) services.set(service, left)
    else services.delete(service)
    if (services.size === 0) this.#services.delete(host)
  }

  servicesAt(host: string): readonly string[] {
    return [...(this.#services.get(host)?.keys() ?? [])]
  }
}

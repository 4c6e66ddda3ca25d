import type { ConsulClient } from './consul-client.ts'
import { waitMs } from './pace.ts'
import { ServiceInstances, type InstancesOptions, type InstancesParts } from './service-instances.ts'
import { ServiceWatch, type ServiceWatchOptions } from './service-watch.ts'
import { Slots } from './slots.ts'
import type { WatchSurroundings } from './watch.ts'

/** A lease outlives two resyncs that did not come. */
const LEASES_OF_RESYNC = 3

export interface ServiceWatchesOptions extends Omit<ServiceWatchOptions, 'service'>, Omit<InstancesOptions, 'service' | 'leaseMillis'> {
  /** Services that may be asked about at once. */
  maxQueries: number
  /** Services that are watched; those beyond are left out. */
  serviceLimit: number
}

export interface ServiceWatchesParts extends InstancesParts {
  client: Pick<ConsulClient, 'ask'>
  surroundings: WatchSurroundings
}

/** A watch for each service of the catalog. */
export class ServiceWatches {
  readonly #options: ServiceWatchesOptions
  readonly #parts: ServiceWatchesParts
  readonly #slots: Slots
  readonly #watches = new Map<string, ServiceWatch>()
  readonly #running = new Set<Promise<void>>()
  #leftOut = 0

  constructor(options: ServiceWatchesOptions, parts: ServiceWatchesParts) {
    this.#options = options
    this.#parts = parts
    this.#slots = new Slots(options.maxQueries)
  }

  get size(): number {
    return this.#watches.size
  }

  /** Services of the catalog that there was no room for. */
  get leftOut(): number {
    return this.#leftOut
  }

  /** Of all services. */
  get instances(): number {
    return [...this.#watches.values()].reduce((sum, { size }) => sum + size, 0)
  }

  /** These are the catalog's services now. */
  follow(services: readonly string[]): void {
    const { maxQueries, serviceLimit } = this.#options
    const present = new Set(services)
    for (const [service, watch] of this.#watches) watch.want(present.has(service))
    const before = this.#watches.size
    const fresh = services.filter(service => !this.#watches.has(service))
    const room = Math.max(0, serviceLimit - before)
    this.#leftOut = Math.max(0, fresh.length - room)
    // Those that wait for long have the slots to themselves; now they must take turns.
    const added = fresh.slice(0, room)
    if (before <= maxQueries && this.#watches.size + added.length > maxQueries) for (const watch of this.#watches.values()) watch.interrupt()
    for (const service of added) this.#begin(service)
  }

  /** All ask as if they had asked nothing yet. */
  restart(): void {
    for (const watch of this.#watches.values()) watch.restart()
  }

  /** Resolves once no more answer is taken. */
  async stop(): Promise<void> {
    for (const watch of this.#watches.values()) watch.stop()
    await Promise.all(this.#running)
  }

  #begin(service: string): void {
    const { resyncMs, versionKey, source, countsChanges, maxQueries } = this.#options
    const { client, surroundings, ...parts } = this.#parts
    const leaseMillis = resyncMs * LEASES_OF_RESYNC
    const instances = new ServiceInstances({ service, source, leaseMillis, countsChanges }, parts)
    const watch = new ServiceWatch({ service, versionKey, resyncMs }, {
      client, slots: this.#slots, instances, surroundings, waitMs: () => waitMs({ watched: this.#watches.size, slots: maxQueries }),
      ended: () => this.#watches.delete(service),
    })
    this.#watches.set(service, watch)
    const running = watch.run().finally(() => this.#running.delete(running))
    this.#running.add(running)
  }
}

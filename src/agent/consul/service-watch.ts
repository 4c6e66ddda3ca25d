import { healthPath, instancesIn } from './catalog.ts'
import type { Answer, ConsulClient } from './consul-client.ts'
import type { ServiceInstances } from './service-instances.ts'
import type { Slots } from './slots.ts'
import type { IndexFinding } from './watch-index.ts'
import { Watch, type WatchSurroundings } from './watch.ts'

export interface ServiceWatchOptions {
  service: string
  versionKey: string
  /** All instances are told anew after this; milliseconds. */
  resyncMs: number
}

export interface ServiceWatchParts {
  client: Pick<ConsulClient, 'ask'>
  slots: Slots
  instances: ServiceInstances
  /** How long a question may wait in Consul at the moment; milliseconds. */
  waitMs: () => number
  /** Nobody wants it, and nothing is left of it. */
  ended: () => void
  surroundings: WatchSurroundings
}

const LEAST_WAIT_MS = 100

/** Watches the instances of one service. */
export class ServiceWatch {
  readonly #options: ServiceWatchOptions
  readonly #parts: ServiceWatchParts
  readonly #watch: Watch
  #toldAllAt = -Infinity
  #isWanted = true

  constructor(options: ServiceWatchOptions, parts: ServiceWatchParts) {
    this.#options = options
    this.#parts = parts
    this.#watch = new Watch(
      { ask: (index, signal) => this.#ask(index, signal), take: (answer, finding) => this.#take(answer, finding) }, parts.surroundings,
    )
  }

  /** Instances. */
  get size(): number {
    return this.#parts.instances.size
  }

  run(): Promise<void> {
    return this.#watch.run()
  }

  stop(): void {
    this.#watch.stop()
  }

  /** Whether the catalog has it. That its instances are gone is for its own answer to say. */
  want(isWanted: boolean): void {
    this.#isWanted = isWanted
    if (isWanted || this.size > 0) return
    this.#watch.stop()
    this.#parts.ended()
  }

  restart(): void {
    this.#watch.restart()
  }

  /** Asks anew, so that others may have its slot. */
  interrupt(): void {
    this.#watch.interrupt()
  }

  #ask(index: number, signal: AbortSignal): Promise<Answer> {
    const { client, slots, waitMs } = this.#parts
    return slots.hold(() => {
      const dueMs = this.#options.resyncMs - this.#sinceToldAll()
      return client.ask({ path: healthPath(this.#options.service), index, waitMs: Math.max(LEAST_WAIT_MS, Math.min(waitMs(), dueMs)), signal })
    })
  }

  #take({ index, isFiltered, body }: Answer, finding: IndexFinding): boolean {
    const { instances, ended } = this.#parts
    const all = this.#sinceToldAll() >= this.#options.resyncMs
    if (finding !== 'unchanged' || all) {
      // What is missing although the index is the same is not gone: the token may not read it any more.
      const isWhole = !isFiltered && finding !== 'unchanged'
      instances.take({ index, instances: instancesIn(this.#options.service, body, this.#options.versionKey), isWhole }, { all })
    }
    if (all) this.#toldAllAt = this.#now()
    if (this.#isWanted || (instances.size > 0 && !isFiltered)) return true
    ended()
    return false
  }

  /** Milliseconds. */
  #sinceToldAll(): number {
    return this.#now() - this.#toldAllAt
  }

  #now(): number {
    return this.#parts.surroundings.clock.micros() / 1_000
  }
}

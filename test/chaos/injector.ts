import { setTimeout as pause } from 'node:timers/promises'
import type { Broker } from '../../broker/broker.ts'
import { until } from '../support/until.ts'
import { openConnection } from './fetch-page.ts'
import type { Fleet, Incarnation, Place } from './fleet.ts'
import type { Takeovers } from './measures.ts'
import { faultKinds, type Fault, type FaultKind } from './plan.ts'
import type { Scraper } from './scraper.ts'

const READY_MS = 10_000

export interface InjectorOptions {
  broker: Broker
  fleet: Fleet
  scraper: Scraper
  takeovers: Takeovers
  say: (text: string) => void
}

/** Does to the deployment what the plan says. */
export class Injector {
  readonly injected: Record<FaultKind, number>
  readonly #options: InjectorOptions

  constructor(options: InjectorOptions) {
    this.#options = options
    this.injected = Object.fromEntries(faultKinds.map(kind => [kind, 0])) as Record<FaultKind, number>
  }

  /** Resolves when the fault is over: everything that is to run runs again, though it may not have recovered yet. */
  async inject(fault: Fault): Promise<void> {
    this.#options.takeovers.spoil()
    this.#options.say(`fault: ${fault.kind} for ${(fault.hold / 1_000).toFixed(1)} s`)
    await this.#ways[fault.kind](fault)
    this.injected[fault.kind]++
  }

  readonly #ways: Record<FaultKind, (fault: Fault) => Promise<void>> = {
    'kill': fault => this.#kill(fault),
    'stop': fault => this.#stop(fault),
    'broker-kill': async ({ hold }) => {
      await this.#options.broker.kill()
      await pause(hold)
      await this.#options.broker.start()
    },
    'broker-pause': async ({ hold }) => {
      await this.#options.broker.pause()
      await pause(hold)
      await this.#options.broker.resume()
    },
    'rolling-restart': fault => this.#rollingRestart(fault),
    'add': () => this.#add(),
    'remove': fault => this.#terminate(this.#victim(fault)),
  }

  async #kill(fault: Fault): Promise<void> {
    const victim = this.#victim(fault)
    this.#options.takeovers.begin('kill', victim.name, performance.now())
    await this.#options.fleet.kill(victim)
    await pause(fault.hold)
    this.#options.fleet.start(victim.place)
  }

  async #stop(fault: Fault): Promise<void> {
    const { fleet, scraper } = this.#options
    const victim = this.#victim(fault)
    const connection = await openConnection(victim.place.port)
    fleet.stop(victim)
    await pause(fault.hold)
    await scraper.askWoken(victim, { connection, wake: () => fleet.continue(victim) })
  }

  async #rollingRestart({ hold }: Fault): Promise<void> {
    for (const incarnation of this.#options.fleet.running) {
      this.#options.takeovers.spoil()
      await this.#terminate(incarnation)
      await pause(hold)
      this.#options.fleet.start(incarnation.place)
      await this.#ready(incarnation.place)
    }
  }

  #add(): Promise<void> {
    const place = this.#options.fleet.places.find(({ running }) => running === undefined)
    if (place !== undefined) this.#options.fleet.start(place)
    return Promise.resolve()
  }

  async #terminate(incarnation: Incarnation): Promise<void> {
    this.#options.takeovers.begin('terminate', incarnation.name, performance.now())
    await this.#options.fleet.terminate(incarnation)
  }

  #victim({ pick }: Fault): Incarnation {
    const { running } = this.#options.fleet
    const victim = running[Math.floor(pick * running.length)]
    if (victim === undefined) throw new Error('no replica runs: the plan keeps at least one')
    return victim
  }

  /** One that does not get ready holds the restart up for a while and no longer: at the end, the counts tell. */
  async #ready({ port }: Place): Promise<void> {
    const url = `http://127.0.0.1:${port}/-/ready`
    const isReady = async (): Promise<boolean> => (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok
    await until(isReady, { timeoutMs: READY_MS, message: 'ready' }).catch(() => this.#options.say(`not ready within ${READY_MS / 1_000} s`))
  }
}

import type { Ledger, Target } from './ledger.ts'
import type { Random } from './random.ts'
import type { Service } from './service.ts'
import { strangersTargets } from './shop.ts'
import type { Timeline } from './timeline.ts'

const TICK_MILLIS = 50
/** How many of the look-ups are those of strangers. */
const STRANGERS = 0.01

export interface TrafficContext {
  services: readonly Service[]
  /** A look-up by someone without a name. */
  strangers: (target: Target) => Promise<unknown>
  ledger: Ledger
  timeline: Timeline
  random: Random
}

/** The look-ups of the whole shop, at an even rate: each is made by a service drawn by weight. */
export class Traffic {
  readonly #context: TrafficContext
  readonly #wheel: readonly Service[]
  readonly #pending = new Set<Promise<void>>()
  #owed = 0

  constructor(context: TrafficContext) {
    this.#context = context
    this.#wheel = context.services.flatMap(service => Array.from({ length: service.weight }, () => service))
  }

  /** `rate`: look-ups per second. */
  start(now: number, rate: number): void {
    this.#context.timeline.at(now, then => {
      this.#owed += (rate * TICK_MILLIS) / 1_000
      for (; this.#owed >= 1; this.#owed--) this.#begin(then)
      this.start(then + TICK_MILLIS, rate)
    })
  }

  /** Resolves once every look-up begun so far has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending)
  }

  #begin(now: number): void {
    const { random } = this.#context
    const lookup = random.chance(STRANGERS) ? this.#strange() : this.#wheelPick(now)
    const ended = this.#ended(lookup).finally(() => this.#pending.delete(ended))
    this.#pending.add(ended)
  }

  async #ended(lookup: Promise<number>): Promise<void> {
    const made = await lookup
    // One event may stand for several look-ups, and the rate is of look-ups.
    this.#owed -= Math.max(0, made - 1)
  }

  #wheelPick(now: number): Promise<number> {
    return this.#context.random.pick(this.#wheel)?.lookUp(now) ?? Promise.resolve(0)
  }

  async #strange(): Promise<number> {
    const { ledger, random, strangers } = this.#context
    const target = random.pick(strangersTargets)
    if (target === undefined) return 0
    ledger.lookup(target)
    await strangers(target).catch(() => undefined) // it is recorded, and nobody depends on the answer
    return 1
  }
}

import type { AgentClock } from '../clock.ts'
import { backoff, pause } from '../pause.ts'
import type { Answer } from './consul-client.ts'
import { ConsulError } from './consul-error.ts'
import { WatchIndex, type IndexFinding } from './watch-index.ts'

/** A question is asked again no sooner than this after it was asked, in milliseconds: an answer that comes at once must make no busy loop. */
const SPACING_MS = 100

/** What all watches of an agent share. */
export interface WatchSurroundings {
  found: (finding: IndexFinding) => void
  failed: (error: ConsulError) => void
  clock: AgentClock
  /** 0 to 1. */
  random: () => number
}

export interface Watched {
  /** Rejects with a ConsulError. */
  ask: (index: number, signal: AbortSignal) => Promise<Answer>
  /** False: this is enough. Throws a ConsulError where the answer cannot be read. */
  take: (answer: Answer, finding: IndexFinding) => boolean
}

/** Asks one blocking query again and again; after a failure it backs off. */
export class Watch {
  readonly #watched: Watched
  readonly #surroundings: WatchSurroundings
  readonly #index = new WatchIndex()
  readonly #stop = new AbortController()
  #interruption = new AbortController()
  #failures = 0

  constructor(watched: Watched, surroundings: WatchSurroundings) {
    this.#watched = watched
    this.#surroundings = surroundings
  }

  /** Resolves when it is stopped, or what it was told is enough. Rejects with faults of our own alone. */
  async run(): Promise<void> {
    const { clock } = this.#surroundings
    for (let goesOn = true; goesOn && !this.#stop.signal.aborted;) {
      const beganAt = clock.micros()
      const interruption = new AbortController()
      this.#interruption = interruption
      try {
        goesOn = this.#take(await this.#watched.ask(this.#index.asked, interruption.signal))
        await pause(Math.max(0, SPACING_MS - (clock.micros() - beganAt) / 1_000), this.#stop.signal)
      } catch (error) {
        if (!(error instanceof ConsulError)) throw error
        if (!interruption.signal.aborted) await this.#fail(error)
      }
    }
  }

  /** What is asked at the moment is asked anew. */
  interrupt(): void {
    this.#interruption.abort()
  }

  /** Begins anew, as if it had asked nothing yet. */
  restart(): void {
    this.#index.forget()
    this.interrupt()
  }

  /** Takes no answer any more. */
  stop(): void {
    this.#stop.abort()
    this.interrupt()
  }

  #take(answer: Answer): boolean {
    if (this.#stop.signal.aborted) return false
    const finding = this.#index.take(answer.index)
    const goesOn = this.#watched.take(answer, finding)
    this.#surroundings.found(finding)
    this.#failures = 0
    return goesOn
  }

  async #fail(error: ConsulError): Promise<void> {
    const { failed, random } = this.#surroundings
    this.#index.lost()
    failed(error)
    await pause(backoff(this.#failures, random), this.#stop.signal)
    this.#failures += 1
  }
}

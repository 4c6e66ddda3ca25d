import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fleet, Incarnation, Place } from './fleet.ts'
import { fetchOver, fetchPage } from './fetch-page.ts'
import { PageReader } from './page.ts'
import { membershipOf } from './shown-twice.ts'
import type { Answer, Violation, Watcher } from './watcher.ts'

export interface ScraperOptions {
  fleet: Fleet
  watcher: Watcher
  /** From an answer to the next question to the same replica, in milliseconds. */
  interval: () => number
  onAnswer: (answer: Answer) => void
  onViolation: (violation: Violation) => void
}

/** Asks every replica for its page again and again, each by itself, so that one that does not answer keeps no other waiting. */
export class Scraper {
  readonly #options: ScraperOptions
  readonly #reader = new PageReader()
  readonly #stopping = new AbortController()
  readonly #loops: Promise<void>[]
  /** By process: the last membership in which it showed anything. */
  readonly #memberships = new Map<string, string>()

  constructor(options: ScraperOptions) {
    this.#options = options
    this.#loops = options.fleet.places.map(place => this.#watch(place))
  }

  /**
   * Asks a process that is continued, at once: what it shows now it must have been given anew, since the group has long given it up. The
   * question is there when it wakes, over a connection that it accepted before, so that nothing is done ahead of it.
   */
  async askWoken(incarnation: Incarnation, { connection, wake }: { connection: Socket; wake: () => void }): Promise<void> {
    const before = this.#memberships.get(incarnation.name)
    const asking = this.#ask(incarnation, () => fetchOver(connection))
    wake()
    const answer = await asking
    if (answer === undefined || answer.page.shards.size === 0) return
    if (membershipOf(answer.replica, answer.page.rebalances) !== before) return
    this.#options.onViolation({ kind: 'twice', text: `${answer.replica} woke and shows ${[...answer.page.shards].join(', ')} of before` })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#loops)
  }

  async #watch(place: Place): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const { running } = place
      // Questions that pile up at a stopped process would be in the way of the one that it is to answer first.
      if (running !== undefined && !running.stopped) await this.#ask(running, () => fetchPage(place.port, signal))
      await pause(this.#options.interval(), undefined, { signal }).catch(() => {})
    }
  }

  /** Undefined: no answer, or only half of one. */
  async #ask(incarnation: Incarnation, fetchText: () => Promise<string | undefined>): Promise<Answer | undefined> {
    const { watcher, onAnswer, onViolation } = this.#options
    const asked = performance.now()
    const question = watcher.ask(asked)
    const text = await fetchText()
    // Asked of one process and answered by the next on the same port: nobody can say whose it is.
    if (text === undefined || incarnation.place.running !== incarnation) {
      watcher.giveUp(question)
      return undefined
    }
    const answer: Answer = { replica: incarnation.name, asked, answered: performance.now(), page: this.#reader.read(text) }
    for (const violation of watcher.take(question, answer)) onViolation(violation)
    if (answer.page.shards.size > 0) this.#memberships.set(incarnation.name, membershipOf(incarnation.name, answer.page.rebalances))
    onAnswer(answer)
    return answer
  }
}

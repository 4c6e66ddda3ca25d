import { summedFamily, type Page } from './page.ts'
import { ShownTwice } from './shown-twice.ts'

/** A page, and when it was asked for (at the earliest) and had arrived (at the latest): milliseconds of one monotonic clock. */
export interface Answer {
  /** Which process showed it: another one on the same port is another. */
  replica: string
  asked: number
  answered: number
  page: Page
}

export const violationKinds = ['step-back', 'twice', 'beyond'] as const
export type ViolationKind = (typeof violationKinds)[number]

/** A promise of the service that was seen broken. */
export interface Violation {
  kind: ViolationKind
  text: string
}

export interface WatcherOptions {
  /** The most that a family may add up to when an answer has arrived. */
  limit: (family: string) => number
}

/**
 * Holds what replicas show against three promises, over all of them together:
 * - step-back: an answer that was asked for after another one had arrived shows no series lower. Answers that overlap are not compared.
 * - twice: see `ShownTwice`.
 * - beyond: the highest values seen of a family's series add up to no more than what had been sent by then. That is what a Prometheus
 *   adds up, and no hand-over between two answers excuses it.
 */
export class Watcher {
  readonly #options: WatcherOptions
  readonly #asked = new Map<number, number>()
  /** Highest value of each series in answers that had arrived before any question that is still open. */
  readonly #settled = new Map<string, number>()
  /** The others, in the order in which they arrived. */
  readonly #recent: Answer[] = []
  readonly #highest = new Map<string, number>()
  readonly #sums = new Map<string, number>()
  readonly #twice = new ShownTwice()
  #questions = 0

  constructor(options: WatcherOptions) {
    this.#options = options
  }

  /** A question is asked. Gives its number. */
  ask(at: number): number {
    this.#asked.set(++this.#questions, at)
    return this.#questions
  }

  /** A question has no answer. */
  giveUp(question: number): void {
    this.#asked.delete(question)
    this.#settle()
  }

  /** Answers are to be taken in the order in which they arrive. */
  take(question: number, answer: Answer): Violation[] {
    const violations = [...this.#stepsBack(answer), ...this.#twice.take(answer), ...this.#beyond(answer)]
    this.#recent.push(answer)
    this.giveUp(question)
    return violations
  }

  /** The highest values seen of a family's series, added up. */
  sum(family: string): number {
    return this.#sums.get(family) ?? 0
  }

  #stepsBack({ replica, asked, page }: Answer): Violation[] {
    const before = this.#recent.filter(({ answered }) => answered <= asked)
    const violations: Violation[] = []
    for (const [series, value] of page.values) {
      let highest = this.#settled.get(series) ?? -Infinity
      for (const { page: { values } } of before) highest = Math.max(highest, values.get(series) ?? -Infinity)
      if (value < highest) violations.push({ kind: 'step-back', text: `${replica} shows ${series} ${value} after ${highest}` })
    }
    return violations
  }

  #beyond({ page }: Answer): Violation[] {
    const risen = new Set<string>()
    for (const [series, value] of page.values) {
      const family = summedFamily(series)
      const highest = this.#highest.get(series) ?? 0
      if (family === undefined || value <= highest) continue
      this.#highest.set(series, value)
      this.#sums.set(family, this.sum(family) + value - highest)
      risen.add(family)
    }
    return [...risen].flatMap(family => {
      const [sum, limit] = [this.sum(family), this.#options.limit(family)]
      return sum > limit ? [{ kind: 'beyond', text: `${family} adds up to ${sum}, and only ${limit} had been sent` } as const] : []
    })
  }

  /** An answer that arrived before every open question was asked is before all that is still to come. */
  #settle(): void {
    const earliest = Math.min(...this.#asked.values())
    for (let first = this.#recent[0]; first !== undefined && first.answered <= earliest; first = this.#recent[0]) {
      this.#recent.shift()
      for (const [series, value] of first.page.values) {
        if (value > (this.#settled.get(series) ?? -Infinity)) this.#settled.set(series, value)
      }
    }
  }
}

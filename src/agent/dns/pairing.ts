export interface PairingOptions {
  /** Most questions, and most of each of the rest, that are kept at once. */
  limit: number
  /** A question is unanswered after this long, in milliseconds. */
  timeoutMs: number
  /** An answer waits this long for a question that comes later than it. */
  earlyMs: number
}

export interface PairingOutlet<Q, R> {
  paired: (question: Q, answer: R) => void
  unanswered: (question: Q) => void
  /** An answer whose question was not seen. */
  unasked: (answer: R) => void
}

/** What became of a question or an answer that was given; counted by whoever gives it. */
export type Asked = 'waits' | 'paired' | 'repeated' | 'overflow'
export type Answered = 'paired' | 'waits' | 'repeated' | 'late' | 'unasked'

interface Waiting<T> {
  value: T
  since: number
  copies: number
}

/**
 * Brings questions and answers together by their key, in whatever order they come (a server's threads overtake each other). Laws: each
 * question that waits is told once, as paired or unanswered; each answer that is not repeated or late is told once, as paired or unasked; no
 * map holds more than `limit`. A question beyond it is not kept: its answer, if one comes, is unasked. `now` never steps back.
 */
export class Pairing<Q, R> {
  readonly #options: PairingOptions
  readonly #outlet: PairingOutlet<Q, R>
  // Maps keep the order of insertion, so what is oldest comes first.
  readonly #questions = new Map<string, Waiting<Q>>()
  readonly #answers = new Map<string, Waiting<R>>()
  /** Keys whose further answers are none: told as unanswered (`late`), or asked again before the answer (`repeated`). */
  readonly #done = new Map<string, { since: number; as: 'late' | 'repeated' }>()

  constructor(options: PairingOptions, outlet: PairingOutlet<Q, R>) {
    this.#options = options
    this.#outlet = outlet
  }

  /** Questions that wait. */
  get size(): number {
    return this.#questions.size
  }

  asked(key: string, value: Q, now: number): Asked {
    const early = this.#answers.get(key)
    if (early !== undefined) {
      this.#answers.delete(key)
      this.#outlet.paired(value, early.value)
      return 'paired'
    }
    const waiting = this.#questions.get(key)
    if (waiting !== undefined) {
      waiting.copies += 1
      return 'repeated'
    }
    if (this.#questions.size >= this.#options.limit) return 'overflow'
    this.#done.delete(key)
    this.#questions.set(key, { value, since: now, copies: 1 })
    return 'waits'
  }

  answered(key: string, value: R, now: number): Answered {
    const waiting = this.#questions.get(key)
    if (waiting !== undefined) {
      this.#questions.delete(key)
      if (waiting.copies > 1) this.#remember(key, 'repeated', now)
      this.#outlet.paired(waiting.value, value)
      return 'paired'
    }
    const done = this.#done.get(key)
    if (done !== undefined) return done.as
    if (this.#answers.has(key)) return 'repeated'
    if (this.#answers.size < this.#options.limit) {
      this.#answers.set(key, { value, since: now, copies: 1 })
      return 'waits'
    }
    this.#outlet.unasked(value)
    return 'unasked'
  }

  /** Tells what has waited long enough. To be called again and again. */
  sweep(now: number): void {
    const { timeoutMs, earlyMs } = this.#options
    for (const [key, { value }] of expired(this.#questions, now - timeoutMs)) {
      this.#remember(key, 'late', now)
      this.#outlet.unanswered(value)
    }
    for (const [, { value }] of expired(this.#answers, now - earlyMs)) this.#outlet.unasked(value)
    for (const [key, { since }] of this.#done) {
      if (since > now - timeoutMs) break
      this.#done.delete(key)
    }
  }

  /** Tells the answers that wait, and forgets the questions; says how many these were. */
  close(): number {
    for (const [, { value }] of expired(this.#answers, Infinity)) this.#outlet.unasked(value)
    const { size } = this.#questions
    this.#questions.clear()
    return size
  }

  #remember(key: string, as: 'late' | 'repeated', now: number): void {
    this.#done.delete(key)
    const [oldest] = this.#done.keys()
    if (this.#done.size >= this.#options.limit && oldest !== undefined) this.#done.delete(oldest)
    this.#done.set(key, { since: now, as })
  }
}

/** Takes out what has waited since `until` or longer. */
function* expired<T>(waiting: Map<string, Waiting<T>>, until: number): Generator<[string, Waiting<T>], void, undefined> {
  for (const entry of waiting) {
    if (entry[1].since > until) return
    waiting.delete(entry[0])
    yield entry
  }
}

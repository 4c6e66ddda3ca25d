/** Answers kept at a time. */
const MOST_KEPT = 32

/** Answers that all who ask within a short time share: whoever asks while one is made waits for it. */
export class Shared<T> {
  readonly #millis: number
  readonly #now: () => number
  readonly #held = new Map<string, { answer: Promise<T>; until: number }>()

  /** `millis`: how long an answer is kept once it is there; `now`: milliseconds, of any clock. */
  constructor(millis: number, now: () => number) {
    this.#millis = millis
    this.#now = now
  }

  get(key: string, make: () => Promise<T>): Promise<T> {
    const held = this.#held.get(key)
    if (held !== undefined && this.#now() < held.until) return held.answer
    const made = { answer: make(), until: Infinity }
    void this.#keep(made)
    this.#held.delete(key)
    this.#held.set(key, made)
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= MOST_KEPT) break
      this.#held.delete(oldest)
    }
    return made.answer
  }

  /** One that could not be made is not kept. */
  async #keep(made: { answer: Promise<T>; until: number }): Promise<void> {
    try {
      await made.answer
      made.until = this.#now() + this.#millis
    } catch {
      made.until = -Infinity
    }
  }
}

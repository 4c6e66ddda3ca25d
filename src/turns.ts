/** Whoever works on goes on for so long before the event loop turns, in milliseconds. */
const TURN_MS = 5
/** What people and scrapers wait for has shorter turns than what must keep up with the log. */
export const BACKGROUND_TURN_MS = 2

/**
 * Shares the event loop between all that have much to do: folding, reading checkpoints, rendering pages. Each works for a while and then
 * waits in line, and only one of them works in each turn of the loop, however many wait.
 */
export class Turns {
  readonly #waiting: (() => void)[] = []
  #began = performance.now()

  /** Resolves at once while the turn under way has not lasted for `forMs` milliseconds; otherwise in a turn of the caller's own. */
  async next(forMs = TURN_MS): Promise<void> {
    if (performance.now() - this.#began < forMs) return
    await new Promise<void>(resolve => { if (this.#waiting.push(resolve) === 1) setImmediate(this.#begin) })
  }

  readonly #begin = (): void => {
    this.#began = performance.now()
    this.#waiting.shift()?.()
    if (this.#waiting.length > 0) setImmediate(this.#begin)
  }
}

/** Runs work in steps, as `views` does it, with `turn` between them. */
export async function inTurns<T>(steps: Generator<void, T, undefined>, turn: () => Promise<void>): Promise<T> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    await turn()
  }
}

import type { AgentClock } from './clock.ts'
import { AgentError, type AgentErrorCode } from './errors.ts'

/** An error of the same code is told again after this long, in milliseconds. What is lost is in the counters. */
const QUIET_MS = 10_000

export type ErrorListener = (error: AgentError) => void

/** The one way to the host's `onError`: seldom enough for a hot path, and whatever the host's function does, nothing comes back. */
export class ErrorOutlet {
  readonly #listener: ErrorListener | undefined
  readonly #clock: AgentClock
  readonly #quietUntil = new Map<AgentErrorCode, number>()

  constructor(listener: ErrorListener | undefined, clock: AgentClock) {
    this.#listener = listener
    this.#clock = clock
  }

  tell(code: AgentErrorCode, message: () => string, cause?: unknown): void {
    if (this.#listener === undefined) return
    try {
      const now = this.#clock.now()
      if (now < (this.#quietUntil.get(code) ?? -Infinity)) return
      this.#quietUntil.set(code, now + QUIET_MS)
      // A host may pass an async function: its rejection must not end the process either.
      const answer: unknown = this.#listener(new AgentError(code, message(), cause))
      if (answer instanceof Promise) answer.catch(() => undefined)
    } catch {
      // There is nobody left to tell.
    }
  }
}

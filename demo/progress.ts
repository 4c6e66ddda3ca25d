import { clearLine, cursorTo } from 'node:readline'

const COLUMNS = 80

/** What a terminal gives; `process.stderr` is one. */
export interface Screen extends NodeJS.WritableStream {
  isTTY?: boolean
  columns?: number
}

/** Tells people how far the demo is: lines that stay and, on a terminal, one line below them that changes. */
export class Progress {
  readonly #screen: Screen
  readonly #everyMillis: number
  #shown = false
  #lastStatus = -Infinity

  /** `everyMillis`: where the screen is no terminal, a status becomes a line of its own at most this often. */
  constructor(screen: Screen, everyMillis = 5_000) {
    this.#screen = screen
    this.#everyMillis = everyMillis
  }

  /** A line that stays. */
  step(text: string): void {
    this.#clear()
    this.#screen.write(`${text}\n`)
  }

  /** The line that changes. `now`: milliseconds. */
  status(text: string, now: number): void {
    if (this.#screen.isTTY === true) {
      this.#clear()
      // A line that wraps could not be cleared again.
      this.#screen.write(text.slice(0, (this.#screen.columns ?? COLUMNS) - 1))
      this.#shown = true
    } else if (now - this.#lastStatus >= this.#everyMillis) {
      this.#lastStatus = now
      this.#screen.write(`${text}\n`)
    }
  }

  #clear(): void {
    if (!this.#shown) return
    this.#shown = false
    cursorTo(this.#screen, 0)
    clearLine(this.#screen, 0)
  }
}

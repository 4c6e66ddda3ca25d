export type Action = (now: number) => void

/**
 * What is to happen when. Time is an argument (milliseconds since the epoch), so the same shop lives by the wall clock in the demo and in
 * an instant in a test.
 */
export class Timeline {
  readonly #due: { time: number; action: Action }[] = []

  at(time: number, action: Action): void {
    const before = this.#due.findLastIndex(entry => entry.time <= time)
    this.#due.splice(before + 1, 0, { time, action })
  }

  /** Runs all that is due by `now` in order of time, what it schedules for then included. Each action is told its own time. */
  run(now: number): void {
    for (let next = this.#due[0]; next !== undefined && next.time <= now; next = this.#due[0]) {
      this.#due.shift()
      next.action(next.time)
    }
  }
}

/** What may be spent at once, and what is had again each second. */
const MOST = 1_000
const PER_SECOND = 10

/** A budget for answers: whoever names schemas that do not exist is not to have the registry asked for each. */
export class AskingBudget {
  #left = MOST
  #at: number | null = null

  /** Nothing may be asked now. `now`: milliseconds. */
  isSpent(now: number): boolean {
    this.#refill(now)
    return this.#left <= 0
  }

  /** What is under way when the last of it is spent is paid for later. */
  spend(cost: number, now: number): void {
    this.#refill(now)
    this.#left -= cost
  }

  #refill(now: number): void {
    const passed = Math.max(0, now - (this.#at ?? now)) // a clock that was set back
    this.#left = Math.min(MOST, this.#left + passed * PER_SECOND / 1_000)
    this.#at = now
  }
}

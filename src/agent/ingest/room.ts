/**
 * Knows whether more events may be handed to the agent without any being dropped for want of room in its queue. Law: it never counts fewer
 * than wait there. All that is handed on must be told to it.
 */
export class Room {
  readonly #limit: number
  readonly #flush: () => Promise<void>
  #taken = 0
  #released = 0
  #flushing: Promise<void> | undefined

  /** `limit`: the queue's. `flush` resolves once all that was handed on before is out of the queue. */
  constructor(limit: number, flush: () => Promise<void>) {
    this.#limit = limit
    this.#flush = flush
  }

  has(events: number): boolean {
    return this.#taken - this.#released + events <= this.#limit
  }

  /** An event was handed on. */
  take(): void {
    this.#taken += 1
    // Not before: a flush sends batches that are not full.
    if ((this.#taken - this.#released) * 2 > this.#limit) void this.#look()
  }

  /** Resolves once there is room for one more. */
  async free(): Promise<void> {
    while (!this.has(1)) await this.#look()
  }

  /** One look at a time, shared by all that wait. */
  #look(): Promise<void> {
    this.#flushing ??= this.#flushed()
    return this.#flushing
  }

  async #flushed(): Promise<void> {
    const taken = this.#taken
    await this.#flush()
    this.#released = taken
    this.#flushing = undefined
  }
}

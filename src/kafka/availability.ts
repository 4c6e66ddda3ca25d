import type { Logger } from 'pino'

/** Whether Kafka answers. A change is logged once, however often it is noted. */
export class Availability {
  readonly #log: Logger
  #reason: string | null = 'not connected to Kafka yet'
  #told = false

  constructor(log: Logger) {
    this.#log = log
  }

  /** Why Kafka cannot be used now; null if it can. */
  get reason(): string | null {
    return this.#reason
  }

  away(error: unknown): void {
    this.#reason = `Kafka does not answer: ${error instanceof Error ? error.message : String(error)}`
    if (!this.#told) this.#log.warn(`${this.#reason}; trying again until it does`)
    this.#told = true
  }

  back(): void {
    if (this.#reason !== null) this.#log.info(this.#told ? 'Kafka answers again' : 'connected to Kafka')
    this.#reason = null
    this.#told = false
  }
}

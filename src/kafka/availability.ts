import type { Logger } from 'pino'

/** The connections to Kafka. On a cluster that comes back, the one is served before the other. */
export type Side = 'consumer' | 'admin' | 'checkpoints' | 'inputs' | `records of ${string}`

/** Whether Kafka can be used. An outage is logged once, and its end once, however often and by whichever side they are noted. */
export class Availability {
  readonly #log: Logger
  /** Why a side cannot use Kafka, for each that cannot. */
  readonly #reasons = new Map<Side, string>()
  #connected = false
  #told = false

  constructor(log: Logger) {
    this.#log = log
  }

  /** Why Kafka cannot be used now; null if it can. */
  get reason(): string | null {
    const [first] = this.#reasons.values()
    return first ?? (this.#connected ? null : 'not connected to Kafka yet')
  }

  away(side: Side, error: unknown): void {
    const reason = `Kafka cannot be used: ${error instanceof Error ? error.message : String(error)}`
    this.#reasons.set(side, reason)
    if (!this.#told) this.#log.warn(`${reason}; trying again until it can`)
    this.#told = true
  }

  back(side: Side): void {
    this.#reasons.delete(side)
    if (this.#reasons.size > 0) return
    if (this.#told || !this.#connected) this.#log.info(this.#told ? 'Kafka can be used again' : 'connected to Kafka')
    this.#connected = true
    this.#told = false
  }
}

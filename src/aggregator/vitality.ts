/** Whether this process can still do its work. What has died stays dead: only a new process helps. */
export class Vitality {
  /** Resolves with the cause of death, if it comes. */
  readonly death: Promise<Error>
  #cause: Error | null = null
  #die: (cause: Error) => void = () => {}

  constructor() {
    this.death = new Promise(resolve => { this.#die = resolve })
  }

  died(cause: Error): void {
    this.#cause ??= cause
    this.#die(cause)
  }

  health(): { healthy: boolean; reason?: string } {
    return this.#cause === null ? { healthy: true } : { healthy: false, reason: `the consumer died: ${this.#cause.message}` }
  }
}

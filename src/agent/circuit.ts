/** After so many failures in a row Kafka is taken to be away. */
const FAILURES = 5

/** Whether Kafka answers. Only the connection and the sender, who back off, try on while it is open; all else waits for their success. */
export class Circuit {
  readonly #onChange: (isOpen: boolean) => void
  #failures = 0

  constructor(onChange: (isOpen: boolean) => void) {
    this.#onChange = onChange
  }

  get isOpen(): boolean {
    return this.#failures >= FAILURES
  }

  failed(): void {
    this.#failures += 1
    if (this.#failures === FAILURES) this.#onChange(true)
  }

  succeeded(): void {
    const wasOpen = this.isOpen
    this.#failures = 0
    if (wasOpen) this.#onChange(false)
  }
}

export interface LiveOptions {
  /** Asks for what is shown, anew. */
  refresh: (signal: AbortSignal) => Promise<void>
  /** Told how the last attempt went: null, or what it failed with. */
  onResult: (error: unknown) => void
}

/** Milliseconds between two looks; what took long is asked for less often. */
const EVERY_MS = 5_000
const SHARE_OF_TIME = 10
const MOST_MS = 60_000
/** Changes that are told come in bunches. */
const SOON_MS = 400

const kinds = ['edge_appeared', 'edge_idle', 'edge_gone', 'service_appeared', 'service_lost_last_instance', 'service_new_version'] as const

/**
 * Keeps what is shown up to date: rates by asking again every few seconds, and at once when the replica tells of a change (server-sent
 * events). One request at a time; none while nobody looks.
 */
export class Live {
  readonly #options: LiveOptions
  #running: AbortController | null = null
  #timer = 0
  #events: EventSource | null = null

  constructor(options: LiveOptions) {
    this.#options = options
    document.addEventListener('visibilitychange', () => this.#visible())
    addEventListener('online', () => { void this.now() })
  }

  /** Listens only once there is something to see: to begin to tell changes is work for a replica, too. */
  async start(): Promise<void> {
    await this.now()
    this.#listen()
  }

  /** Asks now. What is under way is let go: it was asked for another view. */
  async now(): Promise<void> {
    this.#running?.abort()
    const running = new AbortController()
    this.#running = running
    clearTimeout(this.#timer)
    const begun = performance.now()
    let failure: unknown = null
    try {
      await this.#options.refresh(running.signal)
    } catch (error) {
      failure = error
    }
    if (this.#running !== running) return
    this.#running = null
    this.#options.onResult(failure)
    this.#again(Math.min(MOST_MS, Math.max(EVERY_MS, (performance.now() - begun) * SHARE_OF_TIME)))
  }

  #again(delay: number): void {
    clearTimeout(this.#timer)
    if (!document.hidden) this.#timer = setTimeout(() => { void this.now() }, delay)
  }

  #visible(): void {
    this.#events?.close()
    clearTimeout(this.#timer)
    if (!document.hidden) void this.start()
  }

  #listen(): void {
    this.#events?.close()
    const events = new EventSource('/api/v1/graph/changes')
    this.#events = events
    for (const kind of kinds) events.addEventListener(kind, () => { if (this.#running === null) this.#again(SOON_MS) })
  }
}

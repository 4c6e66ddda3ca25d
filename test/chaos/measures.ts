import type { Answer } from './watcher.ts'

/** How long the sum that the replicas show stood still while there was something to count. Milliseconds of a monotonic clock. */
export class Stall {
  #longest = 0
  #highest = 0
  /** Since when records have been acknowledged that are not shown; undefined: none are. */
  #since: number | undefined
  #acknowledged = 0

  get longest(): number {
    return this.#longest
  }

  /** `shown`: look-ups; `acknowledged`: records that Kafka has taken. */
  note(now: number, { shown, acknowledged }: { shown: number; acknowledged: number }): void {
    if (shown > this.#highest) {
      this.#highest = shown
      this.#since = undefined
    }
    if (acknowledged > this.#acknowledged) this.#since ??= now
    this.#acknowledged = acknowledged
    if (this.#since !== undefined) this.#longest = Math.max(this.#longest, now - this.#since)
  }
}

export const takeoverCauses = ['kill', 'terminate'] as const
export type TakeoverCause = (typeof takeoverCauses)[number]

interface Waiting {
  cause: TakeoverCause
  gone: string
  at: number
}

/**
 * Measures how long after a process is gone all shards are shown again: until the newest pages of the others, each asked for after it, show
 * every shard that was ever seen. A fault that comes in between spoils the measurement, and it is dropped.
 */
export class Takeovers {
  readonly millis: Record<TakeoverCause, number[]> = { kill: [], terminate: [] }
  readonly #shards = new Set<string>()
  readonly #newest = new Map<string, Answer>()
  #waiting: Waiting | undefined

  get waiting(): boolean {
    return this.#waiting !== undefined
  }

  begin(cause: TakeoverCause, gone: string, at: number): void {
    this.#waiting = { cause, gone, at }
    this.#newest.clear()
  }

  /** Another fault begins. */
  spoil(): void {
    this.#waiting = undefined
  }

  take(answer: Answer): void {
    for (const shard of answer.page.shards) this.#shards.add(shard)
    const waiting = this.#waiting
    if (waiting === undefined || answer.asked < waiting.at || answer.replica === waiting.gone) return
    this.#newest.set(answer.replica, answer)
    const shown = new Set([...this.#newest.values()].flatMap(({ page }) => [...page.shards]))
    if (shown.size < this.#shards.size) return
    this.millis[waiting.cause].push(answer.answered - waiting.at)
    this.#waiting = undefined
  }
}

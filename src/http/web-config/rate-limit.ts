/** A token bucket, as Go's `rate.Limiter`: a request each interval, and a burst of so many. */
export class RateLimit {
  readonly #now: () => number
  #tokens = Number.POSITIVE_INFINITY
  #at: number

  /** `now`: a monotonic clock, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now
    this.#at = now()
  }

  /** Whether one more is let through. The limits may be others each time. */
  admits({ intervalMs, burst }: { intervalMs: number; burst: number }): boolean {
    const now = this.#now()
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#at) / intervalMs)
    this.#at = now
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}

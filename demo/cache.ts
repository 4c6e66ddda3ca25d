/** An answer in the cache, and how good it still is. */
export interface Cached<V> {
  state: 'fresh' | 'stale'
  value: V
}

/** A small cache with a lifetime: an entry is fresh for `ttlMillis`, then stale for `staleMillis`, then gone. */
export class TtlCache<V> {
  readonly #entries = new Map<string, { value: V; storedAt: number }>()
  readonly #ttlMillis: number
  readonly #staleMillis: number

  constructor({ ttlMillis, staleMillis }: { ttlMillis: number; staleMillis: number }) {
    this.#ttlMillis = ttlMillis
    this.#staleMillis = staleMillis
  }

  /** `now`: milliseconds, of the clock that `put` is given. */
  get(key: string, now: number): Cached<V> | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    const age = now - entry.storedAt
    if (age <= this.#ttlMillis) return { state: 'fresh', value: entry.value }
    if (age <= this.#ttlMillis + this.#staleMillis) return { state: 'stale', value: entry.value }
    this.#entries.delete(key)
    return undefined
  }

  put(key: string, value: V, now: number): void {
    this.#entries.set(key, { value, storedAt: now })
  }
}

/** First in, first out, never more than `limit`. An item that was taken keeps its place until it is released. */
export class BoundedQueue<T> {
  readonly #limit: number
  readonly #ring: (T | undefined)[] = []
  #head = 0
  #waiting = 0
  #accepted = 0
  #released = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Items pushed and not taken yet. */
  get waiting(): number {
    return this.#waiting
  }

  get isFull(): boolean {
    return this.#accepted - this.#released >= this.#limit
  }

  /** Items that were ever taken. */
  get taken(): number {
    return this.#accepted - this.#waiting
  }

  /** Items that were ever accepted; together with `released` it tells when those of a moment are done. */
  get accepted(): number {
    return this.#accepted
  }

  get released(): number {
    return this.#released
  }

  /** False: the queue is full and the item was not taken in. */
  push(item: T): boolean {
    if (this.isFull) return false
    this.#ring[(this.#head + this.#waiting) % this.#limit] = item
    this.#waiting += 1
    this.#accepted += 1
    return true
  }

  take(): T | undefined {
    if (this.#waiting === 0) return undefined
    const item = this.#ring[this.#head]
    this.#ring[this.#head] = undefined
    this.#head = (this.#head + 1) % this.#limit
    this.#waiting -= 1
    return item
  }

  /** Gives up the places of the `count` items taken first. */
  release(count: number): void {
    this.#released += count
  }
}

/** Waiting for a change is looked at again after this, lest a timer be set to more than there is. */
const LONGEST_WAIT_MS = 60_000

/** How far a partition is read. */
export interface Position {
  readonly partition: number
  /** Everything below was told. */
  next: number
  /** Nothing at or above it is wanted. */
  readonly end: number
  /** Nothing is fetched before, by the monotonic clock in milliseconds. */
  readonly restsUntil: number
}

/**
 * Which partitions of a topic are read, and how far; it outlives connections, and may change while they are read. Who moves a partition
 * gives it another position: what is under way for the one before counts no more.
 */
export class Positions implements Iterable<Position> {
  readonly #positions = new Map<number, Position>()
  readonly #waiting = new Set<() => void>()
  #isFinished = false

  get size(): number {
    return this.#positions.size
  }

  [Symbol.iterator](): Iterator<Position> {
    return this.#positions.values()
  }

  /** The last partition was read to its end. */
  get isFinished(): boolean {
    return this.#isFinished
  }

  /** Whether it is still where its partition is read. */
  has(position: Position): boolean {
    return this.#positions.get(position.partition) === position
  }

  readFrom(partition: number, next: number, { end = Infinity, restMs = 0 } = {}): void {
    this.#positions.set(partition, { partition, next, end, restsUntil: restMs === 0 ? 0 : performance.now() + restMs })
    this.#changed()
  }

  /** Reads a partition again from where it is, but not before so many milliseconds have passed. */
  rest({ partition, next, end }: Position, restMs: number): void {
    this.readFrom(partition, next, { end, restMs })
  }

  /** Stops reading a partition. */
  hold(partition: number): void {
    this.#positions.delete(partition)
    this.#changed()
  }

  holdAll(): void {
    this.#positions.clear()
    this.#changed()
  }

  /** Notes that a partition was read to its end. */
  finish(position: Position): void {
    this.#positions.delete(position.partition)
    this.#isFinished = this.#positions.size === 0
    this.#changed()
  }

  /** Resolves at the next change, or after that many milliseconds. Rejects once the signal aborts. */
  change(signal: AbortSignal, milliseconds = Infinity): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => { done() }, Math.min(milliseconds, LONGEST_WAIT_MS))
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        signal.removeEventListener('abort', done)
        if (signal.aborted) reject(signal.reason as Error)
        else resolve()
      }
      this.#waiting.add(done)
      signal.addEventListener('abort', done)
      if (signal.aborted) done()
    })
  }

  #changed(): void {
    for (const wake of this.#waiting) wake()
  }
}

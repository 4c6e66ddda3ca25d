/** So many may be under way at once; the others wait in the order in which they came. */
export class Slots {
  readonly size: number
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(size: number) {
    this.size = size
    this.#free = size
  }

  async hold<R>(work: () => Promise<R>): Promise<R> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}

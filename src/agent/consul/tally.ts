/** Counters that only rise, one for each result. */
export class Tally<R extends string> {
  readonly #values: Map<R, number>

  constructor(results: readonly R[]) {
    this.#values = new Map(results.map(result => [result, 0]))
  }

  add(result: R): void {
    this.#values.set(result, this.of(result) + 1)
  }

  of(result: R): number {
    return this.#values.get(result) ?? 0
  }

  samples(): { result: R; value: number }[] {
    return [...this.#values].map(([result, value]) => ({ result, value }))
  }
}

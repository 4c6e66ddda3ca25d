import { families } from '../../src/core/families.ts'

/** Families that are added up while the run goes on: their totals only ever rise. */
export const summedFamilies: readonly string[] = families.filter(({ type }) => type !== 'gauge').map(({ name }) => name)

const FIRST_FAMILY = 2
const at = new Map(summedFamilies.map((name, index) => [name, FIRST_FAMILY + index]))

/**
 * What has been sent so far, in memory that the producer's thread shares with ours: a message from it could come later than the answer of a
 * replica that has counted the same records already.
 */
export class SharedTotals {
  readonly buffer: SharedArrayBuffer
  readonly #cells: BigInt64Array

  constructor(buffer = new SharedArrayBuffer((FIRST_FAMILY + summedFamilies.length) * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer
    this.#cells = new BigInt64Array(buffer)
  }

  /** Records whose sending has begun, and those that Kafka has acknowledged. */
  get begun(): number {
    return this.#read(0)
  }

  get acknowledged(): number {
    return this.#read(1)
  }

  /** What a family must not exceed; NaN for one that is not known. */
  of(family: string): number {
    const index = at.get(family)
    return index === undefined ? NaN : this.#read(index)
  }

  /** To be called before the records are sent. */
  begin(records: number, totals: ReadonlyMap<string, number>): void {
    for (const [family, index] of at) Atomics.store(this.#cells, index, BigInt(totals.get(family) ?? 0))
    Atomics.store(this.#cells, 0, BigInt(records))
  }

  acknowledge(records: number): void {
    Atomics.store(this.#cells, 1, BigInt(records))
  }

  #read(index: number): number {
    return Number(Atomics.load(this.#cells, index))
  }
}

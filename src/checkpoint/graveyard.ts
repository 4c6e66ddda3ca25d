import type { Head } from './codec.ts'

/** More are remembered by nobody: a late record comes within minutes. */
const MOST = 16_384

/**
 * The tombstones that were read last, by key. A late record of a cell is harmless where it has expired by itself; one from when it lived,
 * and so did not expire, must not bring it back.
 */
export class Graveyard {
  readonly #heads = new Map<string, Head>()

  get isEmpty(): boolean {
    return this.#heads.size === 0
  }

  find(key: string): Head | undefined {
    return this.#heads.get(key)
  }

  bury(key: string, { epoch, asOf, expiresAt }: Head): void {
    this.#heads.delete(key) // so that the order of the map is the order of time
    this.#heads.set(key, { epoch, asOf, expiresAt })
    const oldest = this.#heads.keys().next().value
    if (this.#heads.size > MOST && oldest !== undefined) this.#heads.delete(oldest)
  }

  /** There is something newer. */
  forget(key: string): void {
    this.#heads.delete(key)
  }
}

/** The revisions of one Consul's states: the index of the answer that they were in. */
export class Revisions {
  #highest = 0
  #floor = 0
  #startedAt = Infinity

  /**
   * The index went back: Consul's data were restored or made anew. Until it has passed the highest that was told, states are told without a
   * revision, for by it they would be older than what is held and change nothing.
   */
  wentBack(): void {
    this.#floor = this.#highest
  }

  /** 0: none. */
  of(index: number): number {
    this.#highest = Math.max(this.#highest, index)
    return index > this.#floor ? index : 0
  }

  /** What was registered by this index is found, not seen to be registered. */
  startAt(index: number): void {
    this.#startedAt = index
  }

  isSince(createIndex: number): boolean {
    return createIndex > this.#startedAt
  }
}

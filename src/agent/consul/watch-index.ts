export const indexFindings = ['changed', 'unchanged', 'went_back'] as const
/** What an answer's index says. `unchanged`: the question's wait ran out, and nothing happened. */
export type IndexFinding = (typeof indexFindings)[number]

/** The index of one blocking query, by the rules that Consul's API documentation has for clients ("Blocking Queries", "Implementation Details"). */
export class WatchIndex {
  #last = 0
  #asked = 0

  /** What the next question carries; 0: no index, so that it is answered at once. */
  get asked(): number {
    return this.#asked
  }

  take(index: number): IndexFinding {
    // Consul should never say 0; asked for what comes after it, it would not block.
    const told = Math.max(index, 1)
    const isBack = told < this.#last
    const isSame = told === this.#asked
    this.#last = told
    this.#asked = isBack ? 0 : told
    if (isBack) return 'went_back'
    return isSame ? 'unchanged' : 'changed'
  }

  /** What was answered so far was of other data: nothing is to be compared with it. */
  forget(): void {
    this.#last = 0
    this.#asked = 0
  }

  /**
   * There was no answer. Asks without an index then: a Consul that was made anew in between would be silent for the whole wait about an index
   * that it has not come to.
   */
  lost(): void {
    this.#asked = 0
  }
}

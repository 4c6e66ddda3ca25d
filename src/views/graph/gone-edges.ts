import type { ServiceName } from '../../core/cells.ts'

export interface EdgeName extends ServiceName {
  clientNamespace: string
  client: string
}

export interface GoneEdge extends EdgeName {
  /** When it was found to be gone, by its shard's time in milliseconds since the epoch. */
  at: number
}

/** What is remembered of edges that are no longer held: nothing else would tell of them. Older ones are forgotten first. */
const MOST_GONE = 10_000

export class GoneEdges {
  #edges: GoneEdge[] = []

  note(name: EdgeName, at: number): void {
    this.#edges.push({ ...name, at })
    if (this.#edges.length >= 2 * MOST_GONE) this.#edges = this.#edges.slice(-MOST_GONE)
  }

  since(time: number): GoneEdge[] {
    return this.#edges.slice(-MOST_GONE).filter(({ at }) => at > time)
  }
}

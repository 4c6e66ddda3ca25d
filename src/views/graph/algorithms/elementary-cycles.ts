import { AT_ONCE, type Steps } from '../../steps.ts'
import type { Topology } from '../topology.ts'

export interface CyclesQuery {
  /** Nodes of each cyclic component, in ascending order. */
  components: readonly (readonly number[])[]
  componentOf: Int32Array
  admits: (edge: number) => boolean
  /** At most so many cycles, of at most so many edges each. */
  limit: number
  maxLength: number
}

export interface ElementaryCycles {
  /** Nodes; each begins with its lowest. Each looks up the next, the last the first. */
  cycles: number[][]
  /** There may be more of at most that length. */
  truncated: boolean
}

/** Edges looked at before the search gives up: there can be more paths than there is time, although few of them close. */
const MOST_LOOKED = 2_000_000

/**
 * Elementary cycles, those of two edges before those of three and so on within each component: a search that deepens, and finds each cycle
 * from its lowest node alone. Bounded in cycles, in their length and in work; there are exponentially many.
 */
export function* elementaryCycles(topology: Topology, query: CyclesQuery): Steps<ElementaryCycles> {
  const search = new CycleSearch(topology, query)
  for (const component of query.components) {
    for (let length = 1; length <= Math.min(query.maxLength, component.length); length++) {
      for (const root of component) {
        yield* search.from(root, length)
        if (search.isOver) return { cycles: search.cycles, truncated: true }
      }
    }
  }
  return { cycles: search.cycles, truncated: false }
}

class CycleSearch {
  readonly cycles: number[][] = []
  isOver = false
  readonly #topology: Topology
  readonly #query: CyclesQuery
  readonly #isOnPath: Uint8Array
  #looked = 0

  constructor(topology: Topology, query: CyclesQuery) {
    this.#topology = topology
    this.#query = query
    this.#isOnPath = new Uint8Array(topology.nodes.length)
  }

  /** All cycles of just that length whose lowest node is the root. */
  *from(root: number, length: number): Steps<void> {
    const { outStart } = this.#topology
    const path = [root]
    const next = [outStart[root] as number]
    while (path.length > 0 && !this.isOver) {
      const node = path.at(-1) as number
      const edge = next[path.length - 1] as number
      if (edge >= (outStart[node + 1] as number)) {
        this.#isOnPath[node] = 0
        path.pop()
        next.pop()
        continue
      }
      next[path.length - 1] = edge + 1
      const other = this.#goAlong(edge, { path, length, root })
      if (other >= 0) {
        this.#isOnPath[other] = 1
        next.push(outStart[other] as number)
        path.push(other)
      }
      if (this.#looked % AT_ONCE === 0) yield
    }
    for (const node of path) this.#isOnPath[node] = 0
  }

  /** Notes a cycle that the edge closes. Returns the node to go on from; -1: none. */
  #goAlong(edge: number, { path, length, root }: { path: readonly number[]; length: number; root: number }): number {
    const { componentOf, admits, limit } = this.#query
    const other = this.#topology.services[edge] as number
    if (++this.#looked >= MOST_LOOKED) this.isOver = true
    if (other < root || componentOf[other] !== componentOf[root] || !admits(edge)) return -1
    if (other !== root) return path.length < length && this.#isOnPath[other] === 0 ? other : -1
    if (path.length !== length) return -1
    if (this.cycles.length >= limit) this.isOver = true
    else this.cycles.push([...path])
    return -1
  }
}

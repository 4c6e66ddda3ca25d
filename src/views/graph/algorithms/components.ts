import { AT_ONCE, type Steps } from '../../steps.ts'
import type { Topology } from '../topology.ts'

export interface Components {
  /** By node: the number of its component. A component's dependencies have lower numbers. */
  componentOf: Int32Array
  count: number
}

const UNSEEN = -1

/** Strongly connected components by Tarjan's algorithm (1972), without recursion: a chain of services may be as long as there are any. */
export function* componentsOf(topology: Topology, admits: (edge: number) => boolean): Steps<Components> {
  const search = new Search(topology, admits)
  for (let root = 0; root < topology.nodes.length; root++) {
    if (search.index[root] === UNSEEN) yield* search.from(root)
    if (root % AT_ONCE === 0) yield
  }
  return { componentOf: search.componentOf, count: search.count }
}

class Search {
  /** By node: when it was met. */
  readonly index: Int32Array
  readonly componentOf: Int32Array
  count = 0
  readonly #topology: Topology
  readonly #admits: (edge: number) => boolean
  /** The lowest index that is reached from a node and still open. */
  readonly #low: Int32Array
  /** The next edge to go along. */
  readonly #next: Int32Array
  readonly #open: number[] = []
  readonly #path: number[] = []
  #met = 0
  #looked = 0

  constructor(topology: Topology, admits: (edge: number) => boolean) {
    const { length } = topology.nodes
    this.#topology = topology
    this.#admits = admits
    this.index = new Int32Array(length).fill(UNSEEN)
    this.componentOf = new Int32Array(length).fill(UNSEEN)
    this.#low = new Int32Array(length)
    this.#next = topology.outStart.slice(0, length)
  }

  *from(root: number): Steps<void> {
    this.#meet(root)
    while (this.#path.length > 0) {
      const node = this.#path.at(-1) as number
      if (!this.#advance(node)) this.#leave(node)
      if (++this.#looked % AT_ONCE === 0) yield
    }
  }

  #meet(node: number): void {
    this.index[node] = this.#met
    this.#low[node] = this.#met++
    this.#open.push(node)
    this.#path.push(node)
  }

  /** Goes along the node's edges up to one that leads to a node not met before; false if there is none. */
  #advance(node: number): boolean {
    const { services, outStart } = this.#topology
    const end = outStart[node + 1] as number
    for (let edge = this.#next[node] as number; edge < end; edge++) {
      if (!this.#admits(edge)) continue
      const other = services[edge] as number
      if (this.index[other] === UNSEEN) {
        this.#next[node] = edge + 1
        this.#meet(other)
        return true
      }
      if (this.componentOf[other] === UNSEEN) this.#lower(node, this.index[other] as number)
    }
    this.#next[node] = end
    return false
  }

  #leave(node: number): void {
    this.#path.pop()
    const parent = this.#path.at(-1)
    if (parent !== undefined) this.#lower(parent, this.#low[node] as number)
    if (this.#low[node] !== this.index[node]) return
    for (let member = this.#open.pop(); member !== undefined; member = this.#open.pop()) {
      this.componentOf[member] = this.count
      if (member === node) break
    }
    this.count++
  }

  #lower(node: number, index: number): void {
    this.#low[node] = Math.min(this.#low[node] as number, index)
  }
}

/** Nodes of each component that is a cycle: two or more, or one with an edge to itself. Largest first, then by name. */
export function* cyclicComponents(topology: Topology, { componentOf, count }: Components, admits: (edge: number) => boolean): Steps<number[][]> {
  const sizes = new Int32Array(count)
  for (const component of componentOf) (sizes[component] as number)++
  const cyclic = new Map<number, number[]>()
  for (const [node, component] of componentOf.entries()) {
    if (node % AT_ONCE === 0) yield
    if (sizes[component] === 1 && !looksItselfUp(topology, node, admits)) continue
    const members = cyclic.get(component)
    if (members === undefined) cyclic.set(component, [node])
    else members.push(node)
  }
  return [...cyclic.values()].toSorted((a, b) => b.length - a.length || (a[0] as number) - (b[0] as number))
}

function looksItselfUp({ services, outStart }: Topology, node: number, admits: (edge: number) => boolean): boolean {
  for (let edge = outStart[node] as number; edge < (outStart[node + 1] as number); edge++) {
    if (services[edge] === node && admits(edge)) return true
  }
  return false
}

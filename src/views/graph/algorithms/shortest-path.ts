import { AT_ONCE, type Steps } from '../../steps.ts'
import type { Topology } from '../topology.ts'

export interface PathQuery {
  from: number
  to: number
  admits: (edge: number) => boolean
}

/** The edges of a shortest path, by a breadth-first search; of several, the one whose services come first by name. Null: there is none. */
export function* shortestPath(topology: Topology, { from, to, admits }: PathQuery): Steps<number[] | null> {
  const { services, outStart } = topology
  /** By node: the edge by which it was reached; -1: it was not. */
  const by = new Int32Array(topology.nodes.length).fill(-1)
  const queue = [from]
  if (from === to) return []
  for (let index = 0, looked = 0; index < queue.length && by[to] === -1; index++) {
    const node = queue[index] as number
    for (let edge = outStart[node] as number; edge < (outStart[node + 1] as number); edge++) {
      if (++looked % AT_ONCE === 0) yield
      const other = services[edge] as number
      if (other === from || by[other] !== -1 || !admits(edge)) continue
      by[other] = edge
      queue.push(other)
    }
  }
  return by[to] !== -1 ? backFrom(topology, { from, to, by }) : null
}

function backFrom({ clients }: Topology, { from, to, by }: { from: number; to: number; by: Int32Array }): number[] {
  const edges: number[] = []
  for (let node = to; node !== from; node = clients[edges.at(-1) as number] as number) edges.push(by[node] as number)
  return edges.toReversed()
}

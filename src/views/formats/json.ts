import type { GraphEdge } from '../edges.ts'
import type { GraphNode } from '../graph/node-reader.ts'
import type { GraphPage } from './graph-text.ts'

/** What a reader of the JSON has. */
export interface Graph {
  windowSeconds: number
  nodes: GraphNode[]
  edges: GraphEdge[]
  /** Only where a page was asked for; null: it is the last. */
  next?: string | null
}

/** As section 5 of DESIGN.md has it: one line for each item, so that large answers can be looked through. */
export function* writeJson({ windowSeconds, nodes, edges, next }: GraphPage): Generator<string, void, undefined> {
  yield `{"windowSeconds":${windowSeconds},"nodes":[`
  yield* jsonItems(nodes)
  yield '],"edges":['
  yield* jsonItems(edges)
  yield next === undefined ? ']}' : `],"next":${JSON.stringify(next)}}`
}

/** What stands between the brackets of a list: a line for each item. */
export function* jsonItems(list: Iterable<unknown>): Generator<string, void, undefined> {
  let separator = '\n'
  for (const item of list) {
    yield separator + JSON.stringify(item)
    separator = ',\n'
  }
}

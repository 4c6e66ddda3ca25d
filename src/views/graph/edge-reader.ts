import type { EdgeCell } from '../../core/cells.ts'
import { graphEdge, mergeEdges, type GraphEdge, type MergedEdge } from '../edges.ts'
import type { Snapshot } from './graph-index.ts'

/** Decodes the cells of edges. */
export class EdgeReader {
  readonly #snapshot: Snapshot
  readonly #now: number

  /** `now`: milliseconds since the epoch. */
  constructor(snapshot: Snapshot, now: number) {
    this.#snapshot = snapshot
    this.#now = now
  }

  /** Null: it is no longer held, or damaged. */
  edge(edge: number): GraphEdge | null {
    const merged = this.merged(edge)
    return merged === null ? null : graphEdge(merged, this.#now)
  }

  merged(edge: number): MergedEdge | null {
    const { topology: { clients, services, nodes, partStart, parts } } = this.#snapshot
    const [client, service] = [nodes[clients[edge] as number], nodes[services[edge] as number]]
    const [first, end] = partStart === null ? [edge, edge + 1] : [partStart[edge] as number, partStart[edge + 1] as number]
    const cells: EdgeCell[] = []
    for (let index = first; index < end; index++) {
      const cell = this.#cell(parts[index] as number)
      // Its number may by now be another edge's.
      if (cell?.client === client?.service && cell?.service === service?.service &&
        cell?.clientNamespace === client?.namespace && cell?.namespace === service?.namespace && cell !== undefined) cells.push(cell)
    }
    return mergeEdges(cells, this.#now)[0] ?? null
  }

  #cell(part: number): EdgeCell | undefined {
    const { edges, cells, topology: { shards } } = this.#snapshot
    const rows = edges[part % shards]?.cells
    const entry = Math.floor(part / shards)
    return rows?.has(entry) === true ? cells[part % shards]?.edge.get(rows.key(entry)) : undefined
  }
}

import type { ServiceName } from '../../core/cells.ts'
import { endsOf, type Selection } from './select.ts'
import { compareNames, type Topology } from './topology.ts'

/**
 * A page of a selection: so many edges with their ends, and behind the last edge the nodes that have none. A cursor is the name of the last
 * item, so it holds however the map changes meanwhile.
 */
export interface Page extends Selection {
  /** Null: this is the last. */
  next: string | null
}

/** Null for what is no cursor. */
export function readCursor(cursor: string): ServiceName[] | null {
  try {
    const names = cursor.split('/').map(decodeURIComponent)
    const [a, b, c, d] = names
    if (a === undefined || b === undefined || (names.length !== 2 && names.length !== 4)) return null
    return c === undefined || d === undefined ? [{ namespace: a, service: b }] : [{ namespace: a, service: b }, { namespace: c, service: d }]
  } catch {
    return null
  }
}

export function writeCursor(...names: readonly ServiceName[]): string {
  return names.flatMap(({ namespace, service }) => [namespace, service]).map(encodeURIComponent).join('/')
}

/** `after`: as `readCursor` read it; empty: from the beginning on. */
export function pageOf(topology: Topology, { nodes, edges }: Selection, { limit, after }: { limit: number; after: readonly ServiceName[] }): Page {
  const namesOf = (edge: number) => [nameAt(topology, topology.clients[edge]), nameAt(topology, topology.services[edge])] as const
  const [client, service] = after
  const begin = client === undefined ? 0 : service === undefined ? edges.length : firstBehind(edges, edge => {
    const [from, to] = namesOf(edge)
    return (compareNames(from, client) || compareNames(to, service)) > 0
  })
  const taken = edges.slice(begin, begin + limit)
  if (begin + taken.length < edges.length) return { ...withEnds(topology, taken), next: writeCursor(...namesOf(taken.at(-1) as number)) }
  const linked = endsOf(topology, edges)
  const alone = nodes.filter(node => linked[node] === 0)
  const first = client !== undefined && service === undefined
    ? firstBehind(alone, node => compareNames(nameAt(topology, node), client) > 0) : 0
  const rest = alone.slice(first, first + limit - taken.length)
  const last = rest.at(-1)
  const isLast = first + rest.length >= alone.length
  // A page that edges fill whole is followed by nodes alone: behind no name at all.
  const next = isLast ? null : last === undefined ? NODES_ALONE : writeCursor(nameAt(topology, last))
  return { ...withEnds(topology, taken, rest), next }
}

/** Behind all edges and before all nodes. */
const NODES_ALONE = writeCursor({ namespace: '', service: '' })

function withEnds({ clients, services }: Topology, edges: number[], alone: readonly number[] = []): Selection {
  const nodes = new Set([...alone, ...edges.flatMap(edge => [clients[edge] as number, services[edge] as number])])
  return { edges, nodes: [...nodes].toSorted((a, b) => a - b) }
}

function firstBehind(items: readonly number[], isBehind: (item: number) => boolean): number {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = low + high >>> 1
    if (isBehind(items[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}

function nameAt({ nodes }: Topology, node: number | undefined): ServiceName {
  return nodes[node ?? -1] ?? { namespace: '', service: '' }
}

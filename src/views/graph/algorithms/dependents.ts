import { SCANNED_AT_ONCE, type Steps } from '../../steps.ts'
import { sortedBy, type Topology } from '../topology.ts'
import type { Components } from './components.ts'

/** Components whose dependents are looked for at once, one for each bit of a word. */
const BITS = 32

export interface DependentsQuery {
  admits: (edge: number) => boolean
  /** Nodes with fewer dependents are of no interest. */
  atLeast: number
}

/**
 * How many other nodes depend on each node, however indirectly; 0: fewer than `atLeast`. First a bound is found by adding up over the
 * edges, which is the number itself where ways do not meet again. Only what reaches `atLeast` by its bound is counted: the dependents of 32
 * components at once, a bit for each, by passing all edges from dependency to dependent.
 */
export function* countDependents(topology: Topology, components: Components, { admits, atLeast }: DependentsQuery): Steps<Int32Array> {
  const { componentOf, count } = components
  const sizes = yield* sizesOf(components)
  const edges = yield* componentEdges(topology, components, admits)
  const bounds = yield* boundsOf(edges, { sizes, most: componentOf.length })
  const reaching = new Int32Array(count)
  const wanted: number[] = []
  for (let component = 0; component < count; component++) {
    if (component % SCANNED_AT_ONCE === 0) yield
    if ((bounds[component] as number) > atLeast) wanted.push(component)
  }
  for (let first = 0; first < wanted.length; first += BITS) yield* countReaching(wanted.slice(first, first + BITS), edges, { sizes, reaching })
  return componentOf.map(component => {
    const dependents = (reaching[component] as number) - 1
    return dependents >= atLeast ? Math.max(dependents, 0) : 0
  })
}

function* sizesOf({ componentOf, count }: Components): Steps<Int32Array> {
  const sizes = new Int32Array(count)
  for (let node = 0; node < componentOf.length; node++) {
    if (node % SCANNED_AT_ONCE === 0) yield
    const component = componentOf[node] as number
    sizes[component] = (sizes[component] as number) + 1
  }
  return sizes
}

/** Edges between different components, from the highest client down: each is met after all that lead to its client. */
interface ComponentEdges {
  clients: Int32Array
  services: Int32Array
}

function* componentEdges({ clients, services }: Topology, { componentOf, count }: Components, admits: (edge: number) => boolean): Steps<ComponentEdges> {
  const [from, to] = [new Int32Array(clients.length), new Int32Array(clients.length)]
  let found = 0
  for (let edge = 0; edge < clients.length; edge++) {
    if (edge % SCANNED_AT_ONCE === 0) yield
    const [client, service] = [componentOf[clients[edge] as number] as number, componentOf[services[edge] as number] as number]
    if (client === service || !admits(edge)) continue
    from[found] = count - 1 - client
    to[found++] = service
  }
  const { order } = yield* sortedBy(from.subarray(0, found), null, count)
  const sorted: ComponentEdges = { clients: new Int32Array(found), services: new Int32Array(found) }
  for (let index = 0; index < found; index++) {
    if (index % SCANNED_AT_ONCE === 0) yield
    const item = order[index] as number
    sorted.clients[index] = count - 1 - (from[item] as number)
    sorted.services[index] = to[item] as number
  }
  return sorted
}

/** By component: no more nodes than this reach it, its own included. */
function* boundsOf({ clients, services }: ComponentEdges, { sizes, most }: { sizes: Int32Array; most: number }): Steps<Int32Array> {
  const bounds = sizes.slice()
  for (let edge = 0; edge < clients.length; edge++) {
    if (edge % SCANNED_AT_ONCE === 0) yield
    const service = services[edge] as number
    bounds[service] = Math.min((bounds[service] as number) + (bounds[clients[edge] as number] as number), most)
  }
  return bounds
}

interface Reaching {
  sizes: Int32Array
  /** By component: how many nodes reach it, its own included. */
  reaching: Int32Array
}

/** `wanted` from the lowest up. */
function* countReaching(wanted: readonly number[], { clients, services }: ComponentEdges, { sizes, reaching }: Reaching): Steps<void> {
  const masks = new Int32Array(sizes.length)
  wanted.forEach((component, bit) => { masks[component] = 1 << bit })
  for (let edge = clients.length - 1; edge >= 0; edge--) {
    const client = clients[edge] as number
    masks[client] = (masks[client] as number) | (masks[services[edge] as number] as number)
    if (edge % SCANNED_AT_ONCE === 0) yield
  }
  for (let component = wanted[0] ?? 0; component < masks.length; component++) {
    for (let left = masks[component] as number; left !== 0; left &= left - 1) {
      const reached = wanted[31 - Math.clz32(left & -left)] as number
      reaching[reached] = (reaching[reached] as number) + (sizes[component] as number)
    }
    if (component % SCANNED_AT_ONCE === 0) yield
  }
}

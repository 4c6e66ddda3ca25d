import type { Steps } from '../source.ts'
import { SCANNED_AT_ONCE } from '../steps.ts'
import { sortedBy, type Topology } from '../topology.ts'
import type { Components } from './components.ts'

/** Nodes whose way is followed at once, one for each bit of a word. */
const BITS = 32

/**
 * How many other nodes depend on each node, however indirectly. All paths of 32 nodes are followed at once, a bit for each, through the
 * components in the order in which they depend on each other: edges × nodes / 32 steps in all, and memory for the nodes alone.
 */
export function* countDependents(topology: Topology, components: Components, admits: (edge: number) => boolean): Steps<Int32Array> {
  const { componentOf, count } = components
  const { clients, services } = yield* componentEdges(topology, components, admits)
  const reaching = new Int32Array(count)
  const sources = yield* nodesByComponent(components)
  for (let first = 0; first < sources.length; first += BITS) {
    const masks = new Int32Array(count)
    for (let bit = 0; bit < BITS && first + bit < sources.length; bit++) {
      const component = componentOf[sources[first + bit] as number] as number
      masks[component] = (masks[component] as number) | 1 << bit
    }
    // Dependencies have lower numbers: nothing above the highest component among the sources is reached.
    const begin = firstEdgeFrom(clients, componentOf[sources[first] as number] as number)
    for (let edge = begin; edge < clients.length; edge++) {
      const mask = masks[clients[edge] as number] as number
      if (mask !== 0) masks[services[edge] as number] = (masks[services[edge] as number] as number) | mask
      if (edge % SCANNED_AT_ONCE === 0) yield
    }
    for (let component = 0; component < count; component++) {
      if (masks[component] !== 0) reaching[component] = (reaching[component] as number) + bitsIn(masks[component] as number)
    }
    yield
  }
  return componentOf.map(component => (reaching[component] as number) - 1)
}

interface ComponentEdges {
  clients: Int32Array
  services: Int32Array
}

/** Edges between different components, from the highest client down: so each is met after all that lead to its client. */
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

/** From the highest component down. */
function* nodesByComponent({ componentOf, count }: Components): Steps<Int32Array> {
  return (yield* sortedBy(componentOf.map(component => count - 1 - component), null, count)).order
}

function firstEdgeFrom(clients: Int32Array, component: number): number {
  let [low, high] = [0, clients.length]
  while (low < high) {
    const middle = low + high >>> 1
    if ((clients[middle] as number) > component) low = middle + 1
    else high = middle
  }
  return low
}

function bitsIn(mask: number): number {
  const pairs = mask - (mask >>> 1 & 0x55555555)
  const fours = (pairs & 0x33333333) + (pairs >>> 2 & 0x33333333)
  return Math.imul(fours + (fours >>> 4) & 0x0f0f0f0f, 0x01010101) >>> 24
}

import type { ServiceName } from '../../core/cells.ts'
import { FREE, type EdgeRows } from './edge-rows.ts'
import type { NameTable } from './name-table.ts'
import { sortInSteps } from './sort-steps.ts'
import { AT_ONCE, SCANNED_AT_ONCE, type Steps } from '../steps.ts'

/**
 * Who looks up whom at one moment, never changed: nodes by namespace and name, edges by client and then by service, each once, whichever
 * shards it lies in. A part of an edge, its row in one shard, has a number: `entry × shards + shard`.
 */
export interface Topology {
  nodes: readonly ServiceName[]
  /** Of each edge, its nodes. */
  clients: Int32Array
  services: Int32Array
  /** Edges of a client: from `outStart[node]` up to `outStart[node + 1]`. */
  outStart: Int32Array
  /** Edges to a service: `inEdges` from `inStart[node]` up to `inStart[node + 1]`. */
  inStart: Int32Array
  inEdges: Int32Array
  /** Parts of an edge: from `partStart[edge]` up to `partStart[edge + 1]`; null: each edge has one, of its own number. */
  partStart: Int32Array | null
  parts: Int32Array
  shards: number
}

export interface SortedNames {
  nodes: readonly ServiceName[]
  /** By number in the table of names: the node. */
  nodeOf: Int32Array
}

/** All names, sorted. `before`: sorted the last time; what is nearly sorted is sorted in no time. */
export function* sortNames(names: NameTable, before: readonly number[]): Steps<SortedNames & { order: number[] }> {
  const byNamespace = yield* numbersByNamespace(names, before)
  const nameAt = (number: number) => names.names[number] ?? { namespace: '', service: '' }
  const order: number[] = []
  for (const namespace of [...byNamespace.keys()].toSorted()) {
    const members = byNamespace.get(namespace) ?? []
    for (const number of yield* sortInSteps(members, (a, b) => compareNames(nameAt(a), nameAt(b)))) order.push(number)
  }
  const nodeOf = new Int32Array(names.names.length).fill(FREE)
  const nodes: ServiceName[] = []
  for (const number of order) {
    nodeOf[number] = nodes.length
    if (nodes.push(nameAt(number)) % AT_ONCE === 0) yield
  }
  return { nodes, nodeOf, order }
}

/** What was sorted before comes first. */
function* numbersByNamespace({ names }: NameTable, before: readonly number[]): Steps<Map<string, number[]>> {
  const byNamespace = new Map<string, number[]>()
  const isTaken = new Uint8Array(names.length)
  let looked = 0
  for (const numbers of [before, names.keys()]) {
    for (const number of numbers) {
      if (++looked % AT_ONCE === 0) yield
      const name = names[number]
      if (name === undefined || isTaken[number] === 1) continue
      isTaken[number] = 1
      const members = byNamespace.get(name.namespace)
      if (members === undefined) byNamespace.set(name.namespace, [number])
      else members.push(number)
    }
  }
  return byNamespace
}

export function compareNames(a: ServiceName, b: ServiceName): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1
  if (a.service === b.service) return 0
  return a.service < b.service ? -1 : 1
}

export function* buildTopology(shards: readonly EdgeRows[], { nodes, nodeOf }: SortedNames): Steps<Topology> {
  const { clients, services, parts } = yield* partsOf(shards, nodeOf)
  const byService = yield* sortedBy(services, null, nodes.length)
  const { order, start: outStart } = yield* sortedBy(clients, byService.order, nodes.length)
  const merged = yield* mergeParts({ clients, services, parts, order })
  const count = merged.services.length
  const inward = yield* sortedBy(merged.services, null, nodes.length)
  if (count < order.length) outStart.set((yield* sortedBy(merged.clients, null, nodes.length)).start)
  return { nodes, ...merged, outStart, inStart: inward.start, inEdges: inward.order, shards: shards.length }
}

interface Parts {
  clients: Int32Array
  services: Int32Array
  parts: Int32Array
}

function* partsOf(shards: readonly EdgeRows[], nodeOf: Int32Array): Steps<Parts> {
  const most = shards.reduce((sum, { end }) => sum + end, 0)
  const found: Parts = { clients: new Int32Array(most), services: new Int32Array(most), parts: new Int32Array(most) }
  let count = 0
  for (const [shard, rows] of shards.entries()) {
    for (let entry = 0; entry < rows.end; entry++) {
      if (entry % SCANNED_AT_ONCE === 0) yield
      const client = rows.clients[entry] as number
      if (client === FREE) continue
      found.clients[count] = nodeOf[client] as number
      found.services[count] = nodeOf[rows.services[entry] as number] as number
      found.parts[count++] = entry * shards.length + shard
    }
  }
  return { clients: found.clients.subarray(0, count), services: found.services.subarray(0, count), parts: found.parts.subarray(0, count) }
}

/** A counting sort: indices by their keys below `bound`, in the order given where keys are equal, and where each key's begin. */
export function* sortedBy(keys: Int32Array, given: Int32Array | null, bound: number): Steps<{ order: Int32Array; start: Int32Array }> {
  const start = new Int32Array(bound + 1)
  for (let index = 0; index < keys.length; index++) {
    if (index % SCANNED_AT_ONCE === 0) yield
    const key = keys[index] as number
    start[key + 1] = (start[key + 1] as number) + 1
  }
  for (let key = 0; key < bound; key++) start[key + 1] = (start[key + 1] as number) + (start[key] as number)
  const at = start.slice()
  const order = new Int32Array(keys.length)
  for (let index = 0; index < keys.length; index++) {
    if (index % SCANNED_AT_ONCE === 0) yield
    const item = given === null ? index : given[index] as number
    const key = keys[item] as number
    order[at[key] as number] = item
    at[key] = (at[key] as number) + 1
  }
  return { order, start }
}

function* mergeParts({ clients, services, parts, order }: Parts & { order: Int32Array }): Steps<Pick<Topology, 'partStart' | keyof Parts>> {
  const merged: Parts = { clients: new Int32Array(order.length), services: new Int32Array(order.length), parts: new Int32Array(order.length) }
  const partStart = new Int32Array(order.length + 1)
  let count = 0
  for (let index = 0; index < order.length; index++) {
    if (index % SCANNED_AT_ONCE === 0) yield
    const item = order[index] as number
    const [client, service] = [clients[item] as number, services[item] as number]
    const isSame = count > 0 && merged.clients[count - 1] === client && merged.services[count - 1] === service
    if (!isSame) {
      merged.clients[count] = client
      merged.services[count] = service
      partStart[count++] = index
    }
    merged.parts[index] = parts[item] as number
  }
  partStart[count] = order.length
  const isWhole = count === order.length
  return {
    clients: isWhole ? merged.clients : merged.clients.slice(0, count), services: isWhole ? merged.services : merged.services.slice(0, count),
    parts: merged.parts, partStart: isWhole ? null : partStart.slice(0, count + 1),
  }
}

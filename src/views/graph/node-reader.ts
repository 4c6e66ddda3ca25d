import { instanceStatuses, lookupOutcomes } from '../../contract/events.ts'
import type { CellOf, InstanceCell, ServiceName, VersionCell } from '../../core/cells.ts'
import { labelValues } from '../../core/names.ts'
import { isOne } from '../../core/value-rules.ts'
import { isoTime, isoTimeIfAny } from '../traffic.ts'
import type { FactReader } from './edge-facts.ts'
import type { Recent, Snapshot } from './graph-index.ts'
import type { ServiceKind } from './source.ts'

export interface ServiceVersion {
  version: string
  instances: number
  firstSeen: string
  lastSeen: string
}

/** What is registered of a service, and how it is looked up. */
export interface GraphNode extends ServiceName {
  /** False: stands for clients that did not say who they are. */
  known: boolean
  /** Some agent has reported registrations of it. */
  registered: boolean
  /** Somebody has looked it up. */
  lookedUp: boolean
  /** Live instances, by status. */
  instances: Record<string, number>
  versions: ServiceVersion[]
  /** ISO 8601; null: no deployment seen. */
  lastDeployment: string | null
  /** Counts are ever since, rate and ratio over five minutes. */
  lookups: { total: number; failures: number; ratePerSecond: number; errorRatio: number | null }
  /** How many services it looks up, and how many look it up. */
  dependencies: number
  dependents: number
  /** Kinds of what was found about it. */
  findings: string[]
}

const FAILURE = lookupOutcomes.indexOf('FAILURE')
const statusLabels = labelValues(instanceStatuses)

export interface Registered {
  registered: boolean
  /** In the order of the contract's statuses. */
  statuses: number[]
  /** Milliseconds since the epoch; 0: none seen. */
  lastDeployment: number
}

/** Reads what is known of services. */
export class NodeReader {
  readonly #snapshot: Snapshot
  readonly #facts: FactReader
  readonly #findingsOf: (name: ServiceName) => readonly string[]

  constructor(snapshot: Snapshot, facts: FactReader, findingsOf: (name: ServiceName) => readonly string[] = () => []) {
    this.#snapshot = snapshot
    this.#facts = facts
    this.#findingsOf = findingsOf
  }

  node(node: number): GraphNode {
    const { topology: { nodes, outStart, inStart } } = this.#snapshot
    const { namespace, service } = nodes[node] ?? { namespace: '', service: '' }
    const { registered, statuses, lastDeployment } = this.registered(node)
    const lookups = this.#lookups(node)
    const dependents = (inStart[node + 1] as number) - (inStart[node] as number)
    return {
      namespace, service, known: isOne(service), registered, lookedUp: lookups.total > 0 || this.#hasUsedEdge(node),
      instances: byStatus(statuses), versions: this.versions(node).map(shownVersion),
      lastDeployment: isoTimeIfAny(lastDeployment), lookups,
      dependencies: (outStart[node + 1] as number) - (outStart[node] as number), dependents,
      findings: [...this.#findingsOf({ namespace, service })],
    }
  }

  registered(node: number): Registered {
    const sum: Registered = { registered: false, statuses: instanceStatuses.map(() => 0), lastDeployment: 0 }
    for (const cell of this.#cells('registrations', node)) {
      sum.registered = true
      sum.statuses = sum.statuses.map((count, status) => count + (cell.statuses[status] ?? 0))
      sum.lastDeployment = Math.max(sum.lastDeployment, cell.lastDeployment)
    }
    return sum
  }

  /** In the order in which they were first seen. */
  versions(node: number): VersionCell[] {
    const merged = new Map<string, VersionCell>()
    for (const cell of this.#cells('version', node)) {
      const held = merged.get(cell.version)
      merged.set(cell.version, held === undefined ? { ...cell } : {
        ...held, instances: held.instances + cell.instances,
        firstSeen: Math.min(held.firstSeen, cell.firstSeen), lastSeen: Math.max(held.lastSeen, cell.lastSeen),
      })
    }
    return [...merged.values()].toSorted((a, b) => a.firstSeen - b.firstSeen)
  }

  /** Ended ones, too. */
  instances(node: number): InstanceCell[] {
    return [...this.#cells('instance', node)]
  }

  /** Some client has looked it up, or declares that it does. */
  isWanted(node: number): boolean {
    const { inStart } = this.#snapshot.topology
    return inStart[node] !== inStart[node + 1] || [...this.#cells('lookups', node)].some(cell => cell.outcomes.some(count => count > 0))
  }

  /** What was counted of all edges to it in five minutes. */
  recent(node: number): Recent {
    const { recents, topology: { inStart, inEdges } } = this.#snapshot
    const held = recents.get(node)
    if (held !== undefined) return held
    const sum = { lookups: 0, failures: 0, firstSeen: Infinity }
    for (let at = inStart[node] as number; at < (inStart[node + 1] as number); at++) {
      const { lookups, failures, firstSeen } = this.#facts.of(inEdges[at] as number)
      sum.lookups += lookups
      sum.failures += failures
      sum.firstSeen = Math.min(sum.firstSeen, firstSeen)
    }
    recents.set(node, sum)
    return sum
  }

  #hasUsedEdge(node: number): boolean {
    const { inStart, inEdges } = this.#snapshot.topology
    return inEdges.subarray(inStart[node], inStart[node + 1]).some(edge => this.#facts.of(edge).lastSeen > 0)
  }

  #lookups(node: number): GraphNode['lookups'] {
    const sum = { total: 0, failures: 0 }
    for (const { outcomes } of this.#cells('lookups', node)) {
      sum.total += outcomes.reduce((total, count) => total + count, 0)
      sum.failures += outcomes[FAILURE] ?? 0
    }
    const recent = this.recent(node)
    return { ...sum, ratePerSecond: this.#facts.rate(recent), errorRatio: recent.lookups > 0 ? recent.failures / recent.lookups : null }
  }

  *#cells<K extends ServiceKind>(kind: K, node: number): Generator<CellOf[K]> {
    const { groups, services, cells, topology: { shards, nodes } } = this.#snapshot
    const { start, parts } = groups[kind]
    const name = nodes[node]
    for (let index = start[node] as number; index < (start[node + 1] as number); index++) {
      const part = parts[index] as number
      const numbered = services[part % shards]?.[kind].cells
      const entry = Math.floor(part / shards)
      const cell = numbered?.has(entry) === true ? cells[part % shards]?.[kind].get(numbered.key(entry)) : undefined
      if (cell !== undefined && cell.namespace === name?.namespace && cell.service === name.service) yield cell
    }
  }
}

export function byStatus(counts: readonly number[]): Record<string, number> {
  return Object.fromEntries(statusLabels.map((status, index) => [status, counts[index] ?? 0]))
}

/** The node of that name; -1: none. */
export function nodeNamed(nodes: readonly ServiceName[], { namespace, service }: ServiceName): number {
  let [low, high] = [0, nodes.length]
  while (low < high) {
    const middle = low + high >>> 1
    const at = nodes[middle]
    if (at !== undefined && (at.namespace < namespace || (at.namespace === namespace && at.service < service))) low = middle + 1
    else high = middle
  }
  const found = nodes[low]
  return found?.namespace === namespace && found.service === service ? low : -1
}

function shownVersion({ version, instances, firstSeen, lastSeen }: VersionCell): ServiceVersion {
  return { version, instances, firstSeen: isoTime(firstSeen), lastSeen: isoTime(lastSeen) }
}

/** Different for different names; as parts of a path are. */
export function nodeId({ namespace, service }: ServiceName): string {
  return `${encodeURIComponent(namespace)}/${encodeURIComponent(service)}`
}

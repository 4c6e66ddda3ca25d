import type { AgentReport, EventKind, EventOf, LookupEvent, RegistrationEvent } from '../../src/contract/events.ts'
import { seriesName } from '../e2e/series.ts'
import { EVENT_DELAY, exposed, type Distribution, type Labels } from './distribution.ts'
import { InstanceTruth, type InstanceChange } from './instance-truth.ts'

/** The contract's buckets, written down a second time: seconds, and instances per answer. */
const durationBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const instanceBounds = [0, 1, 2, 5, 10, 20, 50, 100]

interface Count {
  name: string
  labels: Labels
  value: number
}

/** What became of one kind of event in one partition: the shard `lookups-3`. */
export interface Place {
  shard: string
}

const shardsOf: Record<EventKind, string> = { registration: 'registrations', lookup: 'lookups', agent: 'agents' }

/** The shard that the events of a kind in a partition are counted in. */
export function shardName(kind: EventKind, partition: number): string {
  return `${shardsOf[kind]}-${partition}`
}

/**
 * What the exposition must say of the events that were sent: the second book, kept from the contract's text (DESIGN.md sections 2 and 3)
 * and from nothing of `src/core`. Events are entered in the order in which they stand in their partition.
 */
export class Truth {
  /** By family: what has been counted in all of its series. For a histogram or a summary, its observations. */
  readonly totals = new Map<string, number>()
  readonly #counts = new Map<string, Count>()
  readonly #distributions = new Map<string, Distribution>()
  readonly #instances = new InstanceTruth()
  /** Highest number so far, by shard and agent. */
  readonly #numbers = new Map<string, number>()
  readonly #reports = new Map<string, AgentReport>()

  /** Enters an event that its partition takes. */
  enter<K extends EventKind>(kind: K, event: EventOf[K], { shard }: Place): void {
    const weight = kind === 'lookup' ? (event as LookupEvent).weight : kind === 'registration' ? 1 : 0
    const agent = { kind: kindOf(event.agentId), shard }
    if (this.#isRepetition(event, shard)) {
      this.#count('discovery_agent_events_repeated_total', agent, weight)
      return
    }
    this.#count('discovery_agent_events_received_total', agent, weight)
    if (event.occurredAt > 0) this.#observe(EVENT_DELAY, agent, { bounds: [], scale: 1, sum: 0, weight: 1 })
    if (kind === 'lookup') this.#lookup(event as LookupEvent, shard)
    if (kind === 'registration') this.#registration(event as RegistrationEvent, shard)
    if (kind === 'agent') this.#report(event as AgentReport, shard)
  }

  /** Enters a record that is no event. `agentId`: undefined where it cannot be read. */
  reject(reason: string, agentId: string | undefined, { shard }: Place): void {
    this.#count('discovery_agent_events_rejected_total', { kind: agentId === undefined ? 'unknown' : kindOf(agentId), reason, shard }, 1)
  }

  /** Every series that is not zero, by its name as `seriesName` has it. */
  series(): Map<string, number> {
    const all = new Map<string, number>()
    for (const { name, labels, value } of [...this.#counts.values(), ...this.#instances.gauges()]) {
      if (value !== 0) all.set(seriesName(name, labels), value)
    }
    for (const distribution of this.#distributions.values()) for (const [series, value] of exposed(distribution)) all.set(series, value)
    return all
  }

  #isRepetition({ agentId, sequence }: { agentId: string; sequence: number }, shard: string): boolean {
    if (sequence === 0) return false
    const key = `${shard} ${agentId}`
    if (sequence <= (this.#numbers.get(key) ?? 0)) return true
    this.#numbers.set(key, sequence)
    return false
  }

  #lookup(event: LookupEvent, shard: string): void {
    const { weight, durationMicros: sum, instances } = event
    const namespace = event.namespace || 'default'
    const clientNamespace = event.clientNamespace || 'default'
    const client = event.client || 'unknown'
    const service = { namespace, service: event.service, shard }
    const failed = event.outcome === 'FAILURE'
    const error = { category: event.errorCategory.toLowerCase(), code: event.errorCode }
    const edge = {
      client, server: event.service, client_service_namespace: clientNamespace, server_service_namespace: namespace,
      connection_type: client === 'unknown' ? 'virtual_node' : '', shard,
    }
    this.#count('discovery_lookups_total', { ...service, outcome: event.outcome.toLowerCase() }, weight)
    if (failed) this.#count('discovery_lookup_errors_total', { ...service, ...error }, weight)
    if (event.cache !== 'UNKNOWN') {
      this.#count('discovery_lookup_cache_requests_total', { ...service, result: event.cache.toLowerCase() }, weight)
    }
    this.#count('discovery_service_graph_request_total', edge, weight)
    if (failed) this.#count('discovery_service_graph_request_failed_total', edge, weight)
    if (sum >= 0) {
      const cache = event.cache === 'HIT' ? 'hit' : 'other'
      const measured = { sum, weight, scale: 1_000_000 }
      this.#observe('discovery_lookup_duration_seconds', { ...service, cache }, { ...measured, bounds: durationBounds })
      this.#observe('discovery_service_graph_request_server_seconds', edge, { ...measured, bounds: [] })
    }
    if (instances >= 0) {
      this.#observe('discovery_lookup_instances', service, { bounds: instanceBounds, scale: 1, sum: instances * weight, weight })
    }
  }

  #registration(event: RegistrationEvent, shard: string): void {
    const service = { namespace: event.namespace || 'default', service: event.service, shard }
    const operation = event.operation.toLowerCase()
    if (event.operation !== 'OBSERVE') {
      this.#count('discovery_registrations_total', { ...service, operation, outcome: event.outcome.toLowerCase() }, 1)
      if (event.outcome === 'FAILURE') {
        const error = { operation, category: event.errorCategory.toLowerCase(), code: event.errorCode }
        this.#count('discovery_registration_errors_total', { ...service, ...error }, 1)
      }
      if (event.durationMicros >= 0) {
        const measured = { sum: event.durationMicros, weight: 1, scale: 1_000_000, bounds: durationBounds }
        this.#observe('discovery_registration_duration_seconds', service, measured)
      }
    }
    const change = event.outcome === 'FAILURE' ? nothing : this.#instances.change(event, service)
    if (change.expired) this.#count('discovery_lease_expirations_total', service, 1)
    if (!change.deployed) return
    this.#count('discovery_deployments_total', service, 1)
    this.#latest('discovery_last_deployment_timestamp_seconds', service)
  }

  /** A report's numbers are the agent's since its start: what they have risen by is what is new. */
  #report(report: AgentReport, shard: string): void {
    const kind = kindOf(report.agentId)
    const before = this.#reports.get(report.agentId)
    const risen = (field: keyof typeof dropReasons | 'recorded'): number => report[field] - (before?.[field] ?? 0)
    if (before === undefined) this.#count('discovery_agents', { kind, shard }, 1)
    this.#reports.set(report.agentId, report)
    this.#count('discovery_agent_events_recorded_total', { kind, shard }, risen('recorded'))
    for (const [field, reason] of Object.entries(dropReasons)) {
      this.#count('discovery_agent_events_dropped_total', { kind, reason, shard }, risen(field as keyof typeof dropReasons))
    }
  }

  /** When it was is the broker's to say: 1 stands for a time within the run. */
  #latest(name: string, labels: Labels): void {
    this.#counts.set(`${name} ${Object.values(labels).join('\0')}`, { name, labels, value: 1 })
  }

  #count(name: string, labels: Labels, by: number): void {
    const key = `${name} ${Object.values(labels).join('\0')}`
    const held = this.#counts.get(key)
    if (held === undefined) this.#counts.set(key, { name, labels, value: by })
    else held.value += by
    this.totals.set(name, (this.totals.get(name) ?? 0) + by)
  }

  #observe(name: string, labels: Labels, seen: { bounds: readonly number[]; scale: number; sum: number; weight: number }): void {
    const { bounds, scale, sum, weight } = seen
    const key = `${name} ${Object.values(labels).join('\0')}`
    const held = this.#distributions.get(key)
      ?? { name, labels, bounds, scale, counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0, count: 0 }
    this.#distributions.set(key, held)
    let bucket = 0
    while (bucket < bounds.length && sum / weight > (bounds[bucket] ?? 0) * scale) bucket++
    held.counts[bucket] = (held.counts[bucket] ?? 0) + weight
    held.sum += sum
    held.count += weight
    this.totals.set(name, (this.totals.get(name) ?? 0) + weight)
  }
}

const nothing: InstanceChange = { expired: false, deployed: false }

/** Fields of a report that count what was not sent, and their `reason`. */
const dropReasons = {
  droppedQueueFull: 'queue_full', droppedTooLarge: 'too_large', droppedEncode: 'encode', droppedSend: 'send',
  droppedShutdown: 'shutdown', sampledOut: 'sampled_out',
} as const

function kindOf(agentId: string): string {
  return agentId.split('/', 1)[0] || 'unknown'
}

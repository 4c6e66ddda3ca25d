import { rejectReasons } from '../contract/bounds.ts'
import { cacheResults, instanceStatuses, lookupOutcomes, registrationOperations, registrationOutcomes } from '../contract/events.ts'
import type { CellKind, CellOf } from './cells.ts'
import type { Family } from './family.ts'
import { dropReasons } from './drop-reasons.ts'
import { countOf, durationBounds, instanceBounds } from './histogram.ts'
import { labelValues, UNKNOWN_CLIENT } from './names.ts'

const service = ['namespace', 'service'] as const
const graph = ['client', 'server', 'client_service_namespace', 'server_service_namespace', 'connection_type'] as const

const operations = labelValues(registrationOperations)
const registrationResults = labelValues(registrationOutcomes)
const lookupResults = labelValues(lookupOutcomes)
const cacheLabels = labelValues(cacheResults)
const statuses = labelValues(instanceStatuses)

const registrationFamilies: Family<'registrations'>[] = [
  {
    name: 'discovery_registrations_total', type: 'counter', unit: '', labels: [...service, 'operation', 'outcome'], cell: 'registrations',
    help: 'Registrations by operation and outcome; what a watcher merely observed is not counted.',
    read: (cell, put) => cell.operations.forEach((outcomes, operation) => counted(outcomes, registrationResults, (outcome, count) =>
      put([cell.namespace, cell.service, operations[operation] ?? '', outcome], count))),
  },
  {
    name: 'discovery_registration_duration_seconds', type: 'histogram', unit: 'seconds', labels: service, cell: 'registrations',
    bounds: durationBounds, help: 'Time a registration took, as the agent measured it.',
    read: (cell, put) => put([cell.namespace, cell.service], cell.duration),
  },
  {
    name: 'discovery_lease_expirations_total', type: 'counter', unit: '', labels: service, cell: 'registrations',
    help: 'Instances that ended because their lease ran out.',
    read: (cell, put) => put([cell.namespace, cell.service], cell.leaseExpirations),
  },
  {
    name: 'discovery_instances', type: 'gauge', unit: '', labels: [...service, 'status'], cell: 'registrations',
    help: 'Live instances by status, zeros shown.',
    read: (cell, put) => statuses.forEach((status, index) => put([cell.namespace, cell.service, status], cell.statuses[index] ?? 0)),
  },
  {
    name: 'discovery_deployments_total', type: 'counter', unit: '', labels: service, cell: 'registrations',
    help: 'Versions seen for the first time.',
    read: (cell, put) => put([cell.namespace, cell.service], cell.deployments),
  },
  {
    name: 'discovery_last_deployment_timestamp_seconds', type: 'gauge', unit: 'seconds', labels: service, cell: 'registrations',
    help: 'When a version was last seen for the first time, in seconds since the epoch.',
    read: (cell, put) => { if (cell.lastDeployment > 0) put([cell.namespace, cell.service], cell.lastDeployment / 1_000) },
  },
]

const registrationErrorFamilies: Family<'registrationError'>[] = [
  {
    name: 'discovery_registration_errors_total', type: 'counter', unit: '', labels: [...service, 'operation', 'category', 'code'],
    cell: 'registrationError', help: 'Registrations that failed, by category of the error and the code that the registry gave.',
    read: ({ namespace, service: name, operation, category, code, count }, put) =>
      put([namespace, name, operation.toLowerCase(), category.toLowerCase(), code], count),
  },
]

const versionFamilies: Family<'version'>[] = [
  {
    name: 'discovery_version_instances', type: 'gauge', unit: '', labels: [...service, 'version'], cell: 'version',
    help: 'Live instances by version.',
    read: (cell, put) => { if (cell.instances > 0) put([cell.namespace, cell.service, cell.version], cell.instances) },
  },
]

const lookupFamilies: Family<'lookups'>[] = [
  {
    name: 'discovery_lookups_total', type: 'counter', unit: '', labels: [...service, 'outcome'], cell: 'lookups',
    help: 'Look-ups of a service by outcome; empty: answered, but with no usable instance.',
    read: (cell, put) => counted(cell.outcomes, lookupResults, (outcome, count) => put([cell.namespace, cell.service, outcome], count)),
  },
  {
    name: 'discovery_lookup_cache_requests_total', type: 'counter', unit: '', labels: [...service, 'result'], cell: 'lookups',
    help: 'Look-ups whose cache result is known, by that result.',
    read: (cell, put) => counted(cell.cacheResults, cacheLabels, (result, count) => {
      if (result !== 'unknown') put([cell.namespace, cell.service, result], count)
    }),
  },
  {
    name: 'discovery_lookup_duration_seconds', type: 'histogram', unit: 'seconds', labels: [...service, 'cache'], cell: 'lookups',
    bounds: durationBounds, help: 'Time a look-up took, apart for cache hits and for all others.',
    read: (cell, put) => {
      put([cell.namespace, cell.service, 'hit'], cell.hitDuration)
      put([cell.namespace, cell.service, 'other'], cell.otherDuration)
    },
  },
  {
    name: 'discovery_lookup_instances', type: 'histogram', unit: '', labels: service, cell: 'lookups', bounds: instanceBounds,
    help: 'Usable instances per answer.',
    read: (cell, put) => put([cell.namespace, cell.service], cell.instances),
  },
]

const lookupErrorFamilies: Family<'lookupError'>[] = [
  {
    name: 'discovery_lookup_errors_total', type: 'counter', unit: '', labels: [...service, 'category', 'code'], cell: 'lookupError',
    help: 'Look-ups that failed, by category of the error and the code that the source gave.',
    read: ({ namespace, service: name, category, code, count }, put) => put([namespace, name, category.toLowerCase(), code], count),
  },
]

const edgeFamilies: Family<'edge'>[] = [
  {
    name: 'discovery_service_graph_request_total', type: 'counter', unit: '', labels: graph, cell: 'edge',
    help: 'Look-ups of a server by a client.',
    read: (cell, put) => put(graphLabels(cell), cell.totals.lookups),
  },
  {
    name: 'discovery_service_graph_request_failed_total', type: 'counter', unit: '', labels: graph, cell: 'edge',
    help: 'Look-ups of a server by a client that failed.',
    read: (cell, put) => put(graphLabels(cell), cell.totals.failures),
  },
  {
    name: 'discovery_service_graph_request_server_seconds', type: 'summary', unit: 'seconds', labels: graph, cell: 'edge',
    help: 'Time that look-ups of a server by a client took.',
    read: (cell, put) => put(graphLabels(cell), cell.totals.duration),
  },
]

const arrivalFamilies: Family<'arrivals'>[] = [
  {
    name: 'discovery_event_delay_seconds', type: 'histogram', unit: 'seconds', labels: ['kind'], cell: 'arrivals', bounds: durationBounds,
    help: 'From when an event occurred, by the clock of its agent, to when Kafka appended it; by kind of agent.',
    read: (cell, put) => { if (countOf(cell.delay) > 0) put([cell.agentKind], cell.delay) },
  },
  {
    name: 'discovery_agent_events_received_total', type: 'counter', unit: '', labels: ['kind'], cell: 'arrivals',
    help: 'Look-ups and registrations that arrived, weights included, by kind of agent.',
    read: (cell, put) => { if (cell.received + cell.repeated > 0) put([cell.agentKind], cell.received) },
  },
  {
    name: 'discovery_agent_events_repeated_total', type: 'counter', unit: '', labels: ['kind'], cell: 'arrivals',
    help: 'Look-ups and registrations that arrived again and were dropped, weights included, by kind of agent.',
    read: (cell, put) => { if (cell.received + cell.repeated > 0) put([cell.agentKind], cell.repeated) },
  },
  {
    name: 'discovery_agent_events_rejected_total', type: 'counter', unit: '', labels: ['kind', 'reason'], cell: 'arrivals',
    help: 'Look-ups and registrations that were set aside as no event within the contract; kind unknown: it could not be read whose.',
    read: (cell, put) => rejectReasons.forEach((reason, index) => put([cell.agentKind, reason], cell.rejected[index] ?? 0)),
  },
]

const accountFamilies: Family<'accounts'>[] = [
  {
    name: 'discovery_agent_events_recorded_total', type: 'counter', unit: '', labels: ['kind'], cell: 'accounts',
    help: 'Look-ups and registrations that agents recorded, weights included, by kind of agent, as they report it every ten seconds.',
    read: (cell, put) => put([cell.agentKind], cell.recorded),
  },
  {
    name: 'discovery_agent_events_dropped_total', type: 'counter', unit: '', labels: ['kind', 'reason'], cell: 'accounts',
    help: 'Look-ups and registrations that agents recorded and dropped, weights included, by kind of agent and reason.',
    read: (cell, put) => dropReasons.forEach(({ reason }, index) => put([cell.agentKind, reason], cell.dropped[index] ?? 0)),
  },
  {
    name: 'discovery_agents', type: 'gauge', unit: '', labels: ['kind', 'state'], cell: 'accounts',
    help: 'Agents by kind; silent: three reports or more are missing. One that has ended is silent until it is no longer held.',
    read: (cell, put) => {
      put([cell.agentKind, 'active'], cell.active)
      put([cell.agentKind, 'silent'], cell.silent)
    },
  },
]

export type AnyFamily = { [K in CellKind]: Family<K> }[CellKind]

/** Every family that the fold feeds, in the order of the exposition. */
export const families: readonly AnyFamily[] = [
  ...registrationFamilies, ...registrationErrorFamilies, ...versionFamilies, ...lookupFamilies, ...lookupErrorFamilies, ...edgeFamilies,
  ...arrivalFamilies, ...accountFamilies,
]

function graphLabels({ client, service: server, clientNamespace, namespace }: CellOf['edge']): string[] {
  return [client, server, clientNamespace, namespace, client === UNKNOWN_CLIENT ? 'virtual_node' : '']
}

/** Calls `put` for each count above zero: a series appears with its first event. */
function counted(counts: readonly number[], labels: readonly string[], put: (label: string, count: number) => void): void {
  counts.forEach((count, index) => { if (count > 0) put(labels[index] ?? '', count) })
}

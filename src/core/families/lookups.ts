import { cacheResults, lookupOutcomes } from '../../contract/events.ts'
import type { CellOf } from '../cells.ts'
import type { Family } from '../family.ts'
import { durationBounds, instanceBounds } from '../histogram.ts'
import { labelValues, UNKNOWN_CLIENT } from '../names.ts'
import { counted, serviceLabels } from './counted.ts'

const graph = ['client', 'server', 'client_service_namespace', 'server_service_namespace', 'connection_type'] as const

const lookupResults = labelValues(lookupOutcomes)
const cacheLabels = labelValues(cacheResults)

export const lookupFamilies: Family<'lookups'>[] = [
  {
    name: 'discovery_lookups_total', type: 'counter', unit: '', labels: [...serviceLabels, 'outcome'], cell: 'lookups',
    help: 'Look-ups of a service by outcome; empty: answered, but with no usable instance.',
    question: 'How often is each service looked up, and how often in vain?',
    example: 'sum by (namespace, service, outcome) (rate(discovery_lookups_total[5m]))',
    read: (cell, put) => counted(cell.outcomes, lookupResults, (outcome, count) => put([cell.namespace, cell.service, outcome], count)),
  },
  {
    name: 'discovery_lookup_cache_requests_total', type: 'counter', unit: '', labels: [...serviceLabels, 'result'], cell: 'lookups',
    help: 'Look-ups whose cache result is known, by that result.',
    question: 'Do caches spare the registry?',
    example: 'sum by (service) (rate(discovery_lookup_cache_requests_total{result="hit"}[5m])) / sum by (service) ' +
      '(rate(discovery_lookup_cache_requests_total[5m]))',
    read: (cell, put) => counted(cell.cacheResults, cacheLabels, (result, count) => {
      if (result !== 'unknown') put([cell.namespace, cell.service, result], count)
    }),
  },
  {
    name: 'discovery_lookup_duration_seconds', type: 'histogram', unit: 'seconds', labels: [...serviceLabels, 'cache'], cell: 'lookups',
    bounds: durationBounds, help: 'Time a look-up took, apart for cache hits and for all others.',
    question: 'How long do callers wait for an address?',
    example: 'histogram_quantile(0.95, sum by (service, le) (rate(discovery_lookup_duration_seconds_bucket{cache="other"}[5m])))',
    read: (cell, put) => {
      put([cell.namespace, cell.service, 'hit'], cell.hitDuration)
      put([cell.namespace, cell.service, 'other'], cell.otherDuration)
    },
  },
  {
    name: 'discovery_lookup_instances', type: 'histogram', unit: '', labels: serviceLabels, cell: 'lookups', bounds: instanceBounds,
    help: 'Usable instances per answer.',
    question: 'How many instances do callers get to choose from?',
    example: 'histogram_quantile(0.05, sum by (service, le) (rate(discovery_lookup_instances_bucket[5m])))',
    read: (cell, put) => put([cell.namespace, cell.service], cell.instances),
  },
]

export const lookupErrorFamilies: Family<'lookupError'>[] = [
  {
    name: 'discovery_lookup_errors_total', type: 'counter', unit: '', labels: [...serviceLabels, 'category', 'code'], cell: 'lookupError',
    help: 'Look-ups that failed, by category of the error and the code that the source gave.',
    question: 'Why do look-ups fail?',
    example: 'topk(10, sum by (service, category, code) (rate(discovery_lookup_errors_total[5m])))',
    read: ({ namespace, service: name, category, code, count }, put) => put([namespace, name, category.toLowerCase(), code], count),
  },
]

export const edgeFamilies: Family<'edge'>[] = [
  {
    name: 'discovery_service_graph_request_total', type: 'counter', unit: '', labels: graph, cell: 'edge',
    help: 'Look-ups of a server by a client.',
    question: 'Who depends on whom, and how much?',
    example: 'sum by (client, server) (rate(discovery_service_graph_request_total[5m]))',
    read: (cell, put) => put(graphLabels(cell), cell.totals.lookups),
  },
  {
    name: 'discovery_service_graph_request_failed_total', type: 'counter', unit: '', labels: graph, cell: 'edge',
    help: 'Look-ups of a server by a client that failed.',
    question: 'Which dependency fails to be found?',
    example: 'sum by (client, server) (rate(discovery_service_graph_request_failed_total[5m])) > 0',
    read: (cell, put) => put(graphLabels(cell), cell.totals.failures),
  },
  {
    name: 'discovery_service_graph_request_server_seconds', type: 'summary', unit: 'seconds', labels: graph, cell: 'edge',
    help: 'Time that look-ups of a server by a client took.',
    question: 'Which dependency is slow to be found?',
    example: 'sum by (client, server) (rate(discovery_service_graph_request_server_seconds_sum[5m])) / sum by (client, ' +
      'server) (rate(discovery_service_graph_request_server_seconds_count[5m]))',
    read: (cell, put) => put(graphLabels(cell), cell.totals.duration),
  },
]

function graphLabels({ client, service: server, clientNamespace, namespace }: CellOf['edge']): string[] {
  return [client, server, clientNamespace, namespace, client === UNKNOWN_CLIENT ? 'virtual_node' : '']
}

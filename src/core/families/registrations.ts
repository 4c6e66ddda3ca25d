import { instanceStatuses, registrationOperations, registrationOutcomes } from '../../contract/events.ts'
import type { Family } from '../family.ts'
import { durationBounds } from '../histogram.ts'
import { labelValues } from '../names.ts'
import { counted, serviceLabels } from './counted.ts'

const operations = labelValues(registrationOperations)
const registrationResults = labelValues(registrationOutcomes)
const statuses = labelValues(instanceStatuses)

export const registrationFamilies: Family<'registrations'>[] = [
  {
    name: 'discovery_registrations_total', type: 'counter', unit: '', labels: [...serviceLabels, 'operation', 'outcome'],
    cell: 'registrations', help: 'Registrations by operation and outcome; what a watcher merely observed is not counted.',
    question: 'How many instances come and go, and how many attempts fail?',
    example: 'sum by (namespace, service, operation) (rate(discovery_registrations_total[5m]))',
    read: (cell, put) => cell.operations.forEach((outcomes, operation) => counted(outcomes, registrationResults, (outcome, count) =>
      put([cell.namespace, cell.service, operations[operation] ?? '', outcome], count))),
  },
  {
    name: 'discovery_registration_duration_seconds', type: 'histogram', unit: 'seconds', labels: serviceLabels, cell: 'registrations',
    bounds: durationBounds, help: 'Time a registration took, as the agent measured it.',
    question: 'How long does the registry take to accept a registration?',
    example: 'histogram_quantile(0.99, sum by (namespace, service, le) (rate(discovery_registration_duration_seconds_bucket[5m])))',
    read: (cell, put) => put([cell.namespace, cell.service], cell.duration),
  },
  {
    name: 'discovery_lease_expirations_total', type: 'counter', unit: '', labels: serviceLabels, cell: 'registrations',
    help: 'Instances that ended because their lease ran out.',
    question: 'Do instances die without saying goodbye?',
    example: 'sum by (namespace, service) (increase(discovery_lease_expirations_total[1h]))',
    read: (cell, put) => put([cell.namespace, cell.service], cell.leaseExpirations),
  },
  {
    name: 'discovery_instances', type: 'gauge', unit: '', labels: [...serviceLabels, 'status'], cell: 'registrations',
    help: 'Live instances by status, zeros shown.',
    question: 'How many instances does each service have, and are they healthy?',
    example: 'sum by (namespace, service) (discovery_instances{status="passing"})',
    read: (cell, put) => statuses.forEach((status, index) => put([cell.namespace, cell.service, status], cell.statuses[index] ?? 0)),
  },
  {
    name: 'discovery_deployments_total', type: 'counter', unit: '', labels: serviceLabels, cell: 'registrations',
    help: 'Versions seen for the first time.',
    question: 'When was something rolled out?',
    example: 'sum by (namespace, service) (increase(discovery_deployments_total[1h])) > 0',
    read: (cell, put) => put([cell.namespace, cell.service], cell.deployments),
  },
  {
    name: 'discovery_last_deployment_timestamp_seconds', type: 'gauge', unit: 'seconds', labels: serviceLabels, cell: 'registrations',
    help: 'When a version was last seen for the first time, in seconds since the epoch.',
    question: 'How long ago was the last rollout?',
    example: 'time() - max by (namespace, service) (discovery_last_deployment_timestamp_seconds)',
    read: (cell, put) => { if (cell.lastDeployment > 0) put([cell.namespace, cell.service], cell.lastDeployment / 1_000) },
  },
]

export const registrationErrorFamilies: Family<'registrationError'>[] = [
  {
    name: 'discovery_registration_errors_total', type: 'counter', unit: '', labels: [...serviceLabels, 'operation', 'category', 'code'],
    cell: 'registrationError', help: 'Registrations that failed, by category of the error and the code that the registry gave.',
    question: 'Why do registrations fail?',
    example: 'topk(10, sum by (service, category, code) (rate(discovery_registration_errors_total[5m])))',
    read: ({ namespace, service: name, operation, category, code, count }, put) =>
      put([namespace, name, operation.toLowerCase(), category.toLowerCase(), code], count),
  },
]

export const versionFamilies: Family<'version'>[] = [
  {
    name: 'discovery_version_instances', type: 'gauge', unit: '', labels: [...serviceLabels, 'version'], cell: 'version',
    help: 'Live instances by version.',
    question: 'Which versions run side by side?',
    example: 'count by (namespace, service) (sum by (namespace, service, version) (discovery_version_instances)) > 1',
    read: (cell, put) => { if (cell.instances > 0) put([cell.namespace, cell.service, cell.version], cell.instances) },
  },
]

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { dashboard, serviceLink, type Section } from './dashboard.ts'
import { failureSteps, stacked, stat, table, timeseries } from './panels.ts'
import { namespaceVariable } from './variables.ts'

const CHOSEN = 'job="$job",namespace=~"$namespace"'
const ERRORS = `sum by (namespace, service, operation, category, code) (increase(discovery_registration_errors_total{${CHOSEN}}[1h]))`
const toService = serviceLink('${__data.fields.namespace}', '${__data.fields.service}')

/** What there is to be found, whether it is healthy, and whether registries take it in. */
export function registrationsDashboard(): Dashboard {
  return dashboard({
    uid: 'discovery-registrations',
    title: 'registrations and health',
    says: 'What is registered, whether it is healthy, and whether registering works.',
    variables: [namespaceVariable({ several: true })],
    deploymentsOf: CHOSEN,
    sections: [summary, registering, health, rollouts],
  })
}

const status = (matcher: string): string => `sum(namespace_status:discovery_instances:sum{${CHOSEN},status${matcher}})`
const sum = (by: string, rule: string): string => `sum by (${by}) (${rule}{${CHOSEN}})`

const summary: Section = {
  title: 'Now',
  panels: [
    stat(
      { title: 'Services', unit: 'none', says: 'Services that have registered.' },
      { expr: `count(sum by (namespace, service) (discovery_instances{${CHOSEN}}))` },
    ),
    stat({ title: 'Passing instances', unit: 'none', says: 'Live, and passing their checks.' }, { expr: status('="passing"') }),
    stat(
      { title: 'Other instances', unit: 'none', steps: [[1, 'orange']], says: 'Live, and in any other status.' },
      { expr: status('!="passing"') },
    ),
    stat(
      { title: 'Registrations', unit: 'reqps', says: 'A second over five minutes, of any operation.' },
      { expr: `sum(namespace_operation_outcome:discovery_registrations:rate5m{${CHOSEN}})` },
    ),
    stat(
      {
        title: 'Failed',
        unit: 'percentunit',
        steps: failureSteps,
        says: 'How much of the registrations failed.',
      },
      {
        expr:
          `(sum(namespace_operation_outcome:discovery_registrations:rate5m{${CHOSEN},outcome="failure"}) or vector(0)) ` +
          `/ (sum(namespace_operation_outcome:discovery_registrations:rate5m{${CHOSEN}}) > 0)`,
      },
    ),
    stat(
      {
        title: 'Leases that ran out',
        unit: 'none',
        steps: [[1, 'orange']],
        says: 'Instances that ended in the last hour without saying so.',
      },
      { expr: `sum(increase(discovery_lease_expirations_total{${CHOSEN}}[1h])) or vector(0)` },
    ),
  ],
}

const registering: Section = {
  title: 'Registering',
  panels: [
    stacked({ title: 'Registrations by operation', unit: 'reqps', says: 'What a watcher merely observed is not counted.' }, [
      {
        expr: sum('operation, outcome', 'namespace_operation_outcome:discovery_registrations:rate5m'),
        legend: '{{operation}} {{outcome}}',
      },
    ]),
    stacked({ title: 'Errors by category', unit: 'reqps', none: 'nothing failed', says: 'Why registrations failed, by operation.' }, [
      {
        expr: sum('operation, category', 'namespace_operation_category:discovery_registration_errors:rate5m'),
        legend: '{{operation}} {{category}}',
      },
    ]),
    timeseries(
      { title: 'Time of a registration, 95 of 100', unit: 's', none: 'not measured', says: 'Within which time the registry takes it in.' },
      [
        {
          expr: `namespace:discovery_registration_duration_seconds:histogram_quantile_rate5m{${CHOSEN},quantile="0.95"}`,
          legend: '{{namespace}}',
        },
      ],
    ),
    table(
      {
        title: 'What registries answer',
        width: 24,
        none: 'nothing failed',
        link: toService,
        says: 'Registrations that failed in the last hour, with the code that the registry gave.',
      },
      [
        {
          name: 'Failed',
          unit: 'none',
          expr: `topk(50, ${ERRORS} > 0)`,
        },
      ],
    ),
  ],
}

const health: Section = {
  title: 'Health',
  panels: [
    stacked({ title: 'Instances by status', unit: 'none', width: 12, says: 'Live instances.' }, [
      { expr: sum('status', 'namespace_status:discovery_instances:sum'), legend: '{{status}}' },
    ]),
    timeseries(
      {
        title: 'Passing instances',
        unit: 'none',
        width: 12,
        says: 'A fall in several namespaces at once is the registry, and not the services.',
      },
      [{ expr: `namespace_status:discovery_instances:sum{${CHOSEN},status="passing"}`, legend: '{{namespace}}' }],
    ),
    table(
      {
        title: 'Without a healthy instance',
        width: 8,
        none: 'every service has one',
        link: toService,
        says: 'Registered, and no instance passes.',
      },
      [{ name: 'Passing', unit: 'none', expr: `sum by (namespace, service) (discovery_instances{${CHOSEN},status="passing"}) == 0` }],
    ),
    table(
      {
        title: 'Coming and going',
        width: 8,
        none: 'nothing',
        link: toService,
        says: 'Registrations and ends of instances in the last hour, where there were most: instances that flap.',
      },
      [
        {
          name: 'Times',
          unit: 'none',
          expr:
            'topk(20, sum by (namespace, service) (increase(discovery_registrations_total' +
            `{${CHOSEN},operation=~"register|deregister|expire|status_change",outcome="success"}[1h])) > 0)`,
        },
      ],
    ),
    table(
      {
        title: 'Leases that ran out',
        width: 8,
        none: 'none',
        link: toService,
        says: 'Instances that ended in the last hour without saying so.',
      },
      [
        {
          name: 'Instances',
          unit: 'none',
          expr: `topk(20, sum by (namespace, service) (increase(discovery_lease_expirations_total{${CHOSEN}}[1h])) > 0)`,
        },
      ],
    ),
  ],
}

const rollouts: Section = {
  title: 'Versions',
  panels: [
    table({ title: 'Last deployed', link: toService, says: 'When a version was last seen for the first time.' }, [
      { name: 'Ago', unit: 's', expr: `time() - max by (namespace, service) (discovery_last_deployment_timestamp_seconds{${CHOSEN}})` },
    ]),
    table(
      {
        title: 'Several versions side by side',
        none: 'none',
        link: toService,
        says: 'A rollout under way, or one that has stopped halfway.',
      },
      [
        {
          name: 'Versions',
          unit: 'none',
          expr: `count by (namespace, service) (sum by (namespace, service, version) (discovery_version_instances{${CHOSEN}}) > 0) > 1`,
        },
      ],
    ),
  ],
}

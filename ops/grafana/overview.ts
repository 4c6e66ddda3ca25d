import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { dashboard, type Section } from './dashboard.ts'
import { instances, patterns, services } from './overview-services.ts'
import { failureSteps, stacked, stat, table, timeseries } from './panels.ts'
import { namespaceVariable } from './variables.ts'

const JOB = 'job="$job"'
const CHOSEN = 'job="$job",namespace=~"$namespace"'
const INTO = 'job="$job",server_service_namespace=~"$namespace"'
const PAIR = '{{client_service_namespace}} → {{server_service_namespace}}'

/** How the whole cluster is, which namespace is worse than the others, and which of its services. */
export function overviewDashboard(): Dashboard {
  return dashboard({
    uid: 'discovery-overview',
    title: 'overview',
    says: 'How service discovery is doing in the whole cluster, and where it is worst.',
    variables: [namespaceVariable({ several: true })],
    deploymentsOf: CHOSEN,
    sections: [cluster, namespaces, services, patterns, instances],
  })
}

const cluster: Section = {
  title: 'The cluster',
  panels: [
    stat(
      { title: 'Look-ups', unit: 'reqps', says: 'Look-ups a second over five minutes, of all services.' },
      { expr: `cluster:discovery_lookups:rate5m{${JOB}}` },
    ),
    stat(
      {
        title: 'Failed',
        unit: 'percentunit',
        steps: failureSteps,
        says: 'How much of the look-ups failed. Answers without a usable instance are no failures.',
      },
      { expr: `cluster:discovery_lookup_failures_per_lookups:ratio_rate5m{${JOB}}` },
    ),
    stat(
      { title: 'Time, 95 of 100', unit: 's', says: 'Within which time 95 of 100 look-ups are answered, from a cache or not.' },
      { expr: `cluster:discovery_lookup_duration_seconds:histogram_quantile_rate5m{${JOB},quantile="0.95"}` },
    ),
    stat(
      {
        title: 'From caches',
        unit: 'percentunit',
        says: 'How much of the look-ups whose cache result is known a cache answered; a stale answer is no hit.',
      },
      { expr: `cluster:discovery_lookup_cache_hits_per_requests:ratio_rate5m{${JOB}}` },
    ),
    stat(
      {
        title: 'Without a healthy instance',
        unit: 'none',
        steps: [[1, 'red']],
        says: 'Services that are registered and have no instance that passes. They are listed below.',
      },
      { expr: `count(sum by (namespace, service) (discovery_instances{${JOB},status="passing"}) == 0) or vector(0)` },
    ),
    stat(
      {
        title: 'Findings in the map',
        unit: 'none',
        steps: [[1, 'orange']],
        link: { title: 'The map', url: '/d/discovery-map' },
        says: 'Cycles, look-ups of what nobody registers, single points of failure and so on.',
      },
      { expr: `sum(max by (kind) (discovery_findings{${JOB}}))` },
    ),
    table({ title: 'Alerts', width: 24, height: 5, none: 'none is firing', says: 'What is firing; each has a runbook.' }, [
      {
        expr: 'max by (alertname, severity, namespace, service, kind) (ALERTS{alertname=~"Discovery.*",alertstate="firing"})',
        name: 'Firing',
        unit: 'none',
      },
    ]),
  ],
}

const namespaces: Section = {
  title: 'By namespace',
  panels: [
    stacked({ title: 'Look-ups by outcome', unit: 'reqps', says: 'Empty: answered, but with no usable instance.' }, [
      { expr: `sum by (outcome) (namespace_outcome:discovery_lookups:rate5m{${CHOSEN}})`, legend: '{{outcome}}' },
    ]),
    timeseries({ title: 'Failed look-ups', unit: 'percentunit', says: 'How much of the look-ups failed.' }, [
      { expr: `namespace:discovery_lookup_failures_per_lookups:ratio_rate5m{${CHOSEN}}`, legend: '{{namespace}}' },
    ]),
    stacked({ title: 'Errors by category', unit: 'reqps', none: 'nothing failed', says: 'Why look-ups failed.' }, [
      { expr: `sum by (category) (namespace_category:discovery_lookup_errors:rate5m{${CHOSEN}})`, legend: '{{category}}' },
    ]),
    timeseries({ title: 'Time of a look-up, 95 of 100', unit: 's', says: 'Within which time 95 of 100 look-ups are answered.' }, [
      { expr: `namespace:discovery_lookup_duration_seconds:histogram_quantile_rate5m{${CHOSEN},quantile="0.95"}`, legend: '{{namespace}}' },
    ]),
    timeseries(
      { title: 'From caches', unit: 'percentunit', says: 'How much a cache answered, of the look-ups whose cache result is known.' },
      [{ expr: `namespace:discovery_lookup_cache_hits_per_requests:ratio_rate5m{${CHOSEN}}`, legend: '{{namespace}}' }],
    ),
    timeseries(
      { title: 'Failed registrations', unit: 'percentunit', says: 'How much of the registrations failed, of whatever operation.' },
      [{ expr: `namespace:discovery_registration_failures_per_registrations:ratio_rate5m{${CHOSEN}}`, legend: '{{namespace}}' }],
    ),
    stacked({ title: 'Look-ups between namespaces', unit: 'reqps', width: 12, says: 'Who looks up whom; a namespace to itself, too.' }, [
      { expr: `namespace_edge:discovery_service_graph_request:rate5m{${INTO}}`, legend: PAIR },
    ]),
    timeseries({ title: 'Failed look-ups between namespaces', unit: 'percentunit', width: 12, says: 'How much of them failed.' }, [
      {
        expr: `namespace_edge:discovery_service_graph_request_failures_per_requests:ratio_rate5m{${INTO}}`,
        legend: PAIR,
      },
    ]),
  ],
}

import { PanelBuilder as HeatmapBuilder } from '@grafana/grafana-foundation-sdk/heatmap'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { serviceLink, type Section } from './dashboard.ts'
import { stacked, table, timeseries, told } from './panels.ts'
import { AS_CLIENT, AS_SERVER, SERVICE } from './service-selector.ts'
import { prometheusSource } from './sources.ts'

const durations = (by: string, more = ''): string =>
  `sum by (${by}) (rate(discovery_lookup_duration_seconds_bucket{${SERVICE}${more}}[$__rate_interval]))`

export const latency: Section = {
  title: 'Time',
  panels: [
    timeseries(
      { title: 'Time of a look-up', unit: 's', says: 'Within which time so many of 100 look-ups are answered, from a cache or not.' },
      ['0.5', '0.95', '0.99'].map(quantile => ({
        expr: `histogram_quantile(${quantile}, ${durations('le')}) >= 0`,
        legend: `${Number(quantile) * 100} of 100`,
      })),
    ),
    timeseries(
      { title: 'Time of a look-up, 95 of 100, by cache', unit: 's', says: 'Apart for cache hits and for all others: what a cache spares.' },
      [{ expr: `histogram_quantile(0.95, ${durations('cache, le')}) >= 0`, legend: '{{cache}}' }],
    ),
    told(new HeatmapBuilder(), {
      title: 'Times of look-ups',
      unit: 's',
      says: 'How many look-ups a second took how long. Two bands are two kinds of answers.',
    })
      .datasource(prometheusSource)
      .targets([
        new DataqueryBuilder()
          .refId('A')
          .expr(durations('le'))
          .legendFormat('{{le}}')
          .format(PromQueryFormat.Heatmap)
          .range()
          .datasource(prometheusSource),
      ]),
  ],
}

export const cache: Section = {
  title: 'Caches',
  panels: [
    stacked(
      {
        title: 'Look-ups by cache result',
        unit: 'reqps',
        width: 12,
        says: 'Stale: answered with what had run out. Bypass: the cache was not asked.',
      },
      [{ expr: `sum by (result) (rate(discovery_lookup_cache_requests_total{${SERVICE}}[$__rate_interval]))`, legend: '{{result}}' }],
    ),
    timeseries(
      {
        title: 'From caches',
        unit: 'percentunit',
        width: 12,
        says: 'How much a cache answered, of the look-ups whose cache result is known.',
      },
      ['hit', 'stale'].map(result => ({
        expr:
          `sum(rate(discovery_lookup_cache_requests_total{${SERVICE},result="${result}"}[$__rate_interval])) ` +
          `/ (sum(rate(discovery_lookup_cache_requests_total{${SERVICE}}[$__rate_interval])) > 0)`,
        legend: result,
      })),
    ),
  ],
}

export const instances: Section = {
  title: 'Instances and versions',
  panels: [
    stacked({ title: 'Instances by status', unit: 'none', says: 'Live instances.' }, [
      { expr: `sum by (status) (discovery_instances{${SERVICE}})`, legend: '{{status}}' },
    ]),
    stacked(
      { title: 'Instances by version', unit: 'none', says: 'Two versions side by side are a rollout, or one that has stopped halfway.' },
      [{ expr: `sum by (version) (discovery_version_instances{${SERVICE}})`, legend: '{{version}}' }],
    ),
    timeseries(
      {
        title: 'Instances per answer',
        unit: 'none',
        says: 'How many usable instances callers get to choose from: the median, and what 5 of 100 get at most.',
      },
      ['0.5', '0.05'].map(quantile => ({
        expr: `histogram_quantile(${quantile}, sum by (le) (rate(discovery_lookup_instances_bucket{${SERVICE}}[$__rate_interval]))) >= 0`,
        legend: `${Number(quantile) * 100} of 100`,
      })),
    ),
    timeseries(
      { title: 'Registrations', unit: 'reqps', says: 'A second, by operation and outcome. What a watcher merely observed is not counted.' },
      [
        {
          expr: `sum by (operation, outcome) (rate(discovery_registrations_total{${SERVICE}}[$__rate_interval]))`,
          legend: '{{operation}} {{outcome}}',
        },
      ],
    ),
    timeseries(
      {
        title: 'Registrations that failed',
        unit: 'reqps',
        none: 'none',
        says: 'By operation, category of the error, and the code that the registry gave.',
      },
      [
        {
          expr: `sum by (operation, category, code) (rate(discovery_registration_errors_total{${SERVICE}}[$__rate_interval]))`,
          legend: '{{operation}} {{category}} {{code}}',
        },
      ],
    ),
    timeseries({ title: 'Leases that ran out', unit: 'none', says: 'Instances that ended without saying so, in five minutes.' }, [
      { expr: `sum(increase(discovery_lease_expirations_total{${SERVICE}}[5m])) or vector(0)`, legend: 'instances' },
    ]),
  ],
}

export const dependencies: Section = {
  title: 'Who depends on whom',
  panels: [
    table(
      {
        title: 'Who looks it up',
        says: 'Over the last five minutes.',
        none: 'nobody',
        link: serviceLink('${__data.fields.client_service_namespace}', '${__data.fields.client}'),
      },
      edges('client, client_service_namespace', AS_SERVER),
    ),
    table(
      {
        title: 'Whom it looks up',
        says: 'Over the last five minutes.',
        none: 'nobody',
        link: serviceLink('${__data.fields.server_service_namespace}', '${__data.fields.server}'),
      },
      edges('server, server_service_namespace', AS_CLIENT),
    ),
  ],
}

function edges(by: string, matchers: string) {
  const rate = (family: string): string => `sum by (${by}) (rate(discovery_service_graph_request_${family}{${matchers}}[5m]))`
  return [
    { name: 'Look-ups', unit: 'reqps', expr: rate('total') },
    { name: 'Failed', unit: 'percentunit', expr: `${rate('failed_total')} / (${rate('total')} > 0)` },
    { name: 'Mean time', unit: 's', expr: `${rate('server_seconds_sum')} / (${rate('server_seconds_count')} > 0)` },
  ]
}

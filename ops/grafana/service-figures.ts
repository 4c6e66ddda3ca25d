import type { Section } from './dashboard.ts'
import { errorPatterns } from './error-patterns.ts'
import { failureSteps, stacked, stat, table, timeseries } from './panels.ts'
import { SERVICE } from './service-selector.ts'

const lookups = (more = '', window = '5m'): string => `sum(rate(discovery_lookups_total{${SERVICE}${more}}[${window}]))`
const cacheRequests = (more = ''): string => `sum(rate(discovery_lookup_cache_requests_total{${SERVICE}${more}}[5m]))`

export const summary: Section = {
  title: '$namespace / $service',
  panels: [
    stat({ title: 'Look-ups', unit: 'reqps', says: 'A second, over five minutes.' }, { expr: lookups() }),
    stat(
      {
        title: 'Failed',
        unit: 'percentunit',
        steps: failureSteps,
        says: 'How much of its look-ups failed.',
      },
      { expr: `(${lookups(',outcome="failure"')} or vector(0)) / (${lookups()} > 0)` },
    ),
    stat(
      { title: 'Time, 95 of 100', unit: 's', says: 'Within which time 95 of 100 look-ups are answered.' },
      { expr: `histogram_quantile(0.95, sum by (le) (rate(discovery_lookup_duration_seconds_bucket{${SERVICE}}[5m]))) >= 0` },
    ),
    stat(
      { title: 'From caches', unit: 'percentunit', says: 'How much a cache answered, of the look-ups whose cache result is known.' },
      { expr: `(${cacheRequests(',result="hit"')} or vector(0)) / (${cacheRequests()} > 0)` },
    ),
    stat(
      {
        title: 'Passing instances',
        unit: 'none',
        base: 'red',
        steps: [[1, 'green']],
        none: 'not registered',
        says: 'Live instances that pass their checks.',
      },
      { expr: `sum(discovery_instances{${SERVICE},status="passing"})` },
    ),
    stat(
      { title: 'Last deployment', unit: 's', none: 'never', says: 'How long ago a version was last seen for the first time.' },
      { expr: `time() - max(discovery_last_deployment_timestamp_seconds{${SERVICE}})` },
    ),
  ],
}

export const rates: Section = {
  title: 'Rates and errors',
  panels: [
    stacked({ title: 'Look-ups by outcome', unit: 'reqps', says: 'Empty: answered, but with no usable instance.' }, [
      { expr: `sum by (outcome) (rate(discovery_lookups_total{${SERVICE}}[$__rate_interval]))`, legend: '{{outcome}}' },
    ]),
    timeseries(
      { title: 'Look-ups in vain', unit: 'percentunit', says: 'How much of the look-ups failed, and how much found no usable instance.' },
      ['failure', 'empty'].map(outcome => ({
        expr: `(${lookups(`,outcome="${outcome}"`, '$__rate_interval')} or vector(0)) / (${lookups('', '$__rate_interval')} > 0)`,
        legend: outcome,
      })),
    ),
    stacked({ title: 'Errors', unit: 'reqps', none: 'nothing failed', says: 'By category, and by the code that the source gave.' }, [
      {
        expr: `sum by (category, code) (rate(discovery_lookup_errors_total{${SERVICE}}[$__rate_interval]))`,
        legend: '{{category}} {{code}}',
      },
    ]),
  ],
}

const errors = (window: string, ago = ''): string =>
  `sum by (category, code) (rate(discovery_lookup_errors_total{${SERVICE}}[${window}]${ago}))`

export const patterns: Section = {
  title: 'Error patterns',
  panels: [
    table(
      {
        title: 'Errors against their own past',
        height: 9,
        none: 'nothing failed',
        says: 'The last ten minutes against the six hours before them. Without a factor: it did not occur before.',
      },
      errorPatterns('category, code', SERVICE),
    ),
    timeseries(
      {
        title: 'Errors, and a day before',
        unit: 'reqps',
        width: 12,
        height: 9,
        none: 'nothing failed',
        says: 'The same hour of yesterday beside today’s.',
      },
      [
        { expr: errors('10m'), legend: '{{category}} {{code}}' },
        { expr: errors('10m', ' offset 1d'), legend: '{{category}} {{code}}, a day before' },
      ],
    ),
  ],
}

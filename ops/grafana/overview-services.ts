import { serviceLink, type Section } from './dashboard.ts'
import { errorPatterns } from './error-patterns.ts'
import { stacked, table } from './panels.ts'

const CHOSEN = 'job="$job",namespace=~"$namespace"'
const DURATIONS = `sum by (namespace, service, le) (rate(discovery_lookup_duration_seconds_bucket{${CHOSEN}}[5m]))`
const toService = serviceLink('${__data.fields.namespace}', '${__data.fields.service}')

export const services: Section = {
  title: 'Services',
  panels: [
    table(
      {
        title: 'Services that are looked up',
        width: 24,
        height: 10,
        link: toService,
        says: 'The hundred that are looked up most, over the last five minutes. A row leads to its service.',
      },
      [
        { name: 'Look-ups', unit: 'reqps', expr: `topk(100, sum by (namespace, service) (rate(discovery_lookups_total{${CHOSEN}}[5m])))` },
        {
          name: 'Failed',
          unit: 'percentunit',
          expr:
            `sum by (namespace, service) (rate(discovery_lookups_total{${CHOSEN},outcome="failure"}[5m])) ` +
            `/ (sum by (namespace, service) (rate(discovery_lookups_total{${CHOSEN}}[5m])) > 0)`,
        },
        {
          name: 'Empty',
          unit: 'percentunit',
          expr:
            `sum by (namespace, service) (rate(discovery_lookups_total{${CHOSEN},outcome="empty"}[5m])) ` +
            `/ (sum by (namespace, service) (rate(discovery_lookups_total{${CHOSEN}}[5m])) > 0)`,
        },
        {
          name: 'Time, 95 of 100',
          unit: 's',
          expr: `histogram_quantile(0.95, ${DURATIONS}) >= 0`,
        },
        { name: 'Passing instances', unit: 'none', expr: `sum by (namespace, service) (discovery_instances{${CHOSEN},status="passing"})` },
      ],
    ),
  ],
}

export const patterns: Section = {
  title: 'Error patterns',
  panels: [
    table(
      {
        title: 'Errors against their own past',
        width: 24,
        none: 'nothing failed',
        link: toService,
        says: 'Which category and code surged where: ten minutes against the six hours before. Without a factor: it did not occur before.',
      },
      errorPatterns('namespace, service, category, code', CHOSEN),
    ),
  ],
}

export const instances: Section = {
  title: 'Instances and versions',
  panels: [
    stacked({ title: 'Instances by status', unit: 'none', says: 'Live instances.' }, [
      { expr: `sum by (status) (namespace_status:discovery_instances:sum{${CHOSEN}})`, legend: '{{status}}' },
    ]),
    table(
      {
        title: 'Without a healthy instance',
        width: 8,
        none: 'every service has one',
        says: 'Registered, and no instance passes: whoever looks it up finds nothing to call.',
        link: toService,
      },
      [{ name: 'Passing', unit: 'none', expr: `sum by (namespace, service) (discovery_instances{${CHOSEN},status="passing"}) == 0` }],
    ),
    table(
      {
        title: 'Last deployed',
        width: 8,
        says: 'When a version was last seen for the first time.',
        link: toService,
      },
      [{ name: 'Ago', unit: 's', expr: `time() - max by (namespace, service) (discovery_last_deployment_timestamp_seconds{${CHOSEN}})` }],
    ),
  ],
}

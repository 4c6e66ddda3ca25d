import { oneLine, SERVICE, type Alert } from './alert.ts'

const errors = (range: string): string => `sum by (${SERVICE}, category) (rate(discovery_lookup_errors_total${range}))`
/** As the panels of error patterns hold them against their past. */
const [NOW, PAST] = ['[10m]', '[6h] offset 10m']
const lookups = (range: string, matchers = ''): string => `sum by (${SERVICE}) (rate(discovery_lookups_total${matchers}${range}))`
const VAIN = '{outcome=~"empty|failure"}'
const [EARLIER, RECENT] = ['[30m] offset 15m', '[5m]']
const inVain = (range: string): string => `(${lookups(range, VAIN)} or 0 * ${lookups(range)}) / ${lookups(range)}`

export const errorAlerts: readonly Alert[] = [
  {
    name: 'DiscoveryErrorsSurging', severity: 'warning', board: 'service',
    // Of a service that was looked up six hours ago: what has no past would stand out with whatever it does.
    expr: oneLine(`
      sum by (${SERVICE}, category) (increase(discovery_lookup_errors_total[10m])) >= 20
      and ${errors(NOW)} > 5 * (${errors(PAST)} or 0 * ${errors(NOW)})
      and on (${SERVICE}) service:discovery_lookups:rate5m offset 6h`),
    summary: 'Errors of one category are several times as frequent as they used to be',
    description:
      '{{ $value | printf "%.0f" }} look-ups of {{ $labels.namespace }}/{{ $labels.service }} failed with {{ $labels.category ' +
      '}} in 10 minutes, more than five times as many as in the six hours before. See their codes.',
  },
  {
    name: 'DiscoveryDeploymentFollowedByErrors', severity: 'warning', board: 'service',
    // Earlier: half an hour that ended before any deployment that counts here. What has no past has nothing to be worse than.
    expr: oneLine(`
      ${inVain(RECENT)} > 0.05
      and ${inVain(RECENT)} > 3 * (${inVain(EARLIER)})
      and sum by (${SERVICE}) (increase(discovery_lookups_total${VAIN}[5m])) >= 10
      and time() - max by (${SERVICE}) (discovery_last_deployment_timestamp_seconds) < 900`),
    summary: 'Since a deployment a service is often looked up in vain',
    description:
      '{{ $value | humanizePercentage }} of the look-ups of {{ $labels.namespace }}/{{ $labels.service }} fail or find no ' +
      'instance, after a version was seen for the first time within 15 minutes. See the new version; roll it back.',
  },
]

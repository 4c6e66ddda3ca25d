import { oneLine, SERVICE, type Alert, type AlertGroup } from './alert.ts'
import { errorAlerts } from './errors.ts'

const where = '{{ $labels.namespace }}/{{ $labels.service }}'
const percent = '{{ $value | humanizePercentage }}'
const USABLE = 'service:discovery_usable_instances:sum'
const IN_VAIN = 'outcome=~"empty|failure",namespace!="__overflow__",service!="__overflow__"'
const before = `sum by (job, namespace) (${USABLE} offset 10m and ${USABLE})`
const now = `sum by (job, namespace) (${USABLE} and ${USABLE} offset 10m)`
const cache = (range: string, result = ''): string =>
  `sum by (${SERVICE}) (rate(discovery_lookup_cache_requests_total${result && `{result="${result}"}`}${range}))`
const cacheRequests = `sum by (${SERVICE}) (increase(discovery_lookup_cache_requests_total[5m]))`
const hitsBefore = `${cache('[1h] offset 10m', 'hit')} / ${cache('[1h] offset 10m')}`
const registrations = (matchers: string, range: string): string =>
  `sum by (${SERVICE}) (increase(discovery_registrations_total{${matchers}}[${range}]))`
const changes = registrations('operation=~"register|deregister|status_change",outcome="success"', '15m')

const alerts: readonly Alert[] = [
  {
    name: 'DiscoveryNoHealthyInstance', severity: 'critical', board: 'service', for: '1m',
    // Of services that nobody looks up, nobody is hurt: many are simply gone.
    expr: `${USABLE} == 0 and service:discovery_lookups:rate5m > 0`,
    summary: 'A service is looked up, and none of its instances can be used',
    description: `${where} has no instance that is passing or warning. See what became of them: registrations, leases, health checks.`,
  },
  {
    name: 'DiscoveryInstancesFlapping', severity: 'warning', board: 'registrations', for: '5m',
    // A rollout is two changes of each instance: one comes, one goes.
    expr: oneLine(`
      ${changes} >= 10
      and ${changes} > 4 * sum by (${SERVICE}) (last_over_time(discovery_instances[2m]))`),
    summary: 'Instances of a service come and go, or change their status, again and again',
    description: `Instances of ${where} changed {{ $value | printf "%.0f" }} times in 15 minutes: see their health checks and leases.`,
  },
  {
    name: 'DiscoveryRegistrationsFailing', severity: 'warning', board: 'registrations', for: '2m',
    expr: oneLine(`
      ${registrations('outcome="failure"', '10m')} / sum by (${SERVICE}) (increase(discovery_registrations_total[10m])) > 0.2
      and ${registrations('outcome="failure"', '10m')} >= 5`),
    summary: 'A service cannot be registered',
    description: `${percent} of the registrations of ${where} failed within 10 minutes. See their category and code, and the registry.`,
  },
  {
    name: 'DiscoveryInstancesFalling', severity: 'critical', board: 'registrations', for: '1m',
    // Services that are shown now and were shown then: a partition on its way is no fall. With every registrar dead no event tells it.
    expr: oneLine(`
      ${before} - ${now} >= 5
      and ${now} <= 0.5 * ${before}`),
    summary: 'Half of a namespace’s instances are gone within ten minutes',
    description:
      '{{ $labels.namespace }} has {{ $value }} usable instances fewer than ten minutes ago. See the registry, the network ' +
      'between, and who sends heartbeats.',
  },
  {
    name: 'DiscoveryCacheHitsCollapsed', severity: 'warning', board: 'service', for: '5m',
    expr: oneLine(`
      ${cache('[5m]', 'hit')} / ${cache('[5m]')} < 0.5 * (${hitsBefore})
      and ${hitsBefore} > 0.2
      and ${cacheRequests} >= 50`),
    summary: 'Caches answer less than half as much of the look-ups as in the hour before',
    description:
      `Caches answer ${percent} of the look-ups of ${where}. The source bears the rest: see clients’ versions and lifetimes of ` +
      'answers.',
  },
  {
    name: 'DiscoveryStaleAnswers', severity: 'warning', board: 'service', for: '5m',
    expr: oneLine(`
      ${cache('[5m]', 'stale')} / ${cache('[5m]')} > 0.1
      and sum by (${SERVICE}) (increase(discovery_lookup_cache_requests_total{result="stale"}[5m])) >= 10`),
    summary: 'Clients are given addresses that have outlived their time',
    description:
      `${percent} of the look-ups of ${where} got a stale answer: caches cannot reach the source. See it, and errors of ` +
      'look-ups.',
  },
  {
    name: 'DiscoveryUnregisteredLookedUp', severity: 'warning', board: 'map', for: '5m',
    // Whoever is found is registered somewhere, if not where we see it. What a budget folded together is no service.
    expr: oneLine(`
      sum by (${SERVICE}) (increase(discovery_lookups_total{${IN_VAIN}}[15m])) >= 10
      unless sum by (${SERVICE}) (last_over_time(discovery_instances[2m]))`),
    summary: 'A service is looked up in vain that nobody registers',
    description:
      `${where} was looked up in vain {{ $value | printf "%.0f" }} times in 15 minutes, and nobody registers it: a name that is` +
      ' misspelt, or a service that is gone. See who asks.',
  },
  {
    name: 'DiscoveryNewDependencyCycle', severity: 'warning', board: 'map',
    expr: 'max by (job) (discovery_findings{kind="cycle"}) > max by (job) (max_over_time(discovery_findings{kind="cycle"}[1d] offset 30m))',
    summary: 'Services have come to depend on each other in a circle',
    description:
      'There are {{ $value }} dependency cycles, more than at any moment of the day before. See /api/v1/graph/cycles for who is' +
      ' in them.',
  },
  ...errorAlerts,
]

export const serviceAlerts: AlertGroup = {
  name: 'discovery-services', alerts, says: 'Something is wrong with how services are found or registered.',
}

import type { Alert, AlertGroup } from './alert.ts'

/** Burnt at `factor` over the long and still over the short window (Google's SRE Workbook, chapter 5). */
interface Pair {
  factor: number
  long: string
  short: string
  /** Of the long window. */
  seconds: number
}

const fast: readonly Pair[] = [
  { factor: 14.4, long: '1h', short: '5m', seconds: 3_600 }, { factor: 6, long: '6h', short: '30m', seconds: 21_600 },
]
const slow: readonly Pair[] = [
  { factor: 3, long: '1d', short: '2h', seconds: 86_400 }, { factor: 1, long: '3d', short: '6h', seconds: 259_200 },
]
/** Fewer say nothing about a service that is hardly looked up. */
const FEWEST = 10

function burning(of: 'success' | 'latency', pairs: readonly Pair[]): string {
  const burn = `service:discovery_lookup_${of}_burn:ratio_rate`
  const bad = of === 'success' ? 'service:discovery_lookups_failed:rate' : 'service:discovery_lookups_slow:rate'
  return pairs
    .map(({ factor, long, short, seconds }) =>
      `(${burn}${long} > ${factor} and ${burn}${short} > ${factor} and ${bad}${long} * ${seconds} >= ${FEWEST})`)
    .join(' or ')
}

const where = '{{ $labels.namespace }}/{{ $labels.service }}'
const rate = '{{ $value | printf "%.1f" }}'

const alerts: readonly Alert[] = [
  {
    name: 'DiscoveryLookupSuccessBurning', severity: 'critical', board: 'service', expr: burning('success', fast),
    summary: 'Look-ups of a service fail so often that a month’s error budget is gone within days',
    description:
      `Look-ups of ${where} fail ${rate} times as often as its objective allows. See which category of error it is, and since ` +
      'when.',
  },
  {
    name: 'DiscoveryLookupSuccessBurningSlowly', severity: 'warning', board: 'service', expr: burning('success', slow),
    summary: 'Look-ups of a service fail more often than its objective allows, day after day',
    description: `Look-ups of ${where} fail ${rate} times as often as its objective allows. It wants mending, not a call at night.`,
  },
  {
    name: 'DiscoveryLookupLatencyBurning', severity: 'critical', board: 'service', expr: burning('latency', fast),
    summary: 'Look-ups of a service are so slow that a month’s budget of slow ones is gone within days',
    description: `Look-ups of ${where} are slow ${rate} times as often as its objective allows. See whether caches answer, and the source.`,
  },
  {
    name: 'DiscoveryLookupLatencyBurningSlowly', severity: 'warning', board: 'service', expr: burning('latency', slow),
    summary: 'Look-ups of a service are slow more often than its objective allows, day after day',
    description: `Look-ups of ${where} are slow ${rate} times as often as its objective allows. It wants mending, not a call at night.`,
  },
]

export const objectiveAlerts: AlertGroup = {
  name: 'discovery-objectives', alerts,
  says: 'What [`ops/objectives.yml`](../ops/objectives.yml) promises of look-ups is being broken, fast or slowly.',
}

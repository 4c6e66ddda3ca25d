import { oneLine, type Alert, type AlertGroup } from './alert.ts'

const partition = '{{ $labels.topic }}/{{ $labels.partition }}'
const agents = (range: string, offset = ''): string =>
  `sum by (job, kind) (last_over_time(discovery_agents{state="active"}[${range}]${offset}))`
const BUILD = 'discovery_aggregator_build_info'

const keepingUp: readonly Alert[] = [
  {
    name: 'DiscoveryMetricsAbsent', severity: 'critical', board: 'self', for: '2m',
    expr: `group by (job) (last_over_time(${BUILD}[6h])) unless group by (job) (${BUILD}) or absent_over_time(${BUILD}[6h])`,
    summary: 'No replica of discovery-metrics is scraped',
    description:
      'Nothing is known of service discovery, and none of its other alerts can call. See whether replicas run, and Prometheus’ ' +
      'page of targets.',
  },
  {
    name: 'DiscoveryMetricsReplicaNotReady', severity: 'warning', board: 'self', for: '5m',
    expr: 'discovery_aggregator_ready == 0',
    summary: 'A replica has not been ready for minutes',
    description: '{{ $labels.instance }} runs and does no work. Its /-/ready says why.',
  },
  {
    name: 'DiscoveryMetricsLagGrowing', severity: 'warning', board: 'self', for: '5m',
    expr: 'discovery_aggregator_lag_records > 10000 and deriv(discovery_aggregator_lag_records[10m]) > 1',
    summary: 'A partition falls further and further behind',
    description: `${partition} is {{ $value }} records behind, and more every minute. Add replicas, or processor to those that there are.`,
  },
  {
    name: 'DiscoveryMetricsStale', severity: 'warning', board: 'self', for: '1m',
    expr: 'discovery_aggregator_freshness_seconds > 60',
    summary: 'What is shown is more than a minute old',
    description:
      `${partition} is {{ $value | humanizeDuration }} behind. Of an input: lag, add replicas. Of the checkpoint topic: this ` +
      'replica cannot read it.',
  },
  {
    name: 'DiscoveryMetricsCheckpointsStuck', severity: 'warning', board: 'self', for: '1m',
    expr: 'discovery_aggregator_checkpoint_age_seconds > 60',
    summary: 'Checkpoints are not written',
    description:
      `The last one of ${partition} was acknowledged {{ $value | humanizeDuration }} ago: what was counted since is not shown, ` +
      `and would be read again after a crash. See the replica's log, and the brokers.`,
  },
]

const exactness: readonly Alert[] = [
  {
    name: 'DiscoveryMetricsDigestMismatch', severity: 'warning', board: 'self',
    expr: 'increase(discovery_aggregator_digest_mismatches_total[15m]) > 0',
    summary: 'A partition was taken over with other cells than its progress was written with',
    description:
      `${partition}: some counts may be too low. \`discovery-metrics verify\` says which, and \`discovery-metrics verify ` +
      `--repair\` mends them.`,
  },
  {
    name: 'DiscoveryMetricsInputReplaced', severity: 'critical', board: 'self',
    expr: 'increase(discovery_aggregator_input_mismatches_total[15m]) > 0',
    summary: 'An input topic was made anew, and is not counted',
    description:
      `${partition} is not the log that was counted. Start with a new checkpoint topic and group (--kafka.checkpoint-topic, ` +
      '--kafka.group-id); /-/ready of the replica that owns it says more.',
  },
  {
    name: 'DiscoveryMetricsRecordsLost', severity: 'critical', board: 'self',
    expr: 'increase(discovery_aggregator_lost_records_total[15m]) > 0',
    summary: 'Records were deleted before they were counted',
    description:
      '{{ $value | printf "%.0f" }} records of {{ $labels.topic }} are in no count: its retention.ms is shorter than this ' +
      'service was behind.',
  },
  {
    name: 'DiscoveryMetricsDeadLetters', severity: 'warning', board: 'self',
    expr: 'sum by (job, topic, reason) (increase(discovery_aggregator_dead_letters_total[15m])) > 0',
    summary: 'Records were set aside as no event within the contract',
    description:
      '{{ $value | printf "%.0f" }} records of {{ $labels.topic }} were set aside within 15 minutes ({{ $labels.reason }}), ' +
      'and are in no count. They are in the topic of dead letters.',
  },
]

const ofAgents: readonly Alert[] = [
  {
    name: 'DiscoveryMetricsAgentsSilent', severity: 'warning', board: 'agents', for: '2m',
    expr: oneLine(`
      ${agents('2m', ' offset 15m')} - ${agents('2m')} >= 1
      and ${agents('2m')} < 0.8 * ${agents('2m', ' offset 15m')}`),
    summary: 'More than a fifth of the agents of a kind have fallen silent',
    description:
      '{{ $value }} agents of kind {{ $labels.kind }} fewer report than 15 minutes ago: what they see is missing from every ' +
      'count. See their hosts, their logs, and their way to Kafka.',
  },
  {
    name: 'DiscoveryMetricsAgentEventsLost', severity: 'info', board: 'agents', for: '5m',
    expr: oneLine(`
      sum by (job, kind) (discovery_agent_events_recorded_total)
      - sum by (job, kind) (discovery_agent_events_received_total)
      - (sum by (job, kind) (discovery_agent_events_dropped_total) or 0 * sum by (job, kind) (discovery_agent_events_recorded_total))
      - (sum by (job, kind) (discovery_agent_events_rejected_total) or 0 * sum by (job, kind) (discovery_agent_events_recorded_total))
      > 0`),
    summary: 'Agents recorded what nobody has received',
    description:
      '{{ $value }} look-ups and registrations of agents of kind {{ $labels.kind }} were recorded, and neither received, ' +
      'dropped nor rejected: agents that died with events under way, or a send that was in doubt.',
  },
]

const ofBudgets: readonly Alert[] = [
  {
    name: 'DiscoveryMetricsBudgetNearlyUsed', severity: 'info', board: 'self', for: '10m',
    expr: 'max by (job, family) (discovery_cardinality_series / discovery_cardinality_budget) > 0.9',
    summary: 'A family has used nine tenths of its budget in a partition',
    description:
      '{{ $labels.family }} is at {{ $value | humanizePercentage }} of its budget in some partition. Beyond it, new label values are ' +
      'counted together.',
  },
  {
    name: 'DiscoveryMetricsOverflow', severity: 'warning', board: 'self',
    expr: 'sum by (job, family) (increase(discovery_cardinality_overflow_total[15m])) > 0',
    summary: 'Label values have no room of their own',
    description:
      'Within 15 minutes {{ $value | printf "%.0f" }} events had something in {{ $labels.family }} that is counted as __overflow__, or in no ' +
      'gauge. Totals are right. /api/v1/cardinality says which label grows.',
  },
]

export const selfAlerts: AlertGroup = {
  name: 'discovery-metrics-self', alerts: [...keepingUp, ...exactness, ...ofAgents, ...ofBudgets],
  says: 'discovery-metrics itself is not well: it is behind, its counts may be wrong, or something does not reach it.',
}

import { gone, growing, standing, type AlertCase } from './case.ts'

const replica = { job: 'd', instance: 'a' }
const LOOKUPS = { ...replica, topic: 'lookups', partition: '3' }
const OF_LOOKUPS = '{job="d",instance="a",topic="lookups",partition="3"}'
const LAG = `discovery_aggregator_lag_records${OF_LOOKUPS}`
const AGE = `discovery_aggregator_checkpoint_age_seconds${OF_LOOKUPS}`
const FRESHNESS = `discovery_aggregator_freshness_seconds${OF_LOOKUPS}`
const DIGEST = `discovery_aggregator_digest_mismatches_total${OF_LOOKUPS}`
const INPUT = `discovery_aggregator_input_mismatches_total${OF_LOOKUPS}`
const LOST = 'discovery_aggregator_lost_records_total{job="d",instance="a",topic="lookups"}'
const DEAD = 'discovery_aggregator_dead_letters_total{job="d",instance="a",topic="lookups",reason="unreadable"}'
const BUILD = 'discovery_aggregator_build_info{job="d",instance="a",version="1"}'
const READY = 'discovery_aggregator_ready{job="d",instance="a"}'
const sdk = { job: 'd', kind: 'sdk' }
const AGENTS = 'discovery_agents{job="d",shard="agents-0",kind="sdk",state="active"}'
const MORE_AGENTS = 'discovery_agents{job="d",shard="agents-1",kind="sdk",state="active"}'
const RECORDED = 'discovery_agent_events_recorded_total{job="d",shard="agents-0",kind="sdk"}'
const RECEIVED = 'discovery_agent_events_received_total{job="d",shard="lookups-0",kind="sdk"}'
const DROPPED = 'discovery_agent_events_dropped_total{job="d",shard="agents-0",kind="sdk",reason="queue_full"}'
const REJECTED = 'discovery_agent_events_rejected_total{job="d",shard="lookups-0",kind="sdk",reason="invalid"}'

const OVERFLOW = 'discovery_cardinality_overflow_total{job="d",shard="lookups-0",family="discovery_lookups_total"}'
const SERIES = 'discovery_cardinality_series{job="d",shard="lookups-0",family="discovery_lookups_total"}'
const BUDGET = 'discovery_cardinality_budget{job="d",shard="lookups-0",family="discovery_lookups_total"}'
const lookups = { job: 'd', family: 'discovery_lookups_total' }

/** A counter of what must never happen: it calls as soon as it has, and for the quarter of an hour that it looks back. */
function onceHappened(alert: string, series: string, labels: Readonly<Record<string, string>>): AlertCase {
  return {
    alert, says: 'once is enough', labels, series: { [series]: standing([0, 20], [1, 60]) }, fires: 600, over: 1_500,
    short: [{ [series]: standing([1, 80]) }],
  }
}

/** An age that is not to be above a minute for a minute. */
function tooOld(alert: string, series: string): AlertCase {
  return {
    alert, says: 'more than a minute, for a minute', labels: LOOKUPS, series: { [series]: standing([5, 20], [61, 10], [5, 20]) },
    fires: 660, over: 900, short: [{ [series]: standing([5, 20], [60, 30]) }, { [series]: standing([5, 20], [61, 2], [5, 20]) }],
  }
}

export const selfCases: readonly AlertCase[] = [
  {
    alert: 'DiscoveryMetricsAbsent', says: 'a deployment that there was', labels: { job: 'd' },
    series: { [BUILD]: `${standing([1, 20])} ${gone(30)} ${standing([1, 10])}` },
    // Prometheus shows a series for five minutes after its last sample, unless it has seen it end.
    fires: 1_020, over: 1_500, short: [{ [BUILD]: `${standing([1, 20])} ${gone(13)} ${standing([1, 20])}` }],
  },
  {
    alert: 'DiscoveryMetricsAbsent', says: 'none ever', labels: {}, series: { [BUILD]: `${gone(30)} ${standing([1, 10])}` },
    fires: 120, over: 900, short: [{ [BUILD]: standing([1, 40]) }],
  },
  {
    alert: 'DiscoveryMetricsReplicaNotReady', says: 'for five minutes', labels: replica,
    series: { [READY]: standing([1, 20], [0, 20], [1, 20]) }, fires: 900, over: 1_200,
    short: [{ [READY]: standing([1, 20], [0, 10], [1, 20]) }],
  },
  {
    alert: 'DiscoveryMetricsLagGrowing', says: 'more than ten thousand, and more than one a second', labels: LOOKUPS,
    series: { [LAG]: growing([0, 20], [600, 60], [0, 40]) }, fires: 1_410, over: 2_940,
    short: [{ [LAG]: growing([0, 20], [190, 52], [0, 40]) }, { [LAG]: `${standing([20_000, 30])} 20000+29x60` }],
  },
  {
    // 1.2 a second: of 21 samples the line through them rises by more than one from the sixteenth step on.
    alert: 'DiscoveryMetricsLagGrowing', says: 'little more than one a second', labels: LOOKUPS,
    series: { [LAG]: `${standing([20_000, 30])} 20036+36x59 22160x40` }, fires: 1_650, over: 2_820,
    short: [{ [LAG]: `${standing([20_000, 30])} 20029+29x59 21740x40` }],
  },
  tooOld('DiscoveryMetricsStale', FRESHNESS),
  tooOld('DiscoveryMetricsCheckpointsStuck', AGE),
  onceHappened('DiscoveryMetricsDigestMismatch', DIGEST, LOOKUPS),
  onceHappened('DiscoveryMetricsInputReplaced', INPUT, LOOKUPS),
  onceHappened('DiscoveryMetricsDeadLetters', DEAD, { job: 'd', topic: 'lookups', reason: 'unreadable' }),
  onceHappened('DiscoveryMetricsRecordsLost', LOST, { ...replica, topic: 'lookups' }),
  {
    alert: 'DiscoveryMetricsAgentsSilent', says: 'more than a fifth', labels: sdk,
    series: { [AGENTS]: standing([5, 60], [3, 60]), [MORE_AGENTS]: standing([5, 60], [4, 60]) }, fires: 1_920, over: 2_700,
    short: [
      { [AGENTS]: standing([5, 60], [4, 60]) },
      { [MORE_AGENTS]: `${standing([5, 60])} ${gone(3)} ${standing([5, 60])}`, [AGENTS]: standing([5, 120]) },
    ],
  },
  {
    alert: 'DiscoveryMetricsAgentsSilent', says: 'one of two', labels: sdk,
    series: { [AGENTS]: standing([2, 60], [1, 60]) }, fires: 1_920, over: 2_700, short: [{ [AGENTS]: standing([2, 120]) }],
  },
  {
    alert: 'DiscoveryMetricsAgentEventsLost', says: 'five minutes after they were recorded', labels: sdk,
    series: {
      [RECORDED]: standing([100, 60]), [RECEIVED]: standing([100, 10], [89, 20], [90, 30]), [DROPPED]: standing([7, 60]),
      [REJECTED]: standing([3, 60]),
    },
    fires: 600, over: 900,
    short: [{ [RECEIVED]: standing([90, 60]) }, { [RECEIVED]: standing([90, 10], [89, 10], [90, 40]) }],
  },
  {
    alert: 'DiscoveryMetricsBudgetNearlyUsed', says: 'more than nine tenths, for ten minutes', labels: lookups,
    series: { [SERIES]: standing([90, 20], [91, 30], [90, 20]), [BUDGET]: standing([100, 70]) }, fires: 1_200, over: 1_500,
    short: [{ [SERIES]: standing([90, 70]) }, { [SERIES]: standing([90, 20], [91, 20], [90, 20]) }],
  },
  onceHappened('DiscoveryMetricsOverflow', OVERFLOW, lookups),
]

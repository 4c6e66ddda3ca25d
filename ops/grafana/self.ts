import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { dashboard, type Section } from './dashboard.ts'
import { stacked, stat, timeseries } from './panels.ts'

const JOB = 'job="$job"'
const rate = (family: string, by: string): string => `sum by (${by}) (rate(discovery_aggregator_${family}{${JOB}}[$__rate_interval]))`
const increase = (family: string, by: string): string => `sum by (${by}) (increase(discovery_aggregator_${family}{${JOB}}[$__range]))`
const quantile = (family: string, by: string): string =>
  `histogram_quantile(0.99, sum by (${by}, le) (rate(discovery_aggregator_${family}_seconds_bucket{${JOB}}[$__rate_interval]))) >= 0`

/** Whether the replicas keep up, whether what they count is exact, and what they take. */
export function selfDashboard(): Dashboard {
  return dashboard({
    uid: 'discovery-self',
    title: 'the service itself',
    says: 'Whether discovery-metrics keeps up, whether its counts are exact, and what it takes.',
    variables: [],
    sections: [summary, exactness, keepingUp, checkpoints, replicas],
  })
}

const summary: Section = {
  title: 'Now',
  panels: [
    stat(
      { title: 'Replicas up', unit: 'none', base: 'red', steps: [[1, 'green']], says: 'Replicas that Prometheus can scrape.' },
      { expr: `sum(up{${JOB}})` },
    ),
    stat(
      {
        title: 'Partitions owned',
        unit: 'none',
        says: 'Over all replicas, the partitions of the inputs: fewer while some are handed over.',
      },
      { expr: `sum(discovery_aggregator_owned_partitions{${JOB}})` },
    ),
    stat(
      {
        title: 'Records behind',
        unit: 'short',
        steps: [
          [100_000, 'orange'],
          [1_000_000, 'red'],
        ],
        says: 'Between what is folded and the ends of the logs.',
      },
      { expr: `sum(discovery_aggregator_lag_records{${JOB}})` },
    ),
    stat(
      {
        title: 'Age of what is shown',
        unit: 's',
        steps: [
          [15, 'orange'],
          [60, 'red'],
        ],
        says: 'Of the partition that is furthest behind.',
      },
      { expr: `max(discovery_aggregator_freshness_seconds{${JOB}})` },
    ),
    stat(
      {
        title: 'Oldest checkpoint',
        unit: 's',
        steps: [
          [30, 'orange'],
          [60, 'red'],
        ],
        says: 'Idle partitions write every 10 s.',
      },
      { expr: `max(discovery_aggregator_checkpoint_age_seconds{${JOB}})` },
    ),
    stat(
      { title: 'Versions', unit: 'none', steps: [[2, 'orange']], says: 'How many versions of the service run: two during a rollout.' },
      { expr: `count(count by (version) (discovery_aggregator_build_info{${JOB}}))` },
    ),
  ],
}

/** Zero is right: each of them is a count that may be wrong, or records in none. */
const exactness: Section = {
  title: 'Whether counts are exact: zeros are right',
  panels: [
    stat(
      {
        title: 'Digest mismatches',
        unit: 'none',
        steps: [[1, 'red']],
        says: 'In the time range. `discovery-metrics verify` says which counts are too low.',
      },
      { expr: `sum(${increase('digest_mismatches_total', 'topic')}) or vector(0)` },
    ),
    stat(
      { title: 'Inputs made anew', unit: 'none', steps: [[1, 'red']], says: 'In the time range: partitions that are not counted.' },
      { expr: `sum(${increase('input_mismatches_total', 'topic')}) or vector(0)` },
    ),
    stat(
      { title: 'Records lost', unit: 'none', steps: [[1, 'red']], says: 'In the time range: deleted before they were read.' },
      { expr: `sum(${increase('lost_records_total', 'topic')}) or vector(0)` },
    ),
    stat(
      { title: 'Records set aside', unit: 'none', steps: [[1, 'orange']], says: 'In the time range: no events within the contract.' },
      { expr: `sum(${increase('rejected_total', 'topic')}) or vector(0)` },
    ),
    stat(
      {
        title: 'Agents forgotten',
        unit: 'none',
        steps: [[1, 'orange']],
        says: 'In the time range: what they send twice would count twice.',
      },
      { expr: `sum(${increase('forgotten_agents_total', 'topic')}) or vector(0)` },
    ),
    stat(
      {
        title: 'Unreadable checkpoints',
        unit: 'none',
        steps: [[1, 'red']],
        says: 'In the time range: records that are damaged, or not ours.',
      },
      { expr: `sum(increase(discovery_aggregator_unreadable_checkpoint_records_total{${JOB}}[$__range])) or vector(0)` },
    ),
  ],
}

const keepingUp: Section = {
  title: 'Keeping up',
  panels: [
    timeseries({ title: 'Records behind', unit: 'short', says: 'By input, over all replicas.' }, [
      { expr: `sum by (topic) (discovery_aggregator_lag_records{${JOB}})`, legend: '{{topic}}' },
    ]),
    stacked({ title: 'Records read', unit: 'cps', says: 'A second, by input.' }, [
      { expr: rate('messages_total', 'topic'), legend: '{{topic}}' },
    ]),
    stacked({ title: 'Bytes read', unit: 'Bps', says: 'A second, by input.' }, [
      { expr: rate('bytes_total', 'topic'), legend: '{{topic}}' },
    ]),
    timeseries({ title: 'Age of what is shown', unit: 's', says: 'Of the oldest partition of each topic.' }, [
      { expr: `max by (topic) (discovery_aggregator_freshness_seconds{${JOB}})`, legend: '{{topic}}' },
    ]),
    timeseries({ title: 'Time to fold a batch, 99 of 100', unit: 's', says: 'Decoding included.' }, [
      { expr: quantile('fold', 'topic'), legend: '{{topic}}' },
    ]),
    timeseries({ title: 'Records set aside', unit: 'cps', none: 'none', says: 'A second, by input and reason.' }, [
      { expr: rate('rejected_total', 'topic, reason'), legend: '{{topic}} {{reason}}' },
    ]),
  ],
}

const checkpoints: Section = {
  title: 'Checkpoints',
  panels: [
    timeseries({ title: 'Age of the last checkpoint', unit: 's', says: 'Of the oldest partition of each input.' }, [
      { expr: `max by (topic) (discovery_aggregator_checkpoint_age_seconds{${JOB}})`, legend: '{{topic}}' },
    ]),
    timeseries({ title: 'Time until acknowledged, 99 of 100', unit: 's', says: 'From when a checkpoint was taken.' }, [
      { expr: quantile('checkpoint', 'topic'), legend: '{{topic}}' },
    ]),
    stacked({ title: 'Bytes written', unit: 'Bps', says: 'To the checkpoint topic, a second.' }, [
      { expr: rate('checkpoint_bytes_total', 'topic'), legend: '{{topic}}' },
    ]),
    stacked({ title: 'Records written', unit: 'cps', says: 'Cells that had changed, tombstones, progress.' }, [
      { expr: rate('checkpoint_records_total', 'topic'), legend: '{{topic}}' },
    ]),
    timeseries({ title: 'Sent again', unit: 'cps', none: 'none', says: 'Checkpoints that were not acknowledged.' }, [
      { expr: rate('checkpoint_failures_total', 'topic'), legend: '{{topic}}' },
    ]),
    timeseries(
      { title: 'Claims superseded', unit: 'cps', none: 'none', says: 'Somebody else claimed a partition given to this replica.' },
      [{ expr: rate('claims_superseded_total', 'topic'), legend: '{{topic}}' }],
    ),
  ],
}

const replicas: Section = {
  title: 'Replicas',
  panels: [
    stacked({ title: 'Partitions owned', unit: 'none', says: 'By replica: how the inputs are shared.' }, [
      { expr: `sum by (instance) (discovery_aggregator_owned_partitions{${JOB}})`, legend: '{{instance}}' },
    ]),
    timeseries({ title: 'Rebalances and crashes', unit: 'cps', says: 'Of the consumer, a second.' }, [
      { expr: rate('rebalances_total', 'instance'), legend: '{{instance}} rebalances' },
      { expr: rate('consumer_crashes_total', 'instance'), legend: '{{instance}} crashes' },
    ]),
    timeseries({ title: 'Time of a scrape, 99 of 100', unit: 's', says: 'Until its last byte was taken.' }, [
      { expr: quantile('scrape_duration', 'scope'), legend: '{{scope}}' },
    ]),
    timeseries({ title: 'Memory', unit: 'bytes', says: 'Resident, by replica.' }, [
      { expr: `process_resident_memory_bytes{${JOB}}`, legend: '{{instance}}' },
    ]),
    timeseries({ title: 'Processor', unit: 'percentunit', says: 'Of one core, by replica.' }, [
      { expr: `rate(process_cpu_seconds_total{${JOB}}[$__rate_interval])`, legend: '{{instance}}' },
    ]),
    timeseries({ title: 'Event loop, 99 of 100', unit: 's', says: 'How late the event loop runs, by replica.' }, [
      { expr: `nodejs_eventloop_lag_p99_seconds{${JOB}}`, legend: '{{instance}}' },
    ]),
  ],
}

/** One row of the table of the service's own metrics. */
export interface OwnFamily {
  name: string
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  labels: readonly string[]
  /** Upper bounds of a histogram's buckets. */
  bounds?: readonly number[]
}

/** A replica's own health. These series name what this replica alone knows, so they carry no `shard` and a replica's `instance`. */
export const ownFamilies = {
  lagRecords: {
    name: 'discovery_aggregator_lag_records', type: 'gauge', labels: ['topic', 'partition'],
    help: 'Records between what is folded and the end of the log, for each partition that this replica owns.',
  },
  messages: {
    name: 'discovery_aggregator_messages_total', type: 'counter', labels: ['topic'],
    help: 'Records read, whether they were folded or set aside.',
  },
  bytes: {
    name: 'discovery_aggregator_bytes_total', type: 'counter', labels: ['topic'],
    help: 'Bytes of the values of the records read.',
  },
  rejected: {
    name: 'discovery_aggregator_rejected_total', type: 'counter', labels: ['topic', 'reason'],
    help: 'Records set aside because they are no event within the contract, by reason.',
  },
  lost: {
    name: 'discovery_aggregator_lost_records_total', type: 'counter', labels: ['topic'],
    help: 'Records that the log no longer held when this replica came to read them.',
  },
  foldSeconds: {
    name: 'discovery_aggregator_fold_seconds', type: 'histogram', labels: ['topic'],
    bounds: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1], help: 'Time to decode and fold a batch.',
  },
  batchRecords: {
    name: 'discovery_aggregator_batch_records', type: 'histogram', labels: ['topic'],
    bounds: [1, 10, 100, 1_000, 10_000, 100_000], help: 'Records in a batch as it was read.',
  },
  ownedPartitions: {
    name: 'discovery_aggregator_owned_partitions', type: 'gauge', labels: ['topic'],
    help: 'Partitions that this replica owns. Over all replicas they add up to the partitions of the topic.',
  },
  consumerCrashes: {
    name: 'discovery_aggregator_consumer_crashes_total', type: 'counter', labels: [],
    help: 'Times that the consumer stopped on an error.',
  },
  rebalances: {
    name: 'discovery_aggregator_rebalances_total', type: 'counter', labels: [],
    help: 'Times that the consumer group gave partitions out anew.',
  },
  scrapeSeconds: {
    name: 'discovery_aggregator_scrape_duration_seconds', type: 'histogram', labels: ['scope'],
    bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    help: 'Time from when a page was asked for until its last byte was taken.',
  },
  scrapeFailures: {
    name: 'discovery_aggregator_scrape_failures_total', type: 'counter', labels: ['scope'],
    help: 'Pages that could not be finished because of an error.',
  },
  buildInfo: {
    name: 'discovery_aggregator_build_info', type: 'gauge', labels: ['version'],
    help: 'Always 1; which version this replica runs.',
  },
} as const satisfies Record<string, OwnFamily>

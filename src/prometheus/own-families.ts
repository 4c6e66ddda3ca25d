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
  deadLetters: {
    name: 'discovery_aggregator_dead_letters_total', type: 'counter', labels: ['topic', 'reason'],
    help: 'Records stored in the dead-letter topic because they are no event within the contract, by reason; a restart may store some twice.',
  },
  deadLettersDropped: {
    name: 'discovery_aggregator_dead_letters_dropped_total', type: 'counter', labels: ['topic'],
    help: 'Records set aside and counted, but not stored: above --dead-letters.rate, or refused by the dead-letter topic in any form.',
  },
  schemasNotAsked: {
    name: 'discovery_aggregator_schemas_not_asked_total', type: 'counter', labels: [],
    help: 'Messages set aside without their schema being asked for: too many ids had brought none. See the budget in docs/dead-letters.md.',
  },
  forgottenAgents: {
    name: 'discovery_aggregator_forgotten_agents_total', type: 'counter', labels: ['topic'],
    help: 'Agents whose last number had to make room, since a partition knew too many: what they send twice would count twice.',
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
  freshness: {
    name: 'discovery_aggregator_freshness_seconds', type: 'gauge', labels: ['topic', 'partition'],
    help: 'Age of the newest moment up to which all is counted of a partition that this replica owns, or all is read of the checkpoints.',
  },
  checkpointAge: {
    name: 'discovery_aggregator_checkpoint_age_seconds', type: 'gauge', labels: ['topic', 'partition'],
    help: 'Time since the last checkpoint was acknowledged, for each partition that this replica owns. Idle partitions write every 10 s.',
  },
  checkpointSeconds: {
    name: 'discovery_aggregator_checkpoint_seconds', type: 'histogram', labels: ['topic'],
    bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    help: 'Time from when a checkpoint was taken until it was acknowledged.',
  },
  checkpointRecords: {
    name: 'discovery_aggregator_checkpoint_records_total', type: 'counter', labels: ['topic'],
    help: 'Records written to the checkpoint topic: cells that had changed, tombstones, progress.',
  },
  checkpointBytes: {
    name: 'discovery_aggregator_checkpoint_bytes_total', type: 'counter', labels: ['topic'],
    help: 'Bytes of the keys and values written to the checkpoint topic.',
  },
  checkpointFailures: {
    name: 'discovery_aggregator_checkpoint_failures_total', type: 'counter', labels: ['topic'],
    help: 'Checkpoints that were not acknowledged and had to be sent again.',
  },
  takeOverSeconds: {
    name: 'discovery_aggregator_take_over_seconds', type: 'histogram', labels: ['topic'],
    bounds: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30], help: 'Time from when a claim was read back until the partition was read on.',
  },
  superseded: {
    name: 'discovery_aggregator_claims_superseded_total', type: 'counter', labels: ['topic'],
    help: 'Times that somebody else claimed a partition that was given to this replica, which then claimed it anew.',
  },
  digestMismatches: {
    name: 'discovery_aggregator_digest_mismatches_total', type: 'counter', labels: ['topic', 'partition'],
    help: 'Times that a partition was taken over with other cells than its progress was written with; discovery-metrics verify says which.',
  },
  inputMismatches: {
    name: 'discovery_aggregator_input_mismatches_total', type: 'counter', labels: ['topic', 'partition'],
    help: 'Times that a partition could not be counted on because its topic was made anew.',
  },
  unreadableCheckpoints: {
    name: 'discovery_aggregator_unreadable_checkpoint_records_total', type: 'counter', labels: [],
    help: 'Records of the checkpoint topic that cannot be read: damaged, or not ours.',
  },
  restoreSeconds: {
    name: 'discovery_aggregator_restore_seconds', type: 'gauge', labels: [],
    help: 'Time that reading the checkpoints took when this replica was started; 0 until it is done.',
  },
  restoredRecords: {
    name: 'discovery_aggregator_restored_records', type: 'gauge', labels: [],
    help: 'Records of the checkpoint topic that were read when this replica was started.',
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
  streamsCut: {
    name: 'discovery_aggregator_change_streams_cut_total', type: 'counter', labels: [],
    help: 'Streams of changes that were cut off because their client did not read them.',
  },
  ready: {
    name: 'discovery_aggregator_ready', type: 'gauge', labels: [],
    help: '1 while /-/ready of this replica says that it is ready, 0 while it says why not.',
  },
  buildInfo: {
    name: 'discovery_aggregator_build_info', type: 'gauge', labels: ['version'],
    help: 'Always 1; which version this replica runs.',
  },
} as const satisfies Record<string, OwnFamily>

import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { rejectReasons } from '../../src/contract/bounds.ts'
import { createOwnMetrics } from '../../src/prometheus/own-metrics.ts'
import { ownFamilies } from '../../src/prometheus/own-families.ts'
import { familyLines } from './pages-of.ts'

const T0 = Date.UTC(2026, 0, 1)
const first = { topic: 'lookups', partition: 0 }
const second = { topic: 'lookups', partition: 1 }

function own() {
  const registry = new Registry()
  const clock = { now: T0 }
  const telemetry = createOwnMetrics(registry, { version: '1.2.3', now: () => clock.now })
  const samples = async (family: keyof typeof ownFamilies) =>
    familyLines(await registry.metrics(), ownFamilies[family].name).filter(line => !line.startsWith('#'))
  return { registry, telemetry, samples, clock }
}

describe('the service’s own metrics', () => {
  it('count records, bytes and time of batches, by topic', async () => {
    const { telemetry, samples } = own()
    telemetry.batchFolded({ topic: 'lookups', records: 3, bytes: 400, forgottenAgents: 0, seconds: 0.002 })
    telemetry.batchFolded({ topic: 'lookups', records: 20, bytes: 2_000, forgottenAgents: 2, seconds: 0.25 })
    expect(await samples('messages')).toEqual(['discovery_aggregator_messages_total{topic="lookups"} 23'])
    expect(await samples('bytes')).toEqual(['discovery_aggregator_bytes_total{topic="lookups"} 2400'])
    expect(await samples('forgottenAgents')).toEqual(['discovery_aggregator_forgotten_agents_total{topic="lookups"} 2'])
    expect(await samples('batchRecords')).toContain('discovery_aggregator_batch_records_bucket{le="10",topic="lookups"} 1')
    expect(await samples('foldSeconds')).toContain('discovery_aggregator_fold_seconds_sum{topic="lookups"} 0.252')
  })

  it('say whether the replica is ready at the moment of the scrape, and that it is not before it can know', async () => {
    const { telemetry, samples } = own()
    expect(await samples('ready')).toEqual(['discovery_aggregator_ready 0'])
    const now = { ready: true }
    telemetry.readyWhile(() => now.ready)
    expect(await samples('ready')).toEqual(['discovery_aggregator_ready 1'])
    now.ready = false
    expect(await samples('ready')).toEqual(['discovery_aggregator_ready 0'])
  })

  it('show the lag of a partition until it is another replica’s', async () => {
    const { telemetry, samples } = own()
    telemetry.lag(first, 5, T0)
    telemetry.lag(second, 9, T0)
    telemetry.lag(first, 2, T0)
    telemetry.disowned(second)
    expect(await samples('lagRecords')).toEqual(['discovery_aggregator_lag_records{topic="lookups",partition="0"} 2'])
  })

  it('show how old the counts and the last checkpoint of a partition are at the moment of the scrape, while it is ours', async () => {
    const { telemetry, samples, clock } = own()
    expect([...await samples('freshness'), ...await samples('checkpointAge')]).toEqual([])
    for (const partition of [first, second]) {
      telemetry.lag(partition, 0, T0 - 500)
      telemetry.checkpointed({ ...partition, records: 1, bytes: 1, seconds: 0 })
    }
    clock.now += 2_000
    expect(await samples('freshness')).toEqual([
      'discovery_aggregator_freshness_seconds{topic="lookups",partition="0"} 2.5',
      'discovery_aggregator_freshness_seconds{topic="lookups",partition="1"} 2.5',
    ])
    telemetry.checkpointed({ ...first, records: 1, bytes: 1, seconds: 0 })
    clock.now += 1_000
    expect(await samples('checkpointAge')).toEqual([
      'discovery_aggregator_checkpoint_age_seconds{topic="lookups",partition="0"} 1',
      'discovery_aggregator_checkpoint_age_seconds{topic="lookups",partition="1"} 3',
    ])
    telemetry.disowned(first)
    expect([...await samples('freshness'), ...await samples('checkpointAge')].filter(line => line.includes('partition="0"'))).toEqual([])
  })

  it('show no age below zero where a broker’s clock runs ahead', async () => {
    const { telemetry, samples } = own()
    telemetry.lag(first, 0, T0 + 500)
    expect(await samples('freshness')).toEqual(['discovery_aggregator_freshness_seconds{topic="lookups",partition="0"} 0'])
  })

  it('count what is written to the checkpoint topic, and what went wrong', async () => {
    const { telemetry, samples } = own()
    telemetry.checkpointed({ ...first, records: 3, bytes: 400, seconds: 0.02 })
    telemetry.checkpointed({ ...first, records: 4, bytes: 500, seconds: 0.03 })
    telemetry.checkpointFailed('lookups')
    telemetry.superseded('lookups')
    telemetry.unreadable()
    expect(await samples('checkpointRecords')).toEqual(['discovery_aggregator_checkpoint_records_total{topic="lookups"} 7'])
    expect(await samples('checkpointBytes')).toEqual(['discovery_aggregator_checkpoint_bytes_total{topic="lookups"} 900'])
    expect(await samples('checkpointSeconds')).toContain('discovery_aggregator_checkpoint_seconds_count{topic="lookups"} 2')
    expect(await samples('checkpointFailures')).toEqual(['discovery_aggregator_checkpoint_failures_total{topic="lookups"} 1'])
    expect(await samples('superseded')).toEqual(['discovery_aggregator_claims_superseded_total{topic="lookups"} 1'])
    expect(await samples('unreadableCheckpoints')).toEqual(['discovery_aggregator_unreadable_checkpoint_records_total 1'])
  })

  it('begin the mismatches of a partition at zero when it is taken over, and take nothing back when it is again', async () => {
    const { telemetry, samples } = own()
    telemetry.takenOver(first, 0.2)
    expect(await samples('digestMismatches')).toEqual(['discovery_aggregator_digest_mismatches_total{topic="lookups",partition="0"} 0'])
    expect(await samples('inputMismatches')).toEqual(['discovery_aggregator_input_mismatches_total{topic="lookups",partition="0"} 0'])
    telemetry.digestMismatch(first)
    telemetry.inputMismatch(first)
    telemetry.takenOver(first, 0.2)
    expect(await samples('digestMismatches')).toEqual(['discovery_aggregator_digest_mismatches_total{topic="lookups",partition="0"} 1'])
    expect(await samples('inputMismatches')).toEqual(['discovery_aggregator_input_mismatches_total{topic="lookups",partition="0"} 1'])
    expect(await samples('takeOverSeconds')).toContain('discovery_aggregator_take_over_seconds_count{topic="lookups"} 2')
  })

  it('tell how long the restore took, and of how much', async () => {
    const { telemetry, samples } = own()
    expect(await samples('restoreSeconds')).toEqual(['discovery_aggregator_restore_seconds 0'])
    telemetry.restored(1_000_000, 6.5)
    expect([...await samples('restoreSeconds'), ...await samples('restoredRecords')]).toEqual([
      'discovery_aggregator_restore_seconds 6.5', 'discovery_aggregator_restored_records 1000000',
    ])
  })

  it('begin every counter of a topic at zero when it is first owned, and take nothing back when it is owned again', async () => {
    const { telemetry, samples } = own()
    telemetry.owned('lookups', 2)
    const zeros = rejectReasons.map(reason => `discovery_aggregator_rejected_total{topic="lookups",reason="${reason}"} 0`)
    expect(await samples('rejected')).toEqual(zeros)
    telemetry.rejected('lookups', 'malformed')
    telemetry.lost('lookups', 7)
    telemetry.owned('lookups', 0)
    expect(await samples('rejected')).toContain('discovery_aggregator_rejected_total{topic="lookups",reason="malformed"} 1')
    expect(await samples('lost')).toEqual(['discovery_aggregator_lost_records_total{topic="lookups"} 7'])
    expect(await samples('ownedPartitions')).toEqual(['discovery_aggregator_owned_partitions{topic="lookups"} 0'])
  })

  it('count crashes and rebalances from zero, and name the version', async () => {
    const { telemetry, samples } = own()
    expect(await samples('consumerCrashes')).toEqual(['discovery_aggregator_consumer_crashes_total 0'])
    telemetry.crashed()
    telemetry.rebalanced()
    telemetry.rebalanced()
    expect(await samples('consumerCrashes')).toEqual(['discovery_aggregator_consumer_crashes_total 1'])
    expect(await samples('rebalances')).toEqual(['discovery_aggregator_rebalances_total 2'])
    expect(await samples('buildInfo')).toEqual(['discovery_aggregator_build_info{version="1.2.3"} 1'])
  })
})

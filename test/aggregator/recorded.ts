import type { Telemetry } from '../../src/aggregator/telemetry.ts'

/** Telemetry that keeps what it is told. */
export class RecordedTelemetry implements Telemetry {
  readonly batches: { topic: string; records: number; bytes: number; seconds: number }[] = []
  readonly rejections: string[] = []
  readonly losses: Record<string, number> = {}
  /** By partition key. */
  readonly lags: Record<string, number> = {}
  readonly ownedPartitions: Record<string, number> = {}
  rebalances = 0
  crashes = 0

  readonly batchFolded: Telemetry['batchFolded'] = batch => { this.batches.push(batch) }
  readonly rejected: Telemetry['rejected'] = (topic, reason) => { this.rejections.push(`${topic} ${reason}`) }
  readonly lost: Telemetry['lost'] = (topic, records) => { this.losses[topic] = (this.losses[topic] ?? 0) + records }
  readonly lag: Telemetry['lag'] = (topic, partition, records) => { this.lags[`${topic}/${partition}`] = records }
  readonly forgetLag: Telemetry['forgetLag'] = (topic, partition) => { delete this.lags[`${topic}/${partition}`] }
  readonly owned: Telemetry['owned'] = (topic, partitions) => { this.ownedPartitions[topic] = partitions }
  readonly rebalanced: Telemetry['rebalanced'] = () => { this.rebalances++ }
  readonly crashed: Telemetry['crashed'] = () => { this.crashes++ }
}

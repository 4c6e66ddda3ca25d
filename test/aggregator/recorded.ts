import { partitionKey } from '../../src/aggregator/records.ts'
import type { Telemetry } from '../../src/aggregator/telemetry.ts'

/** Telemetry that keeps what it is told. */
export class RecordedTelemetry implements Telemetry {
  readonly batches: { topic: string; records: number; bytes: number; seconds: number }[] = []
  readonly rejections: string[] = []
  readonly losses: Record<string, number> = {}
  /** By partition key. */
  readonly lags: Record<string, number> = {}
  readonly complete: Record<string, number> = {}
  readonly checkpoints: Parameters<Telemetry['checkpointed']>[0][] = []
  /** What happened now and then, in order. */
  readonly events: string[] = []
  readonly ownedPartitions: Record<string, number> = {}
  rebalances = 0
  crashes = 0

  readonly batchFolded: Telemetry['batchFolded'] = batch => { this.batches.push(batch) }
  readonly rejected: Telemetry['rejected'] = (topic, reason, records = 1) => {
    for (let left = records; left > 0; left--) this.rejections.push(`${topic} ${reason}`)
  }
  /** By topic and reason. */
  readonly stored: string[] = []
  letterDrops = 0
  readonly lettersStored: Telemetry['lettersStored'] = (topic, letters) => {
    for (const { reason } of letters) this.stored.push(`${topic} ${reason}`)
  }
  readonly lettersDropped: Telemetry['lettersDropped'] = (_, letters) => { this.letterDrops += letters }
  schemasNotAsked = 0
  readonly schemaNotAsked: Telemetry['schemaNotAsked'] = () => { this.schemasNotAsked++ }
  readonly lost: Telemetry['lost'] = (topic, records) => { this.losses[topic] = (this.losses[topic] ?? 0) + records }
  readonly lag: Telemetry['lag'] = (partition, records, completeUntil) => {
    this.lags[partitionKey(partition)] = records
    this.complete[partitionKey(partition)] = completeUntil
  }
  readonly disowned: Telemetry['disowned'] = partition => { delete this.lags[partitionKey(partition)] }
  readonly owned: Telemetry['owned'] = (topic, partitions) => { this.ownedPartitions[topic] = partitions }
  readonly rebalanced: Telemetry['rebalanced'] = () => { this.rebalances++ }
  readonly crashed: Telemetry['crashed'] = () => { this.crashes++ }
  readonly takenOver: Telemetry['takenOver'] = partition => { this.events.push(`taken over ${partitionKey(partition)}`) }
  readonly checkpointed: Telemetry['checkpointed'] = checkpoint => { this.checkpoints.push(checkpoint) }
  readonly checkpointFailed: Telemetry['checkpointFailed'] = topic => { this.events.push(`checkpoint failed ${topic}`) }
  readonly superseded: Telemetry['superseded'] = topic => { this.events.push(`superseded ${topic}`) }
  readonly digestMismatch: Telemetry['digestMismatch'] = partition => { this.events.push(`digest mismatch ${partitionKey(partition)}`) }
  readonly inputMismatch: Telemetry['inputMismatch'] = partition => { this.events.push(`input mismatch ${partitionKey(partition)}`) }
  readonly unreadable: Telemetry['unreadable'] = () => { this.events.push('unreadable') }
}

import type { RecordBatch } from '../../src/aggregator/records.ts'
import { createEncoder } from '../../src/contract/codec.ts'
import { eventDefaults, type LookupEvent } from '../../src/contract/events.ts'
import { recordsOf } from '../support/records.ts'
import type { VisibleShard } from '../../src/views/shard.ts'

export const TOPIC = 'discovery.lookups.v1'
/** Append time of the record at offset 0, in milliseconds since the epoch; each record is a second younger than the one before. */
export const T0 = Date.UTC(2026, 0, 1)

const encode = createEncoder('lookup')

export function lookup(fields: Partial<LookupEvent> = {}): Buffer {
  return encode({ ...eventDefaults.lookup, service: 'cart', outcome: 'SUCCESS', ...fields })
}

/** What one fetch from `from` brought of partition 0 of the look-ups, without a gap. */
export function batch(from: number, values: readonly (Buffer | null)[], fields: Partial<RecordBatch> = {}): RecordBatch {
  const records = values.map((value, index) => ({ offset: from + index, appendTime: T0 + (from + index) * 1_000, value }))
  return { topic: TOPIC, partition: 0, fetchedOffset: from, next: from + values.length, high: from + values.length, records: recordsOf(records), ...fields }
}

/** Look-ups that a shard has counted. */
export function lookupsIn({ cells }: Pick<VisibleShard, 'cells'>): number {
  return [...cells.lookups.values()].flatMap(({ outcomes }) => outcomes).reduce((sum, count) => sum + count, 0)
}

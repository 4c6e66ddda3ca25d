import type { Batch, ConsumerEndBatchProcessEvent } from 'kafkajs'
import type { RecordBatch, Stretch } from '../aggregator/records.ts'

/** kafkajs knows which offset it asked for, but its types do not say so. */
export function recordBatch(batch: Batch & { fetchedOffset?: string }): RecordBatch {
  return {
    topic: batch.topic,
    partition: batch.partition,
    fetchedOffset: Number(batch.fetchedOffset ?? batch.firstOffset() ?? 0),
    next: Number(batch.lastOffset()) + 1,
    records: batch.messages.map(({ offset, timestamp, value }) => ({ offset: Number(offset), appendTime: Number(timestamp), value })),
  }
}

/** The stretch that kafkajs has passed over by itself, since all in it was a transaction's marker or aborted; otherwise null. */
export function passedStretch(processed: ConsumerEndBatchProcessEvent['payload']): Stretch | null {
  const { topic, partition, batchSize, firstOffset, lastOffset } = processed
  // Despite its type, `firstOffset` is null where nothing is left of a batch.
  const first = firstOffset as string | null
  return batchSize > 0 ? null : { topic, partition, fetchedOffset: Number(first ?? lastOffset), next: Number(lastOffset) + 1 }
}

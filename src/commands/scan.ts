import type { SchemaSource } from '../aggregator/tenure-parts.ts'
import type { Partition } from '../aggregator/records.ts'
import { UnreadableBatch, withUnreadable, type KeyedRecord } from '../checkpoint/log.ts'
import { confluentSchemaId } from '../contract/codec.ts'
import { readRanges, type OffsetRange, type ReadRangesOptions } from '../kafka/log-range.ts'
import type { Reference } from '../verify/reference.ts'
import { CommandError } from './errors.ts'
import { readPatiently, Ticker } from './patient-reading.ts'

export interface ScanOptions {
  kafka: ReadRangesOptions['kafka']
  schemas: SchemaSource
  tell: (level: 'info' | 'warn', message: string) => void
}

/** Folds a part of an input partition into the reference. Rejects with `input_deleted` if some of it was deleted before it was read. */
export async function scan({ topic, partition, from, end }: Partition & OffsetRange, reference: Reference, { kafka, schemas, tell }: ScanOptions): Promise<void> {
  if (from >= end) return
  const deleted = new AbortController()
  const ticker = new Ticker(text => tell('info', text))
  const ranges = new Map([[partition, { from, end }]])
  await readPatiently(told => readRanges({ kafka, topic, ranges, ...told, onGap: () => deleted.abort() }), {
    topic,
    signal: deleted.signal,
    take: async ({ records, next }) => {
      await schemas.ensure(new Set(Array.from(withUnreadable(records), schemaIdOf).filter(id => id !== null)))
      if (!deleted.signal.aborted) reference.take(withUnreadable(records), next)
      const share = Math.floor(100 * (next - from) / (end - from))
      ticker.tick(() => `reading ${topic}/${partition}: ${share} % of ${(end - from).toLocaleString('en')} records`)
    },
  })
  if (!deleted.signal.aborted) return
  throw new CommandError('input_deleted', `records of ${topic}/${partition} were deleted by its retention while they were read: run the command again`)
}

function schemaIdOf(record: KeyedRecord | UnreadableBatch): number | null {
  return record instanceof UnreadableBatch ? null : confluentSchemaId(record.value)
}

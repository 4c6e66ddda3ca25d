import type { Kafka } from 'kafkajs'
import type { KeyedRecord } from '../checkpoint/log.ts'
import { KafkaError } from './errors.ts'
import { readLog, type ReadLogOptions } from './log-reader.ts'

/** The offsets `from` up to, and without, `end`. */
export interface OffsetRange {
  from: number
  end: number
}

export interface ReadRangesOptions extends Omit<ReadLogOptions, 'from' | 'until'> {
  /** By partition. */
  ranges: ReadonlyMap<number, OffsetRange>
}

/** Reads parts of a topic once, as {@link readLog} does; resolves when all is told. It waits for an end that the log has not reached yet. */
export function readRanges({ ranges, ...options }: ReadRangesOptions): Promise<void> {
  const from = new Map([...ranges].map(([partition, range]) => [partition, range.from]))
  const until = new Map([...ranges].map(([partition, range]) => [partition, range.end]))
  return readLog({ ...options, from, until })
}

/** Enough for a record of ours; Kafka sends a whole batch all the same. */
const RECORD_BYTES = 64 * 1024

export interface ReadRecordOptions {
  kafka: Kafka
  topic: string
  partition: number
  offset: number
  /** Milliseconds until it gives up. */
  timeoutMs: number
  random: () => number
}

/**
 * The one record at an offset; null if none is there, or no longer, or not yet. Rejects with `unreachable` if that could not be seen in
 * time.
 */
export async function readRecord(options: ReadRecordOptions): Promise<KeyedRecord | null> {
  const { partition, offset, timeoutMs, topic, ...rest } = options
  const seen = new AbortController()
  const timeout = AbortSignal.timeout(timeoutMs)
  let found: KeyedRecord | null = null
  let failure: unknown = null
  const reading = readLog({
    ...rest,
    topic,
    from: new Map([[partition, offset]]),
    until: new Map([[partition, offset + 1]]),
    signal: AbortSignal.any([seen.signal, timeout]),
    maxBytesPerPartition: RECORD_BYTES,
    onFailure: error => { failure = error },
    take: ({ records, high }) => {
      for (const record of records) if (record.offset === offset) found = record
      if (high <= offset) seen.abort()
    },
  })
  await reading.catch((error: unknown) => {
    if (!(error instanceof KafkaError && error.code === 'log_truncated')) throw error
  })
  if (!timeout.aborted || seen.signal.aborted || found !== null) return found
  throw new KafkaError('unreachable', `offset ${offset} of topic ${topic}, partition ${partition} could not be read within ${timeoutMs / 1_000} s`, {
    cause: failure,
  })
}

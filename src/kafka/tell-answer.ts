import { setImmediate } from 'node:timers/promises'
import type { KeyedRecord, ReadStretch } from '../checkpoint/log.ts'
import type { TopicCluster } from './cluster.ts'
import type { FetchedPartition } from './fetch-response.ts'
import { decodeBatch, uncountedBatches, type BatchHeader } from './record-batch.ts'

/** Told at once, at most, by batches as they were fetched: what else runs in this process has its turn in between. */
const PIECE_BYTES = 1024 * 1024

/** How far a partition is read. It outlives connections. */
export interface Position {
  readonly partition: number
  /** Everything below was told. */
  next: number
  /** Nothing at or above it is wanted. */
  readonly end: number
}

/** What came of a partition, and its whole batches. */
export interface PartitionAnswer {
  fetched: FetchedPartition
  batches: BatchHeader[]
}

/** What `take` threw. */
export class TakeError extends Error {
  override readonly name = 'TakeError'
}

interface Teller {
  take: (stretch: ReadStretch) => void | Promise<void>
  /** Nothing more is told once it is closed. */
  cluster: Pick<TopicCluster, 'throwIfClosed'>
}

/** Tells what came, piece by piece, and moves the position on; at least one stretch, so that the taker knows where the end is. */
export async function tellAnswer(position: Position, { fetched, batches }: PartitionAnswer, teller: Teller): Promise<void> {
  const skipped = uncountedBatches(batches, fetched.aborted)
  let records: KeyedRecord[] = []
  let bytes = 0
  for (const batch of batches) {
    if (!skipped.has(batch)) decodeBatch(fetched.records, batch, { from: position.next, into: records })
    bytes += batch.end - batch.start
    if (bytes < PIECE_BYTES && batch !== batches.at(-1)) continue
    await tell(position, stretchOf(position, fetched, { records, next: batch.next }), teller)
    records = []
    bytes = 0
  }
  if (batches.length === 0) await tell(position, stretchOf(position, fetched, { records, next: position.next }), teller)
}

function stretchOf({ partition, end }: Position, fetched: FetchedPartition, { records, next }: Pick<ReadStretch, 'records' | 'next'>): ReadStretch {
  const wanted = next <= end ? records : records.filter(({ offset }) => offset < end)
  return { partition, records: wanted, next: Math.min(next, end), high: endOf(fetched), low: fetched.low }
}

async function tell(position: Position, stretch: ReadStretch, { take, cluster }: Teller): Promise<void> {
  cluster.throwIfClosed()
  try {
    await take(stretch)
  } catch (cause) {
    throw new TakeError('what was read could not be taken', { cause })
  }
  position.next = stretch.next
  if (stretch.records.length > 0) await setImmediate()
}

/** Where what a reader of committed data gets ends now. */
export function endOf({ high, stable }: FetchedPartition): number {
  return stable < 0 ? high : Math.min(high, stable)
}

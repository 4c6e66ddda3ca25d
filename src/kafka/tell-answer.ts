import { setImmediate } from 'node:timers/promises'
import type { ReadStretch } from '../checkpoint/log.ts'
import type { FetchedPartition } from './fetch-response.ts'
import type { Position, Positions } from './positions.ts'
import { uncountedBatches, type BatchHeader } from './record-batch.ts'
import { BatchRecords } from './record-cursor.ts'

/** Told at once, at most, by batches as they were fetched: what else runs in this process has its turn in between. */
const PIECE_BYTES = 512 * 1024

/** What came of a partition, and its whole batches. */
export interface PartitionAnswer {
  fetched: FetchedPartition
  batches: BatchHeader[]
}

export interface Teller {
  /** Told what stands from the position on, which is moved on when it resolves. Its leader's other partitions wait meanwhile. */
  take: (stretch: ReadStretch, position: Position) => void | Promise<void>
  /** Told what keeps a partition from being read on. Gives for how many milliseconds to let it rest, or throws to end the reading of all. */
  onFault: (error: unknown, position: Position) => number
  positions: Positions
  /** Aborts when nothing more may be told. */
  closed: AbortSignal
}

/**
 * Tells what came, piece by piece, and moves the position on; at least one stretch, so that the taker knows where the end is. Nothing of a
 * position that counts no more.
 */
export async function tellAnswer(position: Position, { fetched, batches }: PartitionAnswer, teller: Teller): Promise<void> {
  const skipped = uncountedBatches(batches, fetched.aborted)
  let piece: BatchHeader[] = []
  let start = batches[0]?.start ?? 0
  for (const [index, batch] of batches.entries()) {
    if (!skipped.has(batch)) piece.push(batch)
    const after = batches[index + 1]
    if (after !== undefined && after.end - start <= PIECE_BYTES) continue
    await tell(position, stretchOf(position, fetched, { batches: piece, next: batch.next }), teller)
    piece = []
    start = batch.end
  }
  if (batches.length === 0) await tell(position, stretchOf(position, fetched, { batches, next: position.next }), teller)
}

function stretchOf(
  { partition, next: from, end }: Position, fetched: FetchedPartition, { batches, next }: { batches: readonly BatchHeader[]; next: number },
): ReadStretch {
  const records = new BatchRecords({ set: fetched.records, batches, from, end })
  return { partition, records, next: Math.min(next, end), high: endOf(fetched), low: fetched.low }
}

async function tell(position: Position, stretch: ReadStretch, { take, onFault, positions, closed }: Teller): Promise<void> {
  closed.throwIfAborted()
  if (!positions.has(position)) return
  try {
    await take(stretch, position)
  } catch (error) {
    settleFault(position, error, { onFault, positions })
    return
  }
  position.next = stretch.next
  if (position.next >= position.end && positions.has(position)) positions.finish(position)
  if (stretch.records.count > 0) await setImmediate()
}

/** Lets a partition rest that cannot be read on, if that is still its position. */
export function settleFault(position: Position, error: unknown, { onFault, positions }: Pick<Teller, 'onFault' | 'positions'>): void {
  if (positions.has(position)) positions.rest(position, onFault(error, position))
}

/** Where what a reader of committed data gets ends now. */
export function endOf({ high, stable }: FetchedPartition): number {
  return stable < 0 ? high : Math.min(high, stable)
}

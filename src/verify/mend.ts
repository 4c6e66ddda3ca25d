import type { CheckpointCodec, Progress } from '../checkpoint/codec.ts'
import { checkpointKey } from '../checkpoint/keys.ts'
import type { NewRecord } from '../checkpoint/log.ts'
import { AS_OF_HEADER, EPOCH_HEADER, type ShardView } from '../checkpoint/shard-view.ts'
import type { AnyCell } from '../core/cells.ts'
import type { CellName } from '../core/changes.ts'
import { isPast } from '../core/retention.ts'
import { compareShard, isEqual, type Difference } from './compare.ts'
import { digestsOf } from './progress-check.ts'
import type { Reference } from './reference.ts'

/** The cells of one batch may take this many bytes: far below what the topic takes at once. */
const BATCH_BYTES = 4_194_304

export interface Mending {
  cells: AnyCell[]
  /** Cells that should not be. */
  removed: CellName[]
}

/**
 * What has to be written so that the shard, as the view has it now, is as it should be. The reference is as of the same progress. `found`:
 * what differed before the claim; where only a part of the input is retained, just that is mended.
 */
export function mendingOf(view: ShardView, { reference, found, codec }: { reference: Reference; found: readonly Difference[]; codec: CheckpointCodec }): Mending {
  const differing = reference.whole ? compareShard(view, reference, codec).differing : found.filter(({ mend }) => mend === 'fold_on')
  const mending: Mending = { cells: [], removed: [] }
  for (const { kind, key, mend } of differing) {
    const should: AnyCell | undefined = reference.state.cells[kind].get(key)
    const held: AnyCell | undefined = view.cells[kind].get(key)
    if (mend === 'remove') mending.removed.push({ kind, key })
    else if (should !== undefined && (held === undefined || !isEqual(held, should, codec))) mending.cells.push(should)
  }
  return mending
}

/**
 * The mending as record batches, nearly always one. The last ends with a progress that has the digests of the cells that are there then: with
 * it the repair is over, and the owner may claim anew.
 */
export function* mendingBatches(view: ShardView, progress: Progress, { mending, codec, epoch, streamTime, batchBytes = BATCH_BYTES }: BatchOptions): Generator<NewRecord[]> {
  const { shard } = view
  const digests = digestsOf(view, progress.streamTime)
  const forget = ({ kind, key }: CellName) => {
    const head = view.cells[kind].head(key)
    if (head !== undefined && !isPast(head.expiresAt, progress.streamTime) && view.cells[kind].get(key) !== undefined) digests[kind].remove(key, head.asOf)
  }
  let records: NewRecord[] = []
  let bytes = 0
  const add = (record: NewRecord) => {
    records.push(record)
    bytes += record.key.length + (record.value?.length ?? 0)
  }
  for (const name of mending.removed) {
    forget(name)
    add({ key: checkpointKey({ shard, ...name }), value: null, headers: { [EPOCH_HEADER]: String(epoch), [AS_OF_HEADER]: String(progress.asOf) } })
  }
  for (const cell of mending.cells) {
    forget(cell)
    digests[cell.kind].add(cell.key, cell.asOf)
    add({ key: checkpointKey({ shard, kind: cell.kind, key: cell.key }), value: codec.encodeCell(cell, epoch) })
    if (bytes <= batchBytes) continue
    yield records
    bytes = 0
    records = []
  }
  const written = Object.fromEntries(Object.entries(digests).map(([kind, digest]) => [kind, String(digest)]))
  const value = codec.encodeProgress({ ...progress, epoch, streamTime, digests: written })
  yield [...records, { key: checkpointKey({ shard, kind: 'progress', key: '' }), value }]
}

export interface BatchOptions {
  mending: Mending
  codec: CheckpointCodec
  /** The repair's claim. */
  epoch: number
  streamTime: number
  /** Cells that take more than this are parted. */
  batchBytes?: number
}

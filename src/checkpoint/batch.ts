import type { AnyCell, CellKind } from '../core/cells.ts'
import type { ShardState } from '../core/state.ts'
import { isCellKind, type CheckpointCodec, type Progress } from './codec.ts'
import { checkpointKey } from './keys.ts'
import type { NewRecord } from './log.ts'
import { AS_OF_HEADER, EPOCH_HEADER, type ShardView } from './shard-view.ts'

/** What was written again may take this many bytes of a batch; the rest waits for the next. */
const STALE_BYTES = 2_097_152

/** Where the fold stands, beside its state. */
export interface Standing {
  atEnd: number
  lastOffset: number
  lastAppendTime: number
  lastHash: string
  topicId: string
}

export interface BatchOptions {
  codec: CheckpointCodec
  /** The claim's offset. */
  epoch: number
  standing: Standing
}

/**
 * One checkpoint: all that has changed since the last one was taken, what the view asks to be written again, then progress. As one batch it
 * is appended whole or not at all, so that a reader between two batches sees the fold of just the first `progress` records.
 */
export function checkpointBatch(state: ShardState, view: ShardView, { codec, epoch, standing }: BatchOptions): NewRecord[] {
  const { shard } = view
  const { changed, removed } = state.changes.take()
  const headers = { [EPOCH_HEADER]: String(epoch), [AS_OF_HEADER]: String(state.next) }
  const record = (kind: string, key: string, cell: AnyCell | undefined): NewRecord => {
    const name = checkpointKey({ shard, kind, key })
    return cell === undefined ? { key: name, value: null, headers } : { key: name, value: codec.encodeCell(cell, epoch) }
  }
  const records = removed.map(({ kind, key }) => record(kind, key, undefined))
  for (const cell of changed) records.push(record(cell.kind, cell.key, cell))
  if (view.stale.size > 0) addStale(records, view, (kind, key) => record(kind, key, state.cells[kind].get(key)))
  const progress: Progress = {
    epoch, asOf: state.next, expiresAt: 0, streamTime: state.streamTime, ...standing,
    digests: Object.fromEntries(Object.entries(state.changes.digests).map(([kind, digest]) => [kind, String(digest)])),
  }
  records.push({ key: checkpointKey({ shard, kind: 'progress', key: '' }), value: codec.encodeProgress(progress) })
  return records
}

/** Rule 5, for what is not among the changes. Progress is in every checkpoint. */
function addStale(records: NewRecord[], { shard, stale }: ShardView, recordOf: (kind: CellKind, key: string) => NewRecord): void {
  const told = new Set(records.map(({ key }) => key))
  let bytes = 0
  for (const { kind, key } of stale.values()) {
    if (!isCellKind(kind) || told.has(checkpointKey({ shard, kind, key }))) continue
    const record = recordOf(kind, key)
    records.push(record)
    bytes += record.key.length + (record.value?.length ?? 0)
    if (bytes > STALE_BYTES) break
  }
}

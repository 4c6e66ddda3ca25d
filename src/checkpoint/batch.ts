import type { AnyCell } from '../core/cells.ts'
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
  const records = new Map<string, NewRecord>()
  const add = (record: NewRecord) => { records.set(record.key, record) }
  const cellRecord = (cell: AnyCell) =>
    ({ key: checkpointKey({ shard, kind: cell.kind, key: cell.key }), value: codec.encodeCell(cell, epoch) })
  const headers = { [EPOCH_HEADER]: String(epoch), [AS_OF_HEADER]: String(state.next) }
  const tombstone = (kind: string, key: string) =>
    ({ key: checkpointKey({ shard, kind, key }), value: null, headers })
  for (const { kind, key } of removed) add(tombstone(kind, key))
  for (const cell of changed) add(cellRecord(cell))
  let bytes = 0
  for (const { kind, key } of view.stale.values()) {
    if (!isCellKind(kind)) continue
    const cell: AnyCell | undefined = state.cells[kind].get(key)
    const record = cell === undefined ? tombstone(kind, key) : cellRecord(cell)
    add(record)
    bytes += record.key.length + (record.value?.length ?? 0)
    if (bytes > STALE_BYTES) break
  }
  const progress: Progress = {
    epoch, asOf: state.next, expiresAt: 0, streamTime: state.streamTime, ...standing,
    digests: Object.fromEntries(Object.entries(state.changes.digests).map(([kind, digest]) => [kind, String(digest)])),
  }
  add({ key: checkpointKey({ shard, kind: 'progress', key: '' }), value: codec.encodeProgress(progress) })
  return [...records.values()]
}

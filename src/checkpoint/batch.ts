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
  policy: string
  policySince: number
}

export interface BatchOptions {
  codec: CheckpointCodec
  /** The claim's offset. */
  epoch: number
  standing: Standing
}

/**
 * One checkpoint, record by record: all that has changed since the last one was taken, what the view asks to be written again, then progress.
 * As one batch it is appended whole or not at all, so that a reader between two batches sees the fold of just the first `progress` records.
 * The state must stay as it is until the last record is had.
 */
export function* checkpointBatch(state: ShardState, view: ShardView, { codec, epoch, standing }: BatchOptions): Generator<NewRecord> {
  const { shard } = view
  const { changed, removed } = state.changes.take()
  const headers = { [EPOCH_HEADER]: String(epoch), [AS_OF_HEADER]: String(state.next) }
  const progress: Progress = {
    epoch, asOf: state.next, expiresAt: 0, streamTime: state.streamTime, ...standing,
    digests: Object.fromEntries(Object.entries(state.changes.digests).map(([kind, digest]) => [kind, String(digest)])),
  }
  const told = new Set<string>()
  const record = (kind: string, key: string, cell: AnyCell | undefined): NewRecord => {
    const name = checkpointKey({ shard, kind, key })
    if (view.stale.size > 0) told.add(name)
    if (cell === undefined) return { key: name, value: null, headers }
    const value = codec.encodeCell(cell, epoch)
    cell.takenBytes = value.length
    return { key: name, value }
  }
  for (const { kind, key } of removed) yield record(kind, key, undefined)
  for (const cell of changed) yield record(cell.kind, cell.key, cell)
  let bytes = 0 // of what is written again by rule 5; progress is in every checkpoint
  for (const { kind, key } of view.stale.values()) {
    if (bytes > STALE_BYTES) break
    if (!isCellKind(kind) || told.has(checkpointKey({ shard, kind, key }))) continue
    const again = record(kind, key, state.cells[kind].get(key))
    bytes += again.key.length + (again.value?.length ?? 0)
    yield again
  }
  yield { key: checkpointKey({ shard, kind: 'progress', key: '' }), value: codec.encodeProgress(progress) }
}

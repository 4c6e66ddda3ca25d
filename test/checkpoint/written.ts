import { checkpointBatch, type Standing } from '../../src/checkpoint/batch.ts'
import { CheckpointCodec } from '../../src/checkpoint/codec.ts'
import { checkpointKey } from '../../src/checkpoint/keys.ts'
import type { KeyedRecord, NewRecord } from '../../src/checkpoint/log.ts'
import { AS_OF_HEADER, EPOCH_HEADER, type ShardView, type StandingClaim } from '../../src/checkpoint/shard-view.ts'
import { View } from '../../src/checkpoint/view.ts'
import type { AnyCell } from '../../src/core/cells.ts'
import type { ShardState } from '../../src/core/state.ts'
import { recordsOf } from '../support/records.ts'

export const SHARD = 'lookups-0'
const nowhere: Standing = { topicId: '', atEnd: 0, lastOffset: -1, lastAppendTime: 0, lastHash: '', policy: '', policySince: 0 }

/** A checkpoint log that is read as it is written. */
export class Written {
  readonly codec = new CheckpointCodec()
  readonly claims: StandingClaim[] = []
  readonly unreadable: string[] = []
  readonly view = new View({
    codec: this.codec,
    onClaim: (_, claim) => { this.claims.push(claim) },
    onUnreadable: ({ offset, reason }) => { this.unreadable.push(`${offset}: ${reason}`) },
  })
  next = 0

  get shard(): ShardView {
    return this.view.shard(SHARD)
  }

  /** Appends records; gives the offset of the last. */
  append(...records: NewRecord[]): number {
    this.view.apply({ partition: 0, records: recordsOf(records.map(record => this.kept(record))) })
    return this.next - 1
  }

  /** A record as the log keeps it. */
  kept({ key, value, headers = {} }: NewRecord): KeyedRecord {
    const named = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const)
    return { offset: this.next++, appendTime: 0, key: Buffer.from(key), value, headers: named }
  }

  claim(): number {
    const value = this.codec.encodeClaim({ owner: 'us', nonce: `nonce ${this.next}`, claimedAt: 0, purpose: 'serve', holdMillis: 0 })
    return this.append({ key: checkpointKey({ shard: SHARD, kind: 'claim', key: '' }), value })
  }

  cell(cell: AnyCell, epoch: number): NewRecord {
    return { key: checkpointKey({ shard: SHARD, kind: cell.kind, key: cell.key }), value: this.codec.encodeCell(cell, epoch) }
  }

  /** It is newer than any cell. */
  tombstone({ kind, key }: Pick<AnyCell, 'kind' | 'key'>, epoch: number): NewRecord {
    const headers = { [EPOCH_HEADER]: String(epoch), [AS_OF_HEADER]: String(Number.MAX_SAFE_INTEGER) }
    return { key: checkpointKey({ shard: SHARD, kind, key }), value: null, headers }
  }

  /** A checkpoint of what has changed. */
  checkpoint(state: ShardState, epoch: number, standing: Partial<Standing> = {}): NewRecord[] {
    return [...checkpointBatch(state, this.shard, { codec: this.codec, epoch, standing: { ...nowhere, ...standing } })]
  }
}

/** A cell as a reader of checkpoints has it: without what is its holder's own. */
export function asRead({ changed: _changed, takenAsOf: _takenAsOf, takenBytes: _takenBytes, detached: _detached, ...cell }: AnyCell): object {
  return cell
}

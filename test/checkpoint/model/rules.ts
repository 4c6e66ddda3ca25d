import { isCellKind, type CheckpointCodec, type Head } from '../../../src/checkpoint/codec.ts'
import type { CheckpointName } from '../../../src/checkpoint/keys.ts'
import type { KeyedRecord } from '../../../src/checkpoint/log.ts'
import { ShardView, type ShardViewOptions } from '../../../src/checkpoint/shard-view.ts'
import { headOf } from '../heads.ts'

/** Whoever writes after a later claim is believed. */
export class Unfenced extends ShardView {
  override isFenced(): boolean {
    return false
  }

  override isOlder({ asOf }: Head, held: Head | null | undefined): boolean {
    return held !== null && held !== undefined && asOf < held.asOf
  }
}

/** The last record wins. */
export class LastWins extends ShardView {
  override isOlder(): boolean {
    return false
  }
}

/** What lost is forgotten. */
export class NeverStale extends ShardView {
  override noteStale(): void {}
}

/** What lost is forgotten if it was a progress. */
export class CellsStale extends ShardView {
  override noteStale(name: CheckpointName): void {
    if (name.kind !== 'progress') super.noteStale(name)
  }
}

/** What is gone is forgotten at once. */
export class NoGraves extends ShardView {
  override apply(name: CheckpointName, record: KeyedRecord): void {
    super.apply(name, record)
    if (isCellKind(name.kind)) this.cells[name.kind].graveyard.forget(name.key)
  }
}

/** A cell is there until a tombstone says that it is not. */
export class TombstonesOnly extends ShardView {
  readonly #codec: CheckpointCodec

  constructor(shard: string, options: ShardViewOptions) {
    super(shard, options)
    this.#codec = options.codec
  }

  override apply(name: CheckpointName, record: KeyedRecord): void {
    super.apply(name, isCellKind(name.kind) && record.value !== null ? { ...record, value: this.#forever(name, record.value) } : record)
  }

  #forever({ kind, key }: CheckpointName, value: Buffer): Buffer {
    if (!isCellKind(kind)) return value
    const cell = this.#codec.decodeCell(kind, key, value)
    cell.expiresAt = 0
    return this.#codec.encodeCell(cell, headOf(value).epoch)
  }
}

import { Rejection } from '../contract/bounds.ts'
import type { Decoder } from '../contract/codec.ts'
import type { EventKind } from '../contract/events.ts'
import type { Standing } from '../checkpoint/batch.ts'
import type { Progress } from '../checkpoint/codec.ts'
import { hashOf } from '../core/digest.ts'
import { fold, setAside } from '../core/fold.ts'
import type { ShardState } from '../core/state.ts'
import type { LogBounds, LogRecord, Partition, RecordBatch } from './records.ts'
import type { Telemetry } from './telemetry.ts'

/** Our clock may run ahead of the broker's by this much, in milliseconds, before a lease is seen to end that is about to be renewed. */
const CLOCK_TOLERANCE_MS = 1_000

export interface OwnedShardOptions<K extends EventKind> extends Partition {
  state: ShardState
  /** The progress that the state is of; null: it begins anew. */
  progress: Progress | null
  decoder: Decoder<K>
  telemetry: Telemetry
  /** Kafka's id of the topic; empty: not known. */
  topicId: string
}

/** The fold of one partition that this replica owns: decodes and folds what is read of it. */
export class OwnedShard<K extends EventKind = EventKind> {
  readonly state: ShardState
  readonly #options: OwnedShardOptions<K>
  #atEnd: number
  #last: Pick<Standing, 'lastOffset' | 'lastAppendTime' | 'lastHash'>
  /** The last record folded, not hashed yet. */
  #lastRecord: LogRecord | null = null

  constructor(options: OwnedShardOptions<K>) {
    const { state, progress } = options
    this.state = state
    this.#options = options
    this.#atEnd = progress?.atEnd ?? 0
    this.#last = {
      lastOffset: progress?.lastOffset ?? -1, lastAppendTime: progress?.lastAppendTime ?? 0, lastHash: progress?.lastHash ?? '',
    }
  }

  get standing(): Standing {
    if (this.#lastRecord !== null) {
      const { offset, appendTime, value } = this.#lastRecord
      this.#last = { lastOffset: offset, lastAppendTime: appendTime, lastHash: hashOf(value ?? new Uint8Array()) }
      this.#lastRecord = null
    }
    return { atEnd: this.#atEnd, topicId: this.#options.topicId, ...this.#last }
  }

  /** Folds records until `isFull`; returns how many it has taken. What lies below the next offset is ignored. */
  take(records: readonly LogRecord[], isFull: () => boolean): number {
    for (const [index, record] of records.entries()) {
      if (record.offset < this.state.next) continue
      this.#take(record)
      if (isFull()) return index + 1
    }
    return records.length
  }

  /** Moves on to where the next stretch begins. */
  moveTo(next: RecordBatch['next']): void {
    this.state.next = Math.max(this.state.next, next)
  }

  /** Notes the log's bounds as they were answered to a question sent at `askedAt` (milliseconds since the epoch). Returns the lag. */
  noteBounds({ high }: LogBounds, askedAt: number): number {
    const lag = Math.max(0, high - this.state.next)
    if (lag === 0) this.#atEnd = Math.max(this.#atEnd, askedAt - CLOCK_TOLERANCE_MS)
    return lag
  }

  /** Whether the log is another topic's than the one that has been folded, as far as Kafka tells them apart. */
  isOtherTopic({ topicId = '' }: LogBounds): boolean {
    return topicId !== '' && this.#options.topicId !== '' && topicId !== this.#options.topicId
  }

  /** What the log no longer holds can only be passed over. Returns how many offsets that are. */
  skipTo(low: number): number {
    const lost = Math.max(0, low - this.state.next)
    this.state.next += lost
    return lost
  }

  #take(record: LogRecord): void {
    const { decoder, telemetry, topic } = this.#options
    const event = decoder.decode(record.value)
    if (event instanceof Rejection) {
      telemetry.rejected(topic, event.reason)
      setAside(this.state, event, record)
    } else {
      fold(this.state, { kind: decoder.kind, event }, record)
    }
    this.#lastRecord = record
  }
}

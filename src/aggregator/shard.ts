import { Rejection } from '../contract/bounds.ts'
import type { Decoder } from '../contract/codec.ts'
import type { EventKind } from '../contract/events.ts'
import { fold, pass } from '../core/fold.ts'
import { emptyState, type ShardState } from '../core/state.ts'
import type { VisibleShard } from '../views/shard.ts'
import type { LogBounds, LogRecord, Partition, RecordBatch } from './records.ts'
import type { Telemetry } from './telemetry.ts'

/** Our clock may run ahead of the broker's by this much, in milliseconds, before a lease is seen to end that is about to be renewed. */
const CLOCK_TOLERANCE_MS = 1_000

export type Taken = 'folded' | 'gap'

/** One input partition that this replica owns: decodes and folds what is read of it. */
export class Shard<K extends EventKind = EventKind> implements VisibleShard, Partition {
  readonly topic: string
  readonly partition: number
  readonly shard: string
  readonly state: ShardState
  atEnd = 0
  readonly #decoder: Decoder<K>
  readonly #telemetry: Telemetry
  /** The log's end when the partition was last given to us: below it our numbers are still on their way to what others have shown. */
  #target: number
  readonly #begin: number

  constructor(bounds: LogBounds, { name, decoder, telemetry }: { name: string; decoder: Decoder<K>; telemetry: Telemetry }) {
    this.topic = bounds.topic
    this.partition = bounds.partition
    this.shard = `${name}-${bounds.partition}`
    this.state = emptyState(bounds.low)
    this.#begin = bounds.low
    this.#target = bounds.high
    this.#decoder = decoder
    this.#telemetry = telemetry
  }

  /** Given to us again: another owner may have shown all up to where the log ends now. */
  keep({ high }: LogBounds): void {
    this.#target = Math.max(this.#target, high)
  }

  get caughtUp(): boolean {
    return this.state.next >= this.#target
  }

  /** How much is read of what there was when the partition was given to us: `37 %`. */
  get progress(): string {
    const share = (this.state.next - this.#begin) / Math.max(1, this.#target - this.#begin)
    return `${Math.floor(100 * Math.min(1, share))} %`
  }

  /** Folds a batch; `gap` if it was fetched from beyond what is folded so far, and then folds nothing. */
  take({ fetchedOffset, next, records }: Omit<RecordBatch, keyof Partition>): Taken {
    if (fetchedOffset > this.state.next) return 'gap'
    for (const record of records) if (record.offset >= this.state.next) this.#take(record)
    this.state.next = Math.max(this.state.next, next)
    return 'folded'
  }

  /** Notes the log's bounds as they were answered to a question sent at `askedAt` (milliseconds since the epoch). Returns the lag. */
  noteBounds({ high }: LogBounds, askedAt: number): number {
    const lag = Math.max(0, high - this.state.next)
    if (lag === 0) this.atEnd = Math.max(this.atEnd, askedAt - CLOCK_TOLERANCE_MS)
    return lag
  }

  /** What the log no longer holds can only be passed over. Returns how many offsets that are. */
  skipTo(low: number): number {
    const lost = Math.max(0, low - this.state.next)
    this.state.next += lost
    return lost
  }

  #take({ value, offset, appendTime }: LogRecord): void {
    const event = this.#decoder.decode(value)
    if (event instanceof Rejection) {
      this.#telemetry.rejected(this.topic, event.reason)
      pass(this.state, { offset, appendTime })
    } else {
      fold(this.state, { kind: this.#decoder.kind, event }, { offset, appendTime })
    }
  }
}

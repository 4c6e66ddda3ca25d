import { Rejection } from '../contract/bounds.ts'
import { confluentSchemaId, type Decoder } from '../contract/codec.ts'
import type { EventKind } from '../contract/events.ts'
import type { PlainLookup } from '../contract/plain-lookup.ts'
import type { Standing } from '../checkpoint/batch.ts'
import type { Progress } from '../checkpoint/codec.ts'
import { UnreadableBatch, type RecordCursor } from '../checkpoint/log.ts'
import { hashOf } from '../core/digest.ts'
import { fold, foldPlainLookup, setAside } from '../core/fold.ts'
import { letGo, type ShardState } from '../core/state.ts'
import { isReplay, LetterBox } from './dead-letters.ts'
import type { LogBounds, Partition, RecordBatch } from './records.ts'
import type { SchemaSource } from './tenure-parts.ts'
import type { Folded, Telemetry } from './telemetry.ts'

/** Our clock may run ahead of the broker's by this much, in milliseconds, before a lease is seen to end that is about to be renewed. */
const CLOCK_TOLERANCE_MS = 1_000

/** Records that are folded before it is asked whether others should have their turn: a millisecond, if all cells are new. */
const AT_ONCE = 64
/** Cells of a kind that are looked at after a checkpoint, whether they are still in use: some milliseconds. */
const LOOKED_AT = 8_192

/**
 * Why a shard stops: `full`, what has changed fills a checkpoint; `turn`, others should have theirs; or the next record's schema has to be
 * had first.
 */
export type Stop = 'end' | 'full' | 'turn' | { schemaId: number }

export interface OwnedShardOptions extends Partition {
  state: ShardState
  /** The progress that the state is of; null: it begins anew. */
  progress: Progress | null
  decoder: Decoder<EventKind>
  /** What reads most records of the kind by itself, if something does. */
  plain: PlainLookup | null
  schemas: SchemaSource
  telemetry: Telemetry
  /** Dead letters a second that are stored in the long run. */
  deadLetterRate: number
  /** Kafka's id of the topic; empty: not known. */
  topicId: string
  /** The policy's fingerprint. */
  fingerprint?: string | undefined
}

/** The fold of one partition that this replica owns: decodes and folds what is read of it. */
export class OwnedShard {
  readonly state: ShardState
  readonly letters: LetterBox
  readonly #options: OwnedShardOptions
  #atEnd: number
  #folded = { records: 0, bytes: 0 }
  readonly #last: Pick<Standing, 'lastOffset' | 'lastAppendTime' | 'lastHash'>
  readonly #policy: Pick<Standing, 'policy' | 'policySince'>
  /** Where the last record's value is, if it was folded here and is not hashed yet. */
  #lastBytes: Buffer | null = null
  #lastStart = 0
  #lastEnd = 0
  /** The record that it stands on waits for its schema. */
  #unfolded: RecordCursor | null = null

  constructor(options: OwnedShardOptions) {
    const { state, progress, fingerprint = '' } = options
    this.state = state
    const isSame = progress === null || progress.policy === fingerprint
    this.#policy = { policy: fingerprint, policySince: isSame ? progress?.policySince ?? 0 : state.next }
    this.#options = options
    this.letters = new LetterBox(options, options.deadLetterRate, options.telemetry)
    this.#atEnd = progress?.atEnd ?? 0
    this.#last = {
      lastOffset: progress?.lastOffset ?? -1, lastAppendTime: progress?.lastAppendTime ?? 0, lastHash: progress?.lastHash ?? '',
    }
  }

  get standing(): Standing {
    if (this.#lastBytes !== null) {
      this.#last.lastHash = hashOf(this.#lastBytes.subarray(this.#lastStart, this.#lastEnd))
      this.#lastBytes = null
    }
    return { atEnd: this.#atEnd, topicId: this.#options.topicId, ...this.#policy, ...this.#last }
  }

  /** Folds what comes, until there is a reason to stop; called again, it goes on. What lies below the next offset is ignored. */
  take(cursor: RecordCursor, isFull: () => boolean): Stop {
    try {
      return this.#take(cursor, isFull)
    } catch (error) {
      if (!(error instanceof UnreadableBatch)) throw error
      this.#setAside(error)
      return isFull() ? 'full' : 'turn'
    }
  }

  #take(cursor: RecordCursor, isFull: () => boolean): Stop {
    for (let left = AT_ONCE; left > 0; left--) {
      if (this.#unfolded !== cursor && !cursor.advance()) return 'end'
      this.#unfolded = null
      const missing = cursor.offset < this.state.next ? null : this.#fold(cursor)
      if (missing !== null) {
        this.#unfolded = cursor
        return { schemaId: missing }
      }
      if (isFull()) return 'full'
    }
    return 'turn'
  }

  /** Lets go of what is not in use. Called now and then. `now`: milliseconds, monotonic. */
  tidy(now: number): void {
    letGo(this.state, LOOKED_AT, now)
  }

  /** How many records were folded since it was last asked, the bytes of their values, and how many agents were forgotten over them. */
  takeFolded(): Folded {
    const folded = { ...this.#folded, forgottenAgents: this.state.forgottenAgents }
    this.state.forgottenAgents = 0
    this.#folded = { records: 0, bytes: 0 }
    return folded
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

  /** The id of the schema that has to be had before; otherwise null. */
  #fold(cursor: RecordCursor): number | null {
    const { bytes, valueStart, valueEnd } = cursor
    const { plain } = this.#options
    if (valueStart >= 0 && plain?.read(bytes, valueStart, valueEnd) === true && !isReplay(cursor)) {
      foldPlainLookup(this.state, plain, cursor)
    } else {
      const missing = this.#foldDecoded(valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd), cursor)
      if (missing !== null) return missing
    }
    this.#folded.records++
    this.#folded.bytes += valueEnd - valueStart
    this.#noteLast(cursor)
    return null
  }

  #foldDecoded(value: Buffer | null, cursor: RecordCursor): number | null {
    const { decoder, schemas, telemetry, topic } = this.#options
    const schemaId = confluentSchemaId(value)
    if (schemaId !== null && !schemas.isSettled(schemaId)) return schemaId
    const event = decoder.decode(value)
    if (event instanceof Rejection) {
      telemetry.rejected(topic, event.reason)
      this.letters.put(event, cursor)
      setAside(this.state, event, cursor)
    } else {
      // a replay follows records with higher numbers, and is no repetition of them
      fold(this.state, { kind: decoder.kind, event: isReplay(cursor) ? { ...event, sequence: 0 } : event }, cursor)
    }
    return null
  }

  /** The records that it holds for certain are counted like others that are no events; as a letter it is one, and no record to come back to. */
  #setAside(batch: UnreadableBatch): void {
    const { code: reason, next, appendTime } = batch
    const offset = Math.max(batch.offset, this.state.next)
    const records = batch.countFrom(offset)
    if (records === 0) return
    this.#options.telemetry.rejected(this.#options.topic, reason, records)
    this.letters.putBatch(batch, { offset, records })
    setAside(this.state, { reason, agentId: '', weight: records }, { offset: next - 1, appendTime })
    this.#folded.records += records
  }

  /** Its value is hashed when that is asked for. */
  #noteLast({ offset, appendTime, bytes, valueStart, valueEnd }: RecordCursor): void {
    const last = this.#last
    last.lastOffset = offset
    last.lastAppendTime = appendTime
    this.#lastBytes = bytes
    this.#lastStart = Math.max(0, valueStart)
    this.#lastEnd = Math.max(0, valueEnd)
  }
}

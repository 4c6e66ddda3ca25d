import { Rejection } from '../contract/bounds.ts'
import type { Decoder } from '../contract/codec.ts'
import { isReplayed, type RecordHeaders } from '../contract/dead-letters.ts'
import type { DiscoveryEvent, EventKind } from '../contract/events.ts'
import { UnreadableBatch } from '../checkpoint/log.ts'
import type { Budgets } from '../core/budgets.ts'
import type { AnyCell } from '../core/cells.ts'
import { hashOf } from '../core/digest.ts'
import { fold, setAside } from '../core/fold.ts'
import { keyOf } from '../core/names.ts'
import type { Naming } from '../core/naming.ts'
import { defaultRetention, type Retention } from '../core/retention.ts'
import { emptyState, restoreCell, schedule, type ShardState } from '../core/state.ts'

/** What is sent again arrives again within this, in milliseconds: agents give up long before. */
export const REPETITION_MS = 600_000

/** One input record. `appendTime`: milliseconds since the epoch, by the broker. */
export interface InputRecord {
  offset: number
  appendTime: number
  value: Buffer | null
  headers?: RecordHeaders
}

export interface ReferenceOptions {
  /** The earliest offset that the input holds. */
  low: number
  decoder: Decoder<EventKind>
  retention?: Retention
  /** Under which names the checkpoints were folded. */
  naming?: Naming | undefined
  /** Within which budgets; none unless given. */
  budgets?: Budgets | undefined
  /** Cells as a checkpoint has them: each takes the place of the fold's own where the input comes to its `asOf`, and is folded on. */
  seeds?: readonly AnyCell[]
}

/**
 * What the retained input comes to by the real fold, from an empty state: what the checkpoints are held against.
 *
 * Where the beginning of the input is deleted, a numbered event soon after it may repeat one that is gone, and cannot be told from news.
 * So what was folded until no repetition can come any more only teaches it the agents' numbers, and is not counted.
 */
export class Reference {
  /** All of the input is there: the cells are what they should be. Otherwise they are what was counted from `from` on. */
  readonly whole: boolean
  /** The earliest offset that the input holds. */
  readonly low: number
  /** Input offset from which on all is counted. */
  from: number
  state: ShardState
  readonly #decoder: Decoder<EventKind>
  readonly #seeds: AnyCell[]
  /** Append time up to which repetitions may come; null until the first record. */
  #unsureUntil: number | null = null
  #sawNumbered = false
  /** Services, by the key of their names, of which a record had a revision. */
  readonly #revised = new Set<string>()
  #isSure: boolean
  #last: InputRecord | null = null

  constructor({ low, decoder, retention = defaultRetention, naming, budgets, seeds = [] }: ReferenceOptions) {
    this.whole = low === 0
    this.low = low
    this.from = low
    this.#isSure = this.whole
    this.state = emptyState(low, retention, { naming, budgets })
    this.#decoder = decoder
    this.#seeds = seeds.toSorted((one, other) => one.asOf - other.asOf)
  }

  /** The last record folded: its offset, append time, and the hash of its value; null for none. */
  get last(): { offset: number; appendTime: number; hash: string } | null {
    if (this.#last === null) return null
    const { offset, appendTime, value } = this.#last
    return { offset, appendTime, hash: hashOf(value ?? new Uint8Array()) }
  }

  /**
   * Whether it may change what the fold of all would not: a state that is not newer than one from before the retained input is news to it, so
   * what adds up the states of such a service is no proof.
   */
  mayBeMisledOf(cell: AnyCell): boolean {
    return !this.whole && (cell.kind === 'registrations' || cell.kind === 'version') && this.#revised.has(keyOf(cell.namespace, cell.service))
  }

  /** Folds records in their order. What was folded already is ignored. */
  take(records: Iterable<InputRecord | UnreadableBatch>, next: number): void {
    for (const record of records) {
      if (record instanceof UnreadableBatch) this.#pass(record)
      else if (record.offset >= this.state.next) this.#fold(record)
    }
    this.state.next = Math.max(this.state.next, next)
  }

  /** All that there is has been folded. */
  finish(): void {
    if (!this.#isSure) this.#settle(this.state.next)
    this.#seed(this.state.next)
  }

  #pass(batch: UnreadableBatch): void {
    const { code: reason, appendTime, next } = batch
    const weight = batch.countFrom(this.state.next)
    if (weight === 0) return
    this.#begin({ offset: this.state.next, appendTime })
    setAside(this.state, { reason, agentId: '', weight }, { offset: next - 1, appendTime })
  }

  #begin({ offset, appendTime }: Pick<InputRecord, 'offset' | 'appendTime'>): void {
    this.#unsureUntil ??= appendTime + REPETITION_MS
    if (!this.#isSure && appendTime > this.#unsureUntil) this.#settle(offset)
    this.#seed(offset)
  }

  #fold(record: InputRecord): void {
    this.#begin(record)
    const event = this.#decoder.decode(record.value)
    if (event instanceof Rejection) setAside(this.state, event, record)
    else {
      const told = isReplayed(record.headers ?? []) ? { ...event, sequence: 0 } : event
      fold(this.state, { kind: this.#decoder.kind, event: told }, record)
      this.#note(told)
    }
    this.#last = record
  }

  #note(event: DiscoveryEvent): void {
    if (event.sequence > 0) this.#sawNumbered = true
    const { naming } = this.state
    if ('revision' in event && event.revision > 0) this.#revised.add(keyOf(naming.namespace(event.namespace), naming.service(event.service)))
  }

  #settle(offset: number): void {
    this.#isSure = true
    if (!this.#sawNumbered) return
    const { streamTime, cells, retention, naming, room: { budgets } } = this.state
    this.state = emptyState(offset, retention, { naming, budgets })
    this.state.streamTime = streamTime
    for (const cell of [...cells.agent.values(), ...cells.sequences.values()]) restoreCell(this.state, cell)
    this.from = offset
  }

  /** Puts in place what is as of that offset, or before. */
  #seed(offset: number): void {
    for (let [seed] = this.#seeds; seed !== undefined && seed.asOf <= offset; [seed] = this.#seeds) {
      this.#seeds.shift()
      const { state } = this
      const held: AnyCell | undefined = state.cells[seed.kind].get(seed.key)
      if (held === undefined) {
        restoreCell(state, seed)
        continue
      }
      // In place: the queue of what is due holds the object.
      Object.assign(held, seed, { changed: held.changed, takenAsOf: held.takenAsOf, detached: held.detached })
      schedule(state, held)
    }
  }
}

import type { CellKind, CellOf } from '../core/cells.ts'
import { Digest, type KeyHash } from '../core/digest.ts'
import { isPast } from '../core/retention.ts'
import type { ReadableCells } from '../views/shard.ts'
import type { CheckpointCodec, Head } from './codec.ts'
import { CellReader } from './cell-reader.ts'
import { DueTimes } from './due-times.ts'
import { Graveyard } from './graveyard.ts'
import { KeyedBytes, type ValueAt } from './keyed-bytes.ts'
import { NumberedEntries } from './numbered-entries.ts'

export interface HeldCellsOptions {
  codec: CheckpointCodec
  /** Of the shard's progress, in milliseconds since the epoch. */
  streamTime: () => number
  /** Told once of each cell that is not shown, since it cannot be read. */
  onDamaged: (key: string) => void
}

/**
 * The cells of one kind that the log holds for a shard, as their bytes: each is decoded whenever it is asked for. To those who read them,
 * what has expired does not exist (rule 6): its tombstone may still come, or a late record may have brought it back, and the fold is done
 * with it. An entry, by its number, is a cell as the log has it, expired or not.
 */
export class HeldCells<K extends CellKind> implements ReadableCells<CellOf[K]> {
  readonly kind: K
  readonly areCopies = true
  /** Of cells that were alive, and so did not expire. */
  readonly graveyard = new Graveyard()
  readonly #streamTime: () => number
  readonly #reader: CellReader<K>
  readonly #held = new KeyedBytes()
  readonly #digest = new Digest()
  /** How many of them expire, some day or long ago. */
  #mortal = 0
  readonly #due: DueTimes
  readonly numbered: NumberedEntries

  constructor(kind: K, { codec, streamTime, onDamaged }: HeldCellsOptions) {
    this.kind = kind
    this.#streamTime = streamTime
    this.#reader = new CellReader(kind, this.#held, { codec, onDamaged })
    this.#due = new DueTimes(kind, codec, this.#held)
    this.numbered = new NumberedEntries(codec, this.#held)
  }

  get size(): number {
    return this.#held.size
  }

  /** Whether any cell expires. */
  get hasMortal(): boolean {
    return this.#mortal > 0
  }

  /** The entry of a key; -1: none. */
  find(key: KeyHash): number {
    return this.#held.find(key)
  }

  /** Reads what an entry's value begins with. */
  headOf(entry: number, into: Head): Head {
    into.epoch = this.#held.epoch(entry)
    into.asOf = this.#held.asOf(entry)
    into.expiresAt = this.#held.expiresAt(entry)
    return into
  }

  /** Holds a newer value; `entry`: what `find` answers for its key. */
  put(entry: number, value: ValueAt, { key, head }: { key: KeyHash; head: Head }): void {
    const held = entry < 0 ? this.#held.add(key, value, head) : entry
    if (entry >= 0) {
      this.#forget(entry)
      this.#held.set(entry, value, head)
    }
    this.#note(held, head)
    this.#due.forget(held)
  }

  remove(entry: number): void {
    this.#forget(entry)
    this.#held.delete(entry)
  }

  head(key: string): Head | undefined {
    const entry = this.#held.findText(key)
    return entry < 0 ? undefined : this.#headAt(entry)
  }

  get(key: string): CellOf[K] | undefined {
    const entry = this.#held.findText(key)
    return entry < 0 ? undefined : this.#reader.shown(entry, this.#streamTime()) ?? undefined
  }

  *values(): Generator<CellOf[K]> {
    const streamTime = this.#streamTime()
    for (const entry of this.#held.entries()) {
      const cell = this.#reader.shown(entry, streamTime)
      if (cell !== null) yield cell
    }
  }

  /** The values one after the other, nearly all in the same cell; null in place of one that is not wanted by its names, or not shown. */
  *passing(isWanted: (names: CellOf[K]) => boolean): Generator<CellOf[K] | null> {
    const streamTime = this.#streamTime()
    for (const entry of this.#held.entries()) yield this.#reader.passed(entry, streamTime, isWanted)
  }

  /** Those to which something should have happened by then: a lease ran out, an agent fell silent, the cell expired. */
  *overdue(time: number): Generator<CellOf[K]> {
    const streamTime = this.#streamTime()
    for (const entry of this.#held.entries()) {
      const cell = isPast(this.#due.of(entry), time) ? this.#reader.shown(entry, streamTime) : null
      if (cell !== null) yield cell
    }
  }

  /** The keys of all that is held, with what their values begin with. */
  *entries(): Generator<[key: string, head: Head]> {
    for (const entry of this.#held.entries()) yield [this.#held.key(entry), this.#headAt(entry)]
  }

  /** Leases that will run out and agents that will fall silent, of those that have not expired: when, in milliseconds since the epoch. */
  *deadlines(): Generator<{ key: string; due: number }> {
    if (!this.#due.areDeadlines) return
    const streamTime = this.#streamTime()
    for (const entry of this.#held.entries()) {
      const due = isPast(this.#held.expiresAt(entry), streamTime) ? 0 : this.#due.of(entry)
      if (due > 0) yield { key: this.#held.key(entry), due }
    }
  }

  /** A copy of a cell, to be changed, expired or not; null for one that is damaged, undefined for one that is not held. */
  copy(key: string): CellOf[K] | null | undefined {
    const entry = this.#held.findText(key)
    return entry < 0 ? undefined : this.copyAt(entry)
  }

  /** A copy of an entry's cell, to be changed; null for one that is damaged. */
  copyAt(entry: number): CellOf[K] | null {
    return this.#reader.copy(entry)
  }

  /** Visits those whose time has passed at `time`, and had not at `since`. Returns when the next one's does; Infinity: none. */
  eachExpired({ since, time }: { since: number; time: number }, visit: (name: { key: string; asOf: number }, entry: number) => void): number {
    let next = Infinity
    if (!this.hasMortal) return next
    for (let entry = 0; entry < this.#held.end; entry++) {
      const expiresAt = this.#held.has(entry) ? this.#held.expiresAt(entry) : 0
      if (expiresAt >= time) next = Math.min(next, expiresAt)
      else if (expiresAt > 0 && expiresAt >= since) visit({ key: this.#held.key(entry), asOf: this.#held.asOf(entry) }, entry)
    }
    return next
  }

  /** A copy of each cell, to be changed, expired ones included; null for one that is damaged. */
  *copies(): Generator<{ key: string; head: Head; cell: CellOf[K] | null }> {
    for (const entry of this.#held.entries()) {
      yield { key: this.#held.key(entry), head: this.#headAt(entry), cell: this.copyAt(entry) }
    }
  }

  /** Over all that has not expired by then, what is damaged included. */
  digestAt(streamTime: number): Digest {
    const digest = new Digest()
    digest.addAll(this.#digest)
    if (!this.hasMortal) return digest
    for (const entry of this.#held.entries()) {
      if (isPast(this.#held.expiresAt(entry), streamTime)) digest.removeHashed(this.#held.hashOf(entry), this.#held.asOf(entry))
    }
    return digest
  }

  #note(entry: number, { asOf, expiresAt }: Head): void {
    this.#digest.addHashed(this.#held.hashOf(entry), asOf)
    if (expiresAt > 0) this.#mortal++
  }

  #forget(entry: number): void {
    this.#digest.removeHashed(this.#held.hashOf(entry), this.#held.asOf(entry))
    if (this.#held.expiresAt(entry) > 0) this.#mortal--
  }

  #headAt(entry: number): Head {
    return this.headOf(entry, { epoch: 0, asOf: 0, expiresAt: 0 })
  }
}

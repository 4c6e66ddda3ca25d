import type { CellKind } from '../core/cells.ts'
import type { CheckpointCodec } from './codec.ts'
import type { KeyedBytes } from './keyed-bytes.ts'

/** What is damaged is looked at as soon as may be, and told then. */
const DAMAGED_DUE = 1

/** When something happens by itself to the cells of a kind, by their entries: read from their values when it is first asked for. */
export class DueTimes {
  /** Whether more can happen to them than that they expire. */
  readonly areDeadlines: boolean
  readonly #codec: CheckpointCodec
  readonly #held: KeyedBytes
  readonly #kind: 'instance' | 'agent'
  /** NaN: not known; most values are replaced before anybody asks. */
  readonly #known: number[] = []

  constructor(kind: CellKind, codec: CheckpointCodec, held: KeyedBytes) {
    this.areDeadlines = kind === 'instance' || kind === 'agent'
    this.#kind = kind === 'instance' ? kind : 'agent'
    this.#codec = codec
    this.#held = held
  }

  /** The entry has another value. */
  forget(entry: number): void {
    if (this.areDeadlines) this.#known[entry] = Number.NaN
  }

  /** When the first of it happens to an entry, in milliseconds since the epoch; 0: never. */
  of(entry: number): number {
    const expiresAt = this.#held.expiresAt(entry)
    if (!this.areDeadlines) return expiresAt
    const known = this.#known[entry] ?? Number.NaN
    return Number.isNaN(known) ? this.#known[entry] = this.#read(entry, expiresAt) : known
  }

  #read(entry: number, expiresAt: number): number {
    try {
      const deadline = this.#codec.deadlineIn(this.#kind, this.#held.value(entry))
      return deadline > 0 && expiresAt > 0 ? Math.min(deadline, expiresAt) : deadline + expiresAt
    } catch {
      return DAMAGED_DUE
    }
  }
}

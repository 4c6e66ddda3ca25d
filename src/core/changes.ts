import { cellKinds } from './blank-cells.ts'
import type { AnyCell, CellKind } from './cells.ts'
import { Digest } from './digest.ts'

/** A cell by its kind and key. */
export interface CellName {
  kind: CellKind
  key: string
}

/** What has become of the cells since it was last asked. */
export interface Taken {
  changed: AnyCell[]
  /** Those that no longer exist. */
  removed: CellName[]
}

export type Digests = Readonly<Record<CellKind, Digest>>

/** Most bytes that a cell takes in a checkpoint beside its names: ten for a number, the contract's 256 for a string. */
const MOST_BYTES: Record<CellKind, number> = {
  lookups: 700, lookupError: 40, edge: 900, registrations: 700, registrationError: 40, instance: 3_500, version: 60, sequences: 40, agent: 160,
  accounts: 160, arrivals: 500, cardinality: 1_100,
}
/** Tombstones only free space, so a checkpoint takes no more than this many of them, and leaves the rest to the next. */
const MOST_REMOVED = 2_000
/** What its record takes beside, and what a character of its key takes at most. */
const RECORD_BYTES = 150
const CHARACTER_BYTES = 3
/** Between two checkpoints the numbers of a cell grow by less than this; what is added to a cell of many is told. */
const MOST_GROWTH = 2
/** Kinds of which a cell may become as large as any: by an instance's strings, by the names that had no room. */
const becomesAny: ReadonlySet<CellKind> = new Set(['instance', 'cardinality'])

/** The cells that have changed, for the next checkpoint: how many bytes they take at most, and the digests of all. */
export class Changes {
  /** Over all live cells as they were last taken. */
  readonly digests = emptyDigests()
  #changed: AnyCell[] = []
  readonly #removed = new Map<string, CellName>()
  #bytes = 0

  /** An upper bound of what the changed cells take, encoded. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether there is nothing to take. */
  get isEmpty(): boolean {
    return this.#bytes === 0 && this.#removed.size === 0
  }

  /** Notes that a cell has changed. */
  note(cell: AnyCell): void {
    if (cell.changed) return
    cell.changed = true
    this.#changed.push(cell)
    this.#bytes += RECORD_BYTES + mostBytes(cell)
    if (this.#removed.size > 0) this.#removed.delete(`${cell.kind} ${cell.key}`)
  }

  /** Notes that something of so many bytes was added to a cell that has changed. */
  grow(bytes: number): void {
    this.#bytes += bytes
  }

  /** Notes that a cell no longer exists. */
  remove({ kind, key, takenAsOf }: Pick<AnyCell, 'kind' | 'key' | 'takenAsOf'>): void {
    if (takenAsOf > 0) this.digests[kind].remove(key, takenAsOf)
    this.noteAbsent({ kind, key })
  }

  /** Notes a cell that does not exist, but may be in the log. */
  noteAbsent({ kind, key }: CellName): void {
    this.#removed.set(`${kind} ${key}`, { kind, key })
  }

  /** Hands over all that has changed, and some of what is gone; brings the digests up to it, and begins anew. */
  take(): Taken {
    const taken = { changed: this.#changed.filter(({ detached }) => !detached), removed: this.#takeRemoved() }
    for (const cell of taken.changed) {
      this.digests[cell.kind].move(cell.key, { from: cell.takenAsOf, to: cell.asOf })
      cell.takenAsOf = cell.asOf
      cell.changed = false
    }
    this.#changed = []
    this.#bytes = 0
    return taken
  }

  #takeRemoved(): CellName[] {
    const taken = [...this.#removed].slice(0, MOST_REMOVED)
    for (const [name] of taken) this.#removed.delete(name)
    return taken.map(([, name]) => name)
  }
}

function mostBytes({ kind, key, takenBytes }: AnyCell): number {
  const most = takenBytes === 0 || becomesAny.has(kind) ? MOST_BYTES[kind] : Math.min(MOST_BYTES[kind], MOST_GROWTH * takenBytes)
  const isOfMany = kind === 'sequences' && takenBytes > 0 // how many there are is told by what they took, and by `grow`
  return (isOfMany ? MOST_GROWTH * takenBytes : most) + CHARACTER_BYTES * key.length
}

export function emptyDigests(): Digests {
  return Object.fromEntries(cellKinds.map(kind => [kind, new Digest()])) as Record<CellKind, Digest>
}

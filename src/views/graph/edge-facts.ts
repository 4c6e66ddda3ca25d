import { RECENT_MS } from '../../core/recent.ts'
import { IDLE_MS } from '../edges.ts'
import { SHORTEST_MS } from '../traffic.ts'
import { HAS_BYPASS, HAS_STALE } from './edge-rows.ts'
import type { Snapshot } from './graph-index.ts'

/** What the index itself knows of an edge, without decoding it. Times in whole seconds since the epoch; counts are of five minutes. */
export interface EdgeFacts {
  firstSeen: number
  lastSeen: number
  lookups: number
  failures: number
  marks: number
}

const EITHER = HAS_STALE | HAS_BYPASS

/** Tells of the edges of a snapshot at `now` (milliseconds since the epoch). What is told of one is overwritten by the next. */
export class FactReader {
  readonly #snapshot: Snapshot
  readonly #facts: EdgeFacts = { firstSeen: 0, lastSeen: 0, lookups: 0, failures: 0, marks: 0 }
  /** The five minutes under way, and how much of those before still counts. */
  readonly #window: number
  readonly #share: number
  readonly #idleBefore: number
  readonly #nowSeconds: number

  constructor(snapshot: Snapshot, now: number) {
    this.#snapshot = snapshot
    this.#window = Math.floor(now / RECENT_MS)
    this.#share = 1 - (now / RECENT_MS - this.#window)
    this.#idleBefore = Math.floor((now - IDLE_MS) / 1_000)
    this.#nowSeconds = now / 1_000
  }

  of(edge: number): EdgeFacts {
    const { partStart, parts } = this.#snapshot.topology
    const facts = this.#facts
    facts.firstSeen = Infinity
    facts.lastSeen = facts.lookups = facts.failures = facts.marks = 0
    const [first, end] = partStart === null ? [edge, edge + 1] : [partStart[edge] as number, partStart[edge + 1] as number]
    for (let index = first; index < end; index++) this.#add(parts[index] as number)
    return facts
  }

  isActive(edge: number): boolean {
    return this.of(edge).lastSeen >= this.#idleBefore
  }

  /** Look-ups a second, as `trafficOf` reckons. */
  rate({ lookups, firstSeen }: Pick<EdgeFacts, 'lookups' | 'firstSeen'>): number {
    const seconds = Math.min(RECENT_MS / 1_000, Math.max(SHORTEST_MS / 1_000, this.#nowSeconds - firstSeen))
    return lookups / seconds
  }

  #add(part: number): void {
    const { edges, topology: { shards } } = this.#snapshot
    const rows = edges[part % shards]
    if (rows === undefined) return
    const entry = Math.floor(part / shards)
    const facts = this.#facts
    const lastSeen = rows.lastSeen[entry] as number
    facts.firstSeen = Math.min(facts.firstSeen, rows.firstSeen[entry] as number)
    facts.lastSeen = Math.max(facts.lastSeen, lastSeen)
    const passed = this.#window - Math.floor(lastSeen / (RECENT_MS / 1_000))
    if (passed > 1) return
    // Of an edge not seen in the five minutes under way, its last ones are those before.
    const [current, before] = passed <= 0 ? [1, this.#share] : [this.#share, 0]
    facts.lookups += current * (rows.lookups[2 * entry] as number) + before * (rows.lookups[2 * entry + 1] as number)
    facts.failures += current * (rows.failures[2 * entry] as number) + before * (rows.failures[2 * entry + 1] as number)
    facts.marks |= (rows.marks[entry] as number) & EITHER
  }
}

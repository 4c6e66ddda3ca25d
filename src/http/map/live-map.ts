import type { ServiceName } from '../../core/cells.ts'
import { inTurns } from '../../turns.ts'
import { FactReader } from '../../views/graph/edge-facts.ts'
import { EdgeReader } from '../../views/graph/edge-reader.ts'
import { findingKinds, findingsOf, type Finding, type FindingKind } from '../../views/graph/findings.ts'
import { GraphIndex, type Snapshot } from '../../views/graph/graph-index.ts'
import { nodeId, NodeReader } from '../../views/graph/node-reader.ts'
import type { NumberedShard } from '../../views/graph/source.ts'
import type { Steps } from '../../views/steps.ts'

export interface LiveMapOptions {
  /** All shards that can be shown. */
  shards: () => readonly NumberedShard[]
  /** Milliseconds since the epoch. */
  now: () => number
  /** Lets others work. */
  turn: () => Promise<void>
  /** Milliseconds from any moment, to measure by what work costs; of this process unless given. */
  monotonic?: () => number
  /** Told of what goes wrong where nobody waits for it. */
  onError?: (error: unknown) => void
}

/** What was found at a time, in milliseconds since the epoch. */
export interface Findings {
  at: number
  findings: readonly Finding[]
  /** Zeros, too. */
  counts: Readonly<Record<FindingKind, number>>
}

/** The map at one moment, and what reads it. */
export interface Reading {
  snapshot: Snapshot
  /** Milliseconds since the epoch. */
  now: number
  facts: FactReader
  edges: EdgeReader
  nodes: NodeReader
}

/** Nobody looks at more maps than this in between: what has changed since the last one is taken in then. Milliseconds. */
const FRESH_MS = 500
/** Who looks at one that will soon be too old has the next one made meanwhile: so nobody waits for it while many look. */
const SOON_MS = 200
const KEEP_FRESH_MS = 15_000
/** So long is what was found shown, before it is looked for anew; and so many times as long at the most, while it is. */
const FINDINGS_MS = 15_000
const OLD_FINDINGS_RESTS = 4
/** What is done although nobody asks takes no more than this share of the time: on a very large map it is done less often. */
const MOST_UNASKED = 1 / 20

/** The index of the map, brought up to date for who asks, in turns, and once for all who ask at the same time. */
export class LiveMap {
  readonly #options: LiveMapOptions
  readonly #onError: (error: unknown) => void
  readonly #index = new GraphIndex()
  #refreshing: Promise<Snapshot> | null = null
  #fresh: { snapshot: Snapshot; until: number } | null = null
  #finding: Promise<Findings> | null = null
  #found: Findings | null = null
  #kindsByService: ReadonlyMap<string, readonly FindingKind[]> = new Map()
  /** What the last ones cost, in milliseconds of work. */
  #refreshCost = 0
  #findingCost = 0

  constructor(options: LiveMapOptions) {
    this.#options = options
    this.#onError = options.onError ?? (() => {})
  }

  async read(): Promise<Reading> {
    const snapshot = await this.#snapshot()
    const now = this.#options.now()
    const facts = new FactReader(snapshot, now)
    const findingsAbout = (name: ServiceName) => this.#kindsByService.get(nodeId(name)) ?? []
    return { snapshot, now, facts, edges: new EdgeReader(snapshot, now), nodes: new NodeReader(snapshot, facts, findingsAbout) }
  }

  /** Runs work in steps, letting others work in between. */
  async run<T>(steps: Steps<T>): Promise<T> {
    return inTurns(steps, this.#options.turn)
  }

  /** The same, and what the steps cost together, in milliseconds. */
  async #work<T>(steps: Steps<T>): Promise<{ value: T; cost: number }> {
    const { turn, monotonic = () => performance.now() } = this.#options
    let [cost, began] = [0, monotonic()]
    const value = await inTurns(steps, async () => {
      cost += monotonic() - began
      await turn()
      began = monotonic()
    })
    return { value, cost: cost + monotonic() - began }
  }

  /** Brings the index up to date now and then, although nobody asks: so the one who does next need not wait. Returns what ends it. */
  keepFresh(): () => Promise<void> {
    const timer = setInterval(() => {
      const rest = this.#refreshCost / MOST_UNASKED
      if (this.#fresh === null || this.#options.now() >= this.#fresh.until + rest) this.#snapshot().catch(this.#onError)
    }, KEEP_FRESH_MS)
    timer.unref()
    return async () => { clearInterval(timer) }
  }

  /** Lets others work. */
  turn(): Promise<void> {
    return this.#options.turn()
  }

  /** What looks wrong; looked for anew in the background once it is a quarter of a minute old, or twenty times what looking costs. */
  async findings(): Promise<Findings> {
    const known = this.lastFindings()
    return known ?? await this.#find()
  }

  /** The same without waiting: null if what was found is too old, for nobody has looked for long or looking went wrong. */
  lastFindings(): Findings | null {
    const age = this.#found === null ? Infinity : this.#options.now() - this.#found.at
    const rest = Math.max(FINDINGS_MS, this.#findingCost / MOST_UNASKED)
    if (age >= rest) this.#find().catch(this.#onError)
    return age < rest * OLD_FINDINGS_RESTS ? this.#found : null
  }

  #find(): Promise<Findings> {
    this.#finding ??= this.#lookForFindings().finally(() => { this.#finding = null })
    return this.#finding
  }

  async #lookForFindings(): Promise<Findings> {
    const { snapshot, now, facts, edges, nodes } = await this.read()
    const { value: findings, cost } = await this.#work(findingsOf(snapshot, { facts, edges, nodes }))
    this.#findingCost = cost + this.#refreshCost
    const counts = Object.fromEntries(findingKinds.map(kind => [kind, 0])) as Record<FindingKind, number>
    const kinds = new Map<string, FindingKind[]>()
    for (const finding of findings) {
      counts[finding.kind]++
      for (const name of finding.kind === 'cycle' ? [finding, ...finding.services] : [finding]) {
        const known = kinds.get(nodeId(name)) ?? []
        kinds.set(nodeId(name), known.includes(finding.kind) ? known : [...known, finding.kind])
      }
    }
    this.#kindsByService = kinds
    this.#found = { at: now, findings, counts }
    return this.#found
  }

  async #snapshot(): Promise<Snapshot> {
    const held = this.#fresh
    const left = held === null ? 0 : held.until - this.#options.now()
    if (held !== null && left > SOON_MS) return held.snapshot
    const mustWait = held === null || left <= 0
    if (this.#refreshing === null) {
      this.#refreshing = this.#refresh().finally(() => { this.#refreshing = null })
      if (!mustWait) this.#refreshing.catch(this.#onError)
    }
    return mustWait ? this.#refreshing : held.snapshot
  }

  async #refresh(): Promise<Snapshot> {
    const { value: snapshot, cost } = await this.#work(this.#index.refresh(this.#options.shards()))
    this.#refreshCost = cost
    this.#fresh = { snapshot, until: this.#options.now() + FRESH_MS }
    return snapshot
  }
}

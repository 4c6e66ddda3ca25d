import { changesOf, type Change, type ChangesQuery } from '../../views/graph/changes.ts'
import type { LiveMap } from './live-map.ts'

export interface FeedOptions {
  map: LiveMap
  onError: (error: unknown) => void
  /** Milliseconds between two looks at the map. */
  interval?: number
}

/** A change as it was told to streams. */
export interface FeedEvent {
  /** `feed.number.time`: which feed told it, its number there, and when it was found, in milliseconds since the epoch. */
  id: string
  /** Null: changes were left out here, since there were too many at once. */
  change: Change | null
}

export interface Changes {
  until: number
  changes: Change[]
  /** There were more, and these are the newest. */
  truncated: boolean
}

/** Takes events, in their order. */
export type Listener = (events: readonly FeedEvent[]) => void

/** Changes come to be known late: by checkpoints, by clocks that differ, by brokers that were out of reach. Milliseconds. */
const LATE_MS = 120_000
/** Events that a stream can go on behind, when its connection breaks. */
const MOST_KEPT = 4_096
/** Changes taken at one look, the newest; of others it is told that there were some. */
const MOST_AT_ONCE = 1_000
const INTERVAL_MS = 1_000

/** Looks at the map as long as anybody listens, and tells each change once, however late it comes to be known (within two minutes). */
export class ChangeFeed {
  readonly #options: FeedOptions
  readonly #listeners = new Set<Listener>()
  /** When each change was, of those that are told. */
  readonly #told = new Map<string, number>()
  #kept: FeedEvent[] = []
  #feed = ''
  #count = 0
  #timer: NodeJS.Timeout | null = null
  #looking: Promise<void> | null = null

  constructor(options: FeedOptions) {
    this.#options = options
  }

  /** Resolves, once the feed looks, with what makes it stop telling. */
  async listen(listener: Listener): Promise<() => void> {
    if (this.#timer === null) await (this.#looking ??= this.#start().finally(() => { this.#looking = null }))
    else await this.#looking
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#stop()
    }
  }

  /** The events behind one; null if they are not kept, or another feed told it. */
  eventsAfter(id: string): FeedEvent[] | null {
    const index = this.#kept.findIndex(event => event.id === id)
    return index < 0 ? null : this.#kept.slice(index + 1)
  }

  /** Changes as the map tells them now. */
  async changes(query: Omit<ChangesQuery, 'until'>): Promise<Changes> {
    const { map } = this.#options
    const reading = await map.read()
    return { until: reading.now, ...(await map.run(changesOf(reading.snapshot, reading, { ...query, until: reading.now }))) }
  }

  async #start(): Promise<void> {
    const { until, changes } = await this.#look(Infinity)
    this.#feed = String(until)
    for (const change of changes) this.#told.set(keyOfChange(change), Date.parse(change.at))
    this.#timer = setInterval(() => { this.#tick() }, this.#options.interval ?? INTERVAL_MS)
    this.#timer.unref()
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#told.clear()
    this.#kept = []
    this.#count = 0
  }

  #tick(): void {
    this.#looking ??= this.#tell().catch(this.#options.onError).finally(() => { this.#looking = null })
  }

  async #tell(): Promise<void> {
    const { until, changes, truncated } = await this.#look(MOST_AT_ONCE)
    const fresh = changes.filter(change => !this.#told.has(keyOfChange(change)))
    const areLeftOut = truncated && fresh.length === changes.length // otherwise what is older was told before
    const events: FeedEvent[] = []
    for (const change of areLeftOut ? [null, ...fresh] : fresh) {
      if (change !== null) this.#told.set(keyOfChange(change), Date.parse(change.at))
      events.push({ id: `${this.#feed}.${++this.#count}.${until}`, change })
    }
    for (const [key, at] of this.#told) if (at < until - 2 * LATE_MS) this.#told.delete(key)
    if (events.length === 0 || this.#timer === null) return
    this.#kept = [...this.#kept, ...events].slice(-MOST_KEPT)
    for (const listener of this.#listeners) listener(events)
  }

  async #look(limit: number): Promise<Changes> {
    const { now } = await this.#options.map.read()
    return this.changes({ since: now - LATE_MS, limit })
  }
}

/** When an event was found, by its id, less how late it could be known: what to begin with where its feed is gone. NaN: no id of a feed. */
export function sinceOf(id: string): number {
  const [, found] = /^\d+\.\d+\.(\d+)$/.exec(id) ?? []
  return found === undefined ? Number.NaN : Number(found) - LATE_MS
}

export function keyOfChange({ kind, at, clientNamespace = '', client = '', namespace, service, version = '' }: Change): string {
  // An edge that is looked up along again is idle later; it appeared but once.
  return JSON.stringify([kind, at, clientNamespace, client, namespace, service, version])
}

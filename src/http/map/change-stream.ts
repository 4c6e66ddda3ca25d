import type { Request, Response } from 'express'
import type { Change } from '../../views/graph/changes.ts'
import { Problem } from '../problem.ts'
import { isGone } from '../stream.ts'
import { keyOfChange, sinceOf, type ChangeFeed, type FeedEvent } from './change-feed.ts'

export interface StreamLimits {
  /** Streams at a time. */
  streams: number
  /** Bytes that wait for one client to read them. */
  queueBytes: number
  /** Milliseconds between two signs of life. */
  heartbeat: number
}

export const defaultLimits: StreamLimits = { streams: 100, queueBytes: 1_048_576, heartbeat: 15_000 }

export interface StreamQuery {
  wants: (change: Change) => boolean
  /** Milliseconds since the epoch; undefined: only what is to come. */
  since: number | undefined
}

const MOST_REPLAYED = 1_000
const RETRY_MS = 2_000
/** The type of the event that says that others are missing: who wants them asks for the map anew. */
const LEFT_OUT = 'left_out'

/**
 * Server-sent events (HTML, section 9.2): one for each change, its type the change's kind; `left_out` where there were too many at once. A client that comes again with the id of the last
 * event goes on behind it, or, where that is not known any more, gets all since shortly before: some twice rather than one never. One that
 * does not read is cut off, and may come again.
 */
export class ChangeStreams {
  readonly #feed: ChangeFeed
  readonly #limits: StreamLimits
  readonly #onCut: () => void
  #open = 0

  /** `onCut`: told of each client that was cut off. */
  constructor(feed: ChangeFeed, { limits = defaultLimits, onCut = () => {} }: { limits?: StreamLimits; onCut?: () => void } = {}) {
    this.#feed = feed
    this.#limits = limits
    this.#onCut = onCut
  }

  async open(req: Request, res: Response, query: StreamQuery): Promise<void> {
    if (this.#open >= this.#limits.streams) {
      throw new Problem('too_many_streams', `${this.#open} streams are open, and no more are; close one, or ask another replica.`)
    }
    this.#open++
    res.once('close', () => { this.#open-- })
    res.set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store, no-transform', 'X-Accel-Buffering': 'no' })
    if (req.method === 'HEAD') {
      res.end()
      return
    }
    await this.#stream(res, { ...query, lastId: req.get('Last-Event-ID') })
  }

  async #stream(res: Response, { wants, since, lastId }: StreamQuery & { lastId: string | undefined }): Promise<void> {
    const send = (text: string) => {
      if (isGone(res) || res.writableEnded) return
      res.write(text)
      if (res.writableLength <= this.#limits.queueBytes) return
      this.#onCut()
      res.destroy()
    }
    const replayed = new Set<string>()
    let waiting: FeedEvent[] | null = []
    const tell = (events: readonly FeedEvent[]) => {
      for (const event of events) {
        const { change } = event
        if (change === null || (wants(change) && !replayed.has(keyOfChange(change)))) send(eventText(event))
      }
    }
    const stop = await this.#feed.listen(events => { if (waiting === null) tell(events); else waiting.push(...events) })
    const beat = setInterval(() => { send(': here\n\n') }, this.#limits.heartbeat)
    const end = () => {
      clearInterval(beat)
      stop()
    }
    res.once('close', end)
    if (isGone(res)) return end()
    send(`retry: ${RETRY_MS}\n\n`)
    for (const event of await this.#missed(lastId, since)) {
      tell([event])
      if (event.change !== null) replayed.add(keyOfChange(event.change))
    }
    const late = waiting
    waiting = null
    tell(late)
    replayed.clear()
  }

  async #missed(lastId: string | undefined, since: number | undefined): Promise<FeedEvent[]> {
    const kept = lastId === undefined ? null : this.#feed.eventsAfter(lastId)
    if (kept !== null) return kept
    const known = lastId === undefined ? Number.NaN : sinceOf(lastId)
    const from = Number.isNaN(known) ? since : known
    if (from === undefined) return []
    const { until, changes, truncated } = await this.#feed.changes({ since: from, limit: MOST_REPLAYED })
    return (truncated ? [null, ...changes] : changes).map(change => ({ id: `0.0.${until}`, change }))
  }
}

function eventText({ id, change }: FeedEvent): string {
  return `id: ${id}\nevent: ${change?.kind ?? LEFT_OUT}\ndata: ${JSON.stringify(change ?? {})}\n\n`
}

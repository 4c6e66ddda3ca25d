import type { Registry } from 'prom-client'
import type { VisibleShard } from '../views/shard.ts'
import { renderPage, type Encoding } from './exposition.ts'
import { metricsDocument } from './metrics-document.ts'
import type { PageFilter } from './page-filter.ts'
import type { ScrapeTelemetry } from './own-metrics.ts'
import { contentTypes, type Format } from './text.ts'

export interface PagesOptions {
  registry: Registry
  /** The shards that a page of that scope shows, asked once per page. */
  shards: (scope: string) => Iterable<VisibleShard>
  /** Keeps the shards as they are while a page is rendered; returns what lets go. */
  hold: () => () => void
  /** Another text whenever this replica may no longer show what it could: then a page is rendered anew. */
  standing: () => string
  telemetry: ScrapeTelemetry
  /** Lets others work. */
  turn: () => Promise<void>
}

/** Ownership that moves as often as this while one page is rendered will not stand still for the next. A replica that starts gets many at once. */
const ATTEMPTS = 10

/** Pages at a time that wait, are rendered, or are still read by somebody. All scrapers that ask for the same at once have one. */
const MOST_PAGES = 16

export class TooManyPages extends Error {
  readonly code = 'too_many_pages'
  constructor() {
    super(`${MOST_PAGES} pages are waited for or being read already: ask again later, with fewer filters, or read more quickly`)
  }
}

/** What a page shows, and how. */
export interface AskedPage extends Partial<PageFilter> {
  format: Format
  scope: string
  created?: boolean
  /** Unless given, the text as it is. */
  encoding?: Encoding
}

/** Pages for scrapers. */
export interface Pages {
  contentType: (format: Format) => string
  /** The names of all families. */
  families: () => string[]
  /** What every family means, as Markdown. */
  document: () => string
  /** A page in chunks, compressed if it was asked for so. One that throws is not whole. */
  write: (page: AskedPage) => AsyncGenerator<Buffer, void, undefined>
}

/**
 * Renders pages one after the other, each whole and into memory before its first byte is sent, from one moment of the shards; scrapers that
 * wait for the same page get the same one. Tells how long each scrape took and which failed. One that its client left unread is neither.
 */
export function createPages({ registry, shards, hold, standing, telemetry, turn }: PagesOptions): Pages {
  let last: Promise<unknown> = Promise.resolve()
  /** Asked for, and not begun. */
  const waiting = new Map<string, Promise<Buffer[]>>()
  const render = async ({ scope, families = null, namespaces = null, ...asked }: AskedPage): Promise<Buffer[]> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const stood = standing()
      const release = hold()
      const chunks = await renderPage({ ...asked, registry, shards: shards(scope), filter: { families, namespaces }, turn }).finally(release)
      if (standing() === stood) return chunks
    }
    throw new Error('partitions moved to other replicas again and again while the page was rendered')
  }
  const readers = new Readers()
  const inTurn = (asked: AskedPage): Promise<Buffer[]> => {
    const key = JSON.stringify([asked.format, asked.scope, asked.families, asked.namespaces, asked.created, asked.encoding])
    if (!waiting.has(key) && readers.size >= MOST_PAGES) throw new TooManyPages()
    const page = waiting.get(key) ?? last.then(() => {
      waiting.delete(key)
      return render(asked)
    })
    waiting.set(key, page)
    last = page.catch(() => {})
    return page
  }
  return {
    contentType: format => contentTypes[format],
    families: () => registry.getMetricsAsArray().map(({ name }) => name),
    document: metricsDocument,
    async *write(asked) {
      const started = performance.now()
      try {
        yield* readers.reading(inTurn(asked))
      } catch (error) {
        telemetry.scrapeFailed(asked.scope)
        throw error
      }
      telemetry.scraped(asked.scope, (performance.now() - started) / 1_000)
    },
  }
}

/** Who reads which page, from when it is asked for. */
class Readers {
  readonly #counts = new Map<Promise<Buffer[]>, number>()

  /** Pages. */
  get size(): number {
    return this.#counts.size
  }

  async *reading(page: Promise<Buffer[]>): AsyncGenerator<Buffer, void, undefined> {
    this.#counts.set(page, (this.#counts.get(page) ?? 0) + 1)
    try {
      yield* await page
    } finally {
      this.#leave(page)
    }
  }

  #leave(page: Promise<Buffer[]>): void {
    const left = (this.#counts.get(page) ?? 1) - 1
    if (left === 0) this.#counts.delete(page)
    else this.#counts.set(page, left)
  }
}

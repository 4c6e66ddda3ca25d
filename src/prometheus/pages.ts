import type { Registry } from 'prom-client'
import type { VisibleShard } from '../views/shard.ts'
import { writeExposition } from './exposition.ts'
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
}

/** Ownership that moves as often as this while one page is rendered will not stand still for the next. */
const ATTEMPTS = 3

/** Pages for scrapers. */
export interface Pages {
  contentType: (format: Format) => string
  /** A page in chunks, rendered as they are asked for. One that throws is not whole. */
  write: (page: { format: Format; scope: string }) => AsyncGenerator<string, void, undefined>
}

/**
 * Renders pages one after the other, each whole and into memory before its first byte is sent, from one moment of the shards; and tells how
 * long each took and which failed. One that its client left unread is neither.
 */
export function createPages({ registry, shards, hold, standing, telemetry }: PagesOptions): Pages {
  let last: Promise<unknown> = Promise.resolve()
  const render = async (format: Format, scope: string): Promise<string[]> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const stood = standing()
      const chunks = await rendered(writeExposition({ registry, shards: shards(scope), format }), hold)
      if (standing() === stood) return chunks
    }
    throw new Error('partitions moved to other replicas again and again while the page was rendered')
  }
  const inTurn = (format: Format, scope: string): Promise<string[]> => {
    const page = last.then(() => render(format, scope))
    last = page.catch(() => {})
    return page
  }
  return {
    contentType: format => contentTypes[format],
    async *write({ format, scope }) {
      const started = performance.now()
      try {
        yield* await inTurn(format, scope)
      } catch (error) {
        telemetry.scrapeFailed(scope)
        throw error
      }
      telemetry.scraped(scope, (performance.now() - started) / 1_000)
    },
  }
}

async function rendered(page: AsyncIterable<string>, hold: () => () => void): Promise<string[]> {
  const release = hold()
  try {
    const chunks: string[] = []
    for await (const chunk of page) chunks.push(chunk)
    return chunks
  } finally {
    release()
  }
}

import type { Registry } from 'prom-client'
import type { VisibleShard } from '../views/shard.ts'
import { writeExposition } from './exposition.ts'
import type { ScrapeTelemetry } from './own-metrics.ts'
import { contentTypes, type Format } from './text.ts'

export interface PagesOptions {
  registry: Registry
  /** The shards that a page of that scope shows, asked once per page. */
  shards: (scope: string) => Iterable<VisibleShard>
  telemetry: ScrapeTelemetry
}

/** Pages for scrapers. */
export interface Pages {
  contentType: (format: Format) => string
  /** A page in chunks, rendered as they are asked for. One that throws is not whole. */
  write: (page: { format: Format; scope: string }) => AsyncGenerator<string, void, undefined>
}

/** Renders pages, and tells how long each took and which failed. One that its client left unread is neither. */
export function createPages({ registry, shards, telemetry }: PagesOptions): Pages {
  return {
    contentType: format => contentTypes[format],
    async *write({ format, scope }) {
      const started = performance.now()
      try {
        yield* writeExposition({ registry, shards: shards(scope), format })
      } catch (error) {
        telemetry.scrapeFailed(scope)
        throw error
      }
      telemetry.scraped(scope, (performance.now() - started) / 1_000)
    },
  }
}

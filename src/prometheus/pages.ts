import type { Registry } from 'prom-client'
import type { VisibleShard } from '../views/shard.ts'
import { writeExposition } from './exposition.ts'
import type { ScrapeTelemetry } from './own-metrics.ts'
import { contentTypes, type Format } from './text.ts'

export interface PagesOptions {
  registry: Registry
  /** The shards that a page of that scope shows. */
  shards: (scope: string) => Iterable<VisibleShard>
  telemetry: ScrapeTelemetry
}

/** Renders pages and tells how long each took. */
export function createPages({ registry, shards, telemetry }: PagesOptions) {
  return {
    contentType: (format: Format): string => contentTypes[format],
    async *write({ format, scope }: { format: Format; scope: string }): AsyncGenerator<string> {
      const started = performance.now()
      let whole = false
      try {
        yield* writeExposition({ registry, shards: shards(scope), format })
        whole = true
      } finally {
        if (whole) telemetry.scraped(scope, (performance.now() - started) / 1_000)
        else telemetry.scrapeFailed(scope)
      }
    },
  }
}

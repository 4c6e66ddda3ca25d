import type { RequestHandler } from 'express'
import { formatFor, type MetricsFormat } from './accept.ts'
import { Problem } from './problem.ts'
import { sendChunks } from './stream.ts'

/** `replica`: what this replica answers for. `cluster`: everything it can see, for people. */
export const scopes = ['replica', 'cluster'] as const
export type Scope = (typeof scopes)[number]

/** Renders pages for scrapers. */
export interface MetricsPages {
  contentType: (format: MetricsFormat) => string
  /** The page in chunks; one that throws is not whole. */
  write: (page: { format: MetricsFormat; scope: Scope }) => AsyncIterable<string | Uint8Array>
}

/** `GET /metrics[?scope=cluster]`. */
export function metricsHandler({ metrics, onError }: { metrics: MetricsPages; onError: (error: unknown) => void }): RequestHandler {
  return async (req, res) => {
    const scope = scopeOf(req.query.scope)
    const format = formatFor(req.headers.accept)
    res.vary('Accept').set('Content-Type', metrics.contentType(format))
    try {
      await sendChunks(res, metrics.write({ format, scope }), onError)
    } catch (error) {
      if (res.headersSent) throw error
      onError(error)
      throw new Problem('scrape_failed', 'The page could not be rendered; the log of this replica says why.', { cause: error })
    }
  }
}

function scopeOf(asked: unknown): Scope {
  const scope = asked === undefined ? 'replica' : scopes.find(known => known === asked)
  if (scope === undefined) throw new Problem('unknown_scope', `scope must be one of ${scopes.join(', ')}.`)
  return scope
}

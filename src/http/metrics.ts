import type { RequestHandler } from 'express'
import { formatFor, type MetricsFormat } from './accept.ts'
import { pageQuery, type PageQuery } from './page-query.ts'
import { Problem } from './problem.ts'
import { sendChunks } from './stream.ts'

/** Renders pages for scrapers. */
export interface MetricsPages {
  contentType: (format: MetricsFormat) => string
  /** The names of all families. */
  families: () => readonly string[]
  /** What every family means, as Markdown. */
  document: () => string
  /** The page in chunks, compressed if it is asked for so; one that throws is not whole. Throws a code, `too_many_pages`, where there is no room. */
  write: (page: PageQuery & { format: MetricsFormat; encoding: 'identity' | 'gzip' }) => AsyncIterable<string | Uint8Array>
}

/** `GET /metrics[?scope=cluster][&family[]=…][&namespace=…][&created=1]`. */
export function metricsHandler({ metrics, onError }: { metrics: MetricsPages; onError: (error: unknown) => void }): RequestHandler {
  return async (req, res) => {
    const query = pageQuery(req.query, metrics.families())
    const format = formatFor(req.headers.accept)
    const encoding = req.acceptsEncodings(['gzip', 'identity']) === 'gzip' ? 'gzip' : 'identity'
    res.vary('Accept').vary('Accept-Encoding').set('Content-Type', metrics.contentType(format))
    if (encoding === 'gzip') res.set('Content-Encoding', encoding) // it is compressed while it is rendered, once for all who wait for it
    try {
      await sendChunks(res, metrics.write({ ...query, format, encoding }), { onError })
    } catch (error) {
      if (res.headersSent) throw error
      res.removeHeader('Content-Encoding')
      if (isTooMany(error)) throw new Problem('too_many_pages', error.message, { cause: error })
      onError(error)
      throw new Problem('scrape_failed', 'The page could not be rendered; the log of this replica says why.', { cause: error })
    }
  }
}

function isTooMany(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'too_many_pages'
}

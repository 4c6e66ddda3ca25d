import { once } from 'node:events'
import { createServer, request, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { onTestFinished } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import type { AppDeps } from '../../src/http/endpoints.ts'
import { defaultPolicy } from '../../src/core/policy.ts'
import { liveMapOf } from '../views/map-of.ts'

export interface Serving {
  /** `http://127.0.0.1:…` */
  url: string
  port: number
  /** What `onError` was told. */
  errors: unknown[]
}

/** Serves an app on loopback until the test ends. What a test does not give is well and empty. */
export async function serving(deps: Partial<AppDeps> = {}): Promise<Serving> {
  const errors: unknown[] = []
  return { ...await listening(createApp({
    metrics: metricsOf(() => ['up 1\n']),
    map: liveMapOf([], 0),
    cardinality: { shards: () => [], budgets: defaultPolicy.budgets },
    health: () => ({ healthy: true }),
    readiness: () => ({ ready: true, reasons: [] }),
    version: '1.2.3',
    onError: error => errors.push(error),
    ...deps,
  })), errors }
}

/** The same for any app. */
export async function listening(app: RequestListener): Promise<Pick<Serving, 'url' | 'port'>> {
  const server = createServer(app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port }
}

export const contentTypes = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** Metrics whose every page is what `render` gives. */
export function metricsOf(render: () => Iterable<string> | AsyncIterable<string>): AppDeps['metrics'] {
  return {
    contentType: format => contentTypes[format],
    families: () => ['discovery_lookups_total', 'discovery_instances', 'process_cpu_seconds_total'],
    document: () => '# Metrics\n',
    async *write({ encoding }) { for await (const chunk of render()) yield encoding === 'gzip' ? gzipSync(chunk) : chunk },
  }
}

export interface Exchange {
  headers: IncomingHttpHeaders
  body: Buffer
  /** Null: the answer came to its proper end. */
  error: unknown
}

/** A request by node's own client, which decodes nothing. */
export async function exchange(url: string, headers: IncomingHttpHeaders = {}): Promise<Exchange> {
  const asked = request(url, { headers, agent: false })
  asked.on('error', () => {}).end() // `once` and the loop below see it, too
  const exchanged: Exchange = { headers: {}, body: Buffer.alloc(0), error: null }
  try {
    const [answer] = await once(asked, 'response')
    exchanged.headers = answer.headers
    for await (const chunk of answer) exchanged.body = Buffer.concat([exchanged.body, chunk])
  } catch (error) {
    exchanged.error = error
  }
  return exchanged
}

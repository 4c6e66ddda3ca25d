import type { RequestHandler } from 'express'
import { documentPage } from './document-page.ts'
import { indexPage } from './index-page.ts'
import { cardinalityHandlers, type CardinalityDeps } from './map/cardinality-endpoints.ts'
import { changeHandlers, type ChangeDeps } from './map/change-endpoints.ts'
import { compatHandlers } from './map/compat-endpoints.ts'
import { graphHandlers } from './map/graph-endpoints.ts'
import { LargeAnswers } from './map/large-answers.ts'
import { serviceHandlers } from './map/service-endpoints.ts'
import { metricsHandler, type MetricsPages } from './metrics.ts'
import { openApiDocument, type Operation } from './openapi/document.ts'
import { operations } from './openapi/operations.ts'
import { mapPageHandler } from './page/routes.ts'
import { Problem } from './problem.ts'

/** What the routes need; each takes its own part. Whatever is thrown here is answered as a problem. */
export interface AppDeps extends ChangeDeps, CardinalityDeps {
  metrics: MetricsPages
  health: () => { healthy: boolean; reason?: string }
  /** `reasons`: what is waited for, empty when ready. */
  readiness: () => { ready: boolean; reasons: readonly string[] }
  version: string
  /** Told of faults of ours, never of a client's. */
  onError: (error: unknown) => void
}

type Handler = RequestHandler<Record<string, string>>

/** One row of the list that the routes, the index and the OpenAPI document come from. */
export interface Endpoint extends Operation {
  handle: Handler
}

export function endpointsOf(deps: AppDeps): Endpoint[] {
  const graphDeps = { ...deps, large: new LargeAnswers() }
  const handlers: Readonly<Record<string, Handler>> = {
    ...graphHandlers(graphDeps), ...serviceHandlers(graphDeps), ...compatHandlers(graphDeps), ...changeHandlers(deps), ...cardinalityHandlers(deps),
    ...replicaHandlers(deps),
  }
  return operations.map(operation => {
    const handle = handlers[operation.path]
    if (handle === undefined) throw new Error(`nothing handles ${operation.path}, which the list of operations has`)
    return { ...operation, handle }
  })
}

function replicaHandlers(deps: AppDeps): Readonly<Record<string, Handler>> {
  const document = openApiDocument(deps.version, operations)
  return {
    '/metrics': metricsHandler(deps),
    '/docs/metrics': (_, res) => { res.type('html').send(documentPage(deps.metrics.document())) },
    '/-/healthy': healthHandler(deps),
    '/-/ready': readyHandler(deps),
    '/api': apiIndexHandler(deps.version),
    '/api/openapi.json': (_, res) => { res.json(document) },
    '/': mapPageHandler(deps.version),
  }
}

/** What is here: to browsers as a page, to all others as JSON. */
function apiIndexHandler(version: string): Handler {
  const endpoints = operations.map(({ path, description }) => ({ path, description }))
  return (req, res) => {
    if (req.accepts(['json', 'html']) === 'html') res.vary('Accept').type('html').send(indexPage(version, endpoints))
    else res.vary('Accept').json({ name: 'discovery-metrics', version, endpoints })
  }
}

function healthHandler({ health }: Pick<AppDeps, 'health'>): Handler {
  return (_, res) => {
    const { healthy, reason = 'no reason is known' } = health()
    if (!healthy) throw new Problem('unhealthy', reason)
    res.json({ healthy })
  }
}

function readyHandler({ readiness }: Pick<AppDeps, 'readiness'>): Handler {
  return (_, res) => {
    const { ready, reasons } = readiness()
    if (!ready) throw new Problem('not_ready', reasons.join('; '))
    res.json({ ready })
  }
}

import type { RequestListener } from 'node:http'
import { constants } from 'node:zlib'
import compression from 'compression'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { endpointsOf, type AppDeps } from './endpoints.ts'
import { speakingHttp2 } from './http2-app.ts'
import { assetRoutes } from './page/routes.ts'
import { Problem, sendProblem } from './problem.ts'
import { reset } from './stream.ts'

/** The HTTP side of a replica, as a value: it never listens. */
export function createApp(deps: AppDeps): RequestListener {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag') // every answer is of this moment, and none is stored
  app.set('query parser', 'simple')
  app.set('strict routing', true)
  app.set('case sensitive routing', true)
  app.use(protect, refuseBody, compressed)
  app.use(assetRoutes())
  for (const { path, handle } of endpointsOf(deps)) {
    app.route(path.replaceAll(/\{(\w+)\}/g, ':$1')).get(handle).all(refuseMethod)
  }
  app.use(({ path }) => { throw new Problem('unknown_path', `There is nothing at ${path}; /api lists what is here.`) })
  app.use(problemHandler(deps))
  return speakingHttp2(app)
}

const protect: RequestHandler = (_, res, next) => {
  res.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  })
  next()
}

/** Nothing here takes a body; one that came all the same would be read to its end, whatever its length, before the next request. */
const refuseBody: RequestHandler = ({ headers, httpVersionMajor }, res, next) => {
  if ((headers['content-length'] ?? '0') === '0' && headers['transfer-encoding'] === undefined) return next()
  if (httpVersionMajor < 2) res.set('Connection', 'close')
  throw new Problem('body_not_taken', 'A question here has no body; ask with GET or HEAD, and all that is asked for in the address.')
}

// All that is served is text, and repeats itself so much that the fastest level leaves little to gain.
const compressed = compression({ filter: () => true, level: constants.Z_BEST_SPEED })

const refuseMethod: RequestHandler = ({ method, path }, res) => {
  res.set('Allow', 'GET, HEAD')
  sendProblem(res, new Problem('method_not_allowed', `${path} cannot be asked with ${method}, only with GET and HEAD.`))
}

function problemHandler({ onError }: Pick<AppDeps, 'onError'>): ErrorRequestHandler {
  // Express tells error handlers by their four parameters.
  // oxlint-disable-next-line max-params
  return (error: unknown, _req, res, _next) => {
    const problem = problemOf(error)
    if (problem === null) onError(error)
    if (res.headersSent) reset(res)
    else sendProblem(res, problem ?? new Problem('internal_error', 'This replica could not answer; its log says why.'))
  }
}

/** Null for a fault of ours. A URIError is the only error that Express raises here by itself. */
function problemOf(error: unknown): Problem | null {
  if (error instanceof URIError) return new Problem('malformed_request', 'The path is not percent-encoded UTF-8.')
  return error instanceof Problem ? error : null
}

import { STATUS_CODES, type RequestListener } from 'node:http'
import express, { type ErrorRequestHandler, type RequestHandler, type Response } from 'express'
import { speakingHttp2 } from './http2-app.ts'

/** What came of a body. `full`: there is no room for its events now; `too_many_lines`: there never is. Of both, nothing was taken. */
export type IntakeResult = { accepted: number; rejected: number; faults: readonly object[] } | 'full' | 'too_many_lines'

/** How a request was answered. A closed list, which is counted; each with its status. */
export const intakeStatuses = {
  accepted: 202, partly: 207, refused: 400, unknown_path: 404, method_not_allowed: 405, too_large: 413, unsupported: 415, malformed: 400,
  failed: 500, busy: 503,
} as const
export type IntakeAnswer = keyof typeof intakeStatuses

export interface IntakeDeps {
  take: (body: Buffer) => IntakeResult
  count: (answer: IntakeAnswer) => void
  maxBodyBytes: number
  /** Requests at once; more are told to come again. So no more than this many bodies are held. */
  maxRequests: number
}

const PATH = '/v1/events'
/** None that a browser sends to another's site without asking (Fetch standard, CORS-safelisted request-header). */
const mediaTypes = ['application/x-ndjson', 'application/json']
const RETRY_SECONDS = '1'

/** Where events are posted as lines of JSON, as a value: it never listens. */
export function createIntakeApp({ take, count, maxBodyBytes, maxRequests }: IntakeDeps): RequestListener {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  const answer: Answering = (res, code, body) => {
    count(code)
    send(res, code, body)
  }
  const body = express.raw({ type: mediaTypes, limit: maxBodyBytes })
  app.route(PATH).post(admission(maxRequests, answer), body, (req, res) => {
    // Without a body that it could read, the parser leaves none.
    const bytes: unknown = req.body
    if (Buffer.isBuffer(bytes)) return answerTo(take(bytes), res, answer)
    return answer(res, 'unsupported', { detail: `Send lines of JSON, with Content-Type: ${mediaTypes.join(' or ')}.` })
  }).all((_, res) => {
    res.set('Allow', 'POST')
    answer(res, 'method_not_allowed', { detail: `Events are sent to ${PATH} by POST.` })
  })
  app.use((_, res) => answer(res, 'unknown_path', { detail: `Events are sent to ${PATH} by POST.` }))
  app.use(errorHandler(answer, maxBodyBytes))
  return speakingHttp2(app)
}

type Answering = (res: Response, code: IntakeAnswer, body: object) => void

function admission(maxRequests: number, answer: Answering): RequestHandler {
  let open = 0
  return (_, res, next) => {
    if (open >= maxRequests) {
      res.set({ 'Retry-After': RETRY_SECONDS, Connection: 'close' })
      return answer(res, 'busy', { detail: `${maxRequests} requests are under way already; send this one again.` })
    }
    open += 1
    res.once('close', () => { open -= 1 })
    next()
  }
}

function answerTo(result: IntakeResult, res: Response, answer: Answering): void {
  if (result === 'full') {
    res.set('Retry-After', RETRY_SECONDS)
    return answer(res, 'busy', { detail: 'Too many events wait for Kafka already, and none of these was taken: send all of them again.' })
  }
  if (result === 'too_many_lines') return answer(res, 'too_large', { detail: 'The body has too many lines; send fewer at once.' })
  const { accepted, rejected } = result
  if (rejected === 0) return answer(res, 'accepted', result)
  if (accepted > 0) return answer(res, 'partly', result)
  return answer(res, 'refused', { detail: 'No line is an event; `faults` says why.', ...result })
}

/** A refusal is a problem as RFC 9457 has it. */
function send(res: Response, code: IntakeAnswer, body: object): void {
  const status = intakeStatuses[code]
  const problem = { type: 'about:blank', title: STATUS_CODES[status], status, code }
  res.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
  res.status(status).type(status < 400 ? 'application/json' : 'application/problem+json')
  res.send(Buffer.from(`${JSON.stringify(status < 400 ? body : { ...problem, ...body })}\n`))
}

/** The parser's errors carry a status; all else is a fault of ours. */
function errorHandler(answer: Answering, maxBodyBytes: number): ErrorRequestHandler {
  // Express tells error handlers by their four parameters.
  // oxlint-disable-next-line max-params
  return (error: unknown, _req, res, _next) => {
    const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : 500
    if (status === 413) return answer(res, 'too_large', { detail: `A body has ${maxBodyBytes} bytes at most; send fewer lines at once.` })
    if (status === 415) return answer(res, 'unsupported', { detail: 'Send the body plain, or by gzip, deflate, br or zstd.' })
    if (typeof status === 'number' && status < 500) return answer(res, 'malformed', { detail: 'The body could not be read to its end.' })
    return answer(res, 'failed', { detail: 'The body could not be taken.' })
  }
}

import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Response } from 'express'

/** What can be wrong with a request or with us, by code; and the status that says it. A closed list. */
export const problemStatuses = {
  malformed_request: 400,
  unknown_scope: 400,
  unknown_family: 400,
  unknown_parameter: 400,
  bad_parameter: 400,
  unauthorized: 401,
  forbidden: 403,
  unknown_path: 404,
  unknown_service: 404,
  method_not_allowed: 405,
  body_not_taken: 413,
  rate_limited: 429,
  internal_error: 500,
  scrape_failed: 500,
  unhealthy: 503,
  not_ready: 503,
  too_many_streams: 503,
  too_many_large_answers: 503,
  too_many_logins: 503,
  too_many_pages: 503,
} as const
export type ProblemCode = keyof typeof problemStatuses

/** Seconds after which it may be otherwise. */
const retryAfter: Readonly<Partial<Record<ProblemCode, number>>> = {
  rate_limited: 1, too_many_logins: 1, too_many_pages: 5, too_many_large_answers: 10, too_many_streams: 10,
}

/** An answer that is not what was asked for. The message is for whoever asked: it says what happened, to what, and what to do. */
export class Problem extends Error {
  readonly code: ProblemCode
  constructor(code: ProblemCode, detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.code = code
  }
}

const MEDIA_TYPE = 'application/problem+json'

/** Answers with a problem as RFC 9457 has it. Its `type` is `about:blank`, so the title is the status's; `code` tells problems apart. */
export function sendProblem(res: Response, problem: Problem): void {
  res.set(retryHeaders(problem)).status(problemStatuses[problem.code]).type(MEDIA_TYPE).send(bodyOf(problem))
}

/** The same outside of any app. */
export function writeProblem(res: ServerResponse, problem: Problem): void {
  const body = bodyOf(problem)
  const headers = { 'Content-Type': `${MEDIA_TYPE}; charset=utf-8`, 'Content-Length': body.length, 'Cache-Control': 'no-store' }
  res.writeHead(problemStatuses[problem.code], { ...headers, ...retryHeaders(problem), 'X-Content-Type-Options': 'nosniff' }).end(body)
}

function retryHeaders({ code }: Problem): Record<string, string> {
  const seconds = retryAfter[code]
  return seconds === undefined ? {} : { 'Retry-After': String(seconds) }
}

function bodyOf({ code, message: detail }: Problem): Buffer {
  const status = problemStatuses[code]
  return Buffer.from(JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail, code }))
}

import { STATUS_CODES } from 'node:http'
import type { Response } from 'express'

/** What can be wrong with a request or with us, by code; and the status that says it. A closed list. */
export const problemStatuses = {
  malformed_request: 400,
  unknown_scope: 400,
  unknown_family: 400,
  unknown_parameter: 400,
  bad_parameter: 400,
  unknown_path: 404,
  unknown_service: 404,
  method_not_allowed: 405,
  internal_error: 500,
  scrape_failed: 500,
  unhealthy: 503,
  not_ready: 503,
  too_many_streams: 503,
  too_many_large_answers: 503,
} as const
export type ProblemCode = keyof typeof problemStatuses

/** An answer that is not what was asked for. The message is for whoever asked: it says what happened, to what, and what to do. */
export class Problem extends Error {
  readonly code: ProblemCode
  constructor(code: ProblemCode, detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.code = code
  }
}

/** Answers with a problem as RFC 9457 has it. Its `type` is `about:blank`, so the title is the status's; `code` tells problems apart. */
export function sendProblem(res: Response, { code, message: detail }: Problem): void {
  const status = problemStatuses[code]
  const body = { type: 'about:blank', title: STATUS_CODES[status], status, detail, code }
  res.status(status).type('application/problem+json').send(Buffer.from(JSON.stringify(body)))
}

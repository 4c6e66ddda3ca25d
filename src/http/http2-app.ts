import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Http2ServerRequest, Http2ServerResponse, type ServerHttp2Stream } from 'node:http2'
import express, { type Application } from 'express'

/**
 * An Express app that answers HTTP/2 as well. Express 5 makes each request an heir of `node:http`'s, which hides what `node:http2` has instead
 * (url, headers, end); here such a request gets the same methods of Express, as an heir of its own kind.
 */
export function speakingHttp2(app: Application): RequestListener {
  const over1 = app as unknown as Untyped
  const over2 = Object.create(app, {
    request: { value: heirOf(Http2ServerRequest.prototype, express.request, over1.request) },
    response: { value: heirOf(Http2ServerResponse.prototype, express.response, over1.response) },
  }) as Untyped
  return (req, res) => {
    if (req.httpVersionMajor < 2) return over1.handle(req, res)
    // Parsers of bodies look for what tells one in HTTP/1.1 (RFC 9112, section 6.3); in HTTP/2 the frames tell.
    if ('stream' in req && !(req.stream as ServerHttp2Stream).endAfterHeaders) req.headers['transfer-encoding'] = 'chunked'
    return over2.handle(req, res)
  }
}

/** What every Express app has, though its types hide it. */
interface Untyped {
  request: object
  response: object
  handle: (req: IncomingMessage, res: ServerResponse) => void
}

function heirOf(prototype: object, ...methods: readonly object[]): object {
  return methods.reduce((heir, more) => Object.create(heir, Object.getOwnPropertyDescriptors(more)) as object, prototype)
}

import { createServer as createHttpServer, type RequestListener, type Server as HttpServer } from 'node:http'
import { createSecureServer as createHttp2Server, type Http2SecureServer, type ServerHttp2Session } from 'node:http2'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { requestOf } from './web-config/client-certificates.ts'
import type { TlsServer, WebConfig } from './web-config/read.ts'

/** How long clients may take, in milliseconds, by Node's names. */
interface TimeLimits {
  headersTimeout: number
  requestTimeout: number
  keepAliveTimeout: number
  connectionsCheckingInterval: number
}

/** Time for a request's head, and for all of it; a connection without one is kept for longer than scrapes are apart. */
const timeLimits: TimeLimits = { headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 75_000, connectionsCheckingInterval: 5_000 }
/** More are not taken: each may cost some kilobytes before it says anything. */
const MOST_CONNECTIONS = 4_096
const MOST_HEADERS = 100
/** Of HTTP/2: requests under way on a connection, and how long one may be idle. */
const MOST_REQUESTS = 100
const IDLE_MS = 120_000

/** What a listener of Node's two kinds of servers is given is alike to a handler that keeps to what both have. */
type Http2Listener = Parameters<typeof createHttp2Server>[1]

/** One of Node's servers, as the configuration wants it, not listening yet. */
export class ProtocolServer {
  readonly server: HttpServer | HttpsServer | Http2SecureServer
  readonly #connections = new Set<Socket>()
  readonly #sessions = new Set<ServerHttp2Session>()

  constructor(handler: RequestListener, config: Pick<WebConfig, 'tls' | 'http2'>, limits = timeLimits) {
    this.server = serverOf(handler, config, limits)
    this.server.maxConnections = MOST_CONNECTIONS
    this.server.on('connection', (socket: Socket) => keepWhileOpen(this.#connections, socket))
    this.server.on('session', (session: ServerHttp2Session) => keepWhileOpen(this.#sessions, session))
  }

  /** For connections to come. Those that are open end as soon as nothing is under way on them, lest they outlive what let them in. */
  renew({ context, clientAuth }: TlsServer): void {
    if (!('setSecureContext' in this.server)) return
    this.server.setSecureContext(context)
    // Not documented, and read at every connection.
    Object.assign(this.server, requestOf(clientAuth))
    this.#endIdle()
  }

  /** Takes no new requests, lets those under way end within `grace` milliseconds, then closes all connections. */
  async close(grace: number): Promise<void> {
    const closed = new Promise(resolve => { this.server.close(resolve) })
    this.#endIdle()
    const cut = setTimeout(() => { for (const connection of this.#connections) connection.destroy() }, grace)
    await closed
    clearTimeout(cut)
  }

  #endIdle(): void {
    // Node 24 has it for the HTTP/1.1 connections of an HTTP/2 server as well, which its types do not know yet.
    const server = this.server as HttpServer
    server.closeIdleConnections()
    for (const session of this.#sessions) session.close()
  }
}

function serverOf(handler: RequestListener, { tls, http2 }: Pick<WebConfig, 'tls' | 'http2'>, limits: TimeLimits): ProtocolServer['server'] {
  if (tls === null) return Object.assign(createHttpServer(limits, handler), { maxHeadersCount: MOST_HEADERS })
  const options = { ...limits, ...tls.context, ...requestOf(tls.clientAuth) }
  if (!http2) return Object.assign(createHttpsServer(options, handler), { maxHeadersCount: MOST_HEADERS })
  const settings = { maxConcurrentStreams: MOST_REQUESTS }
  const server = createHttp2Server({ ...options, allowHTTP1: true, settings, maxHeaderListPairs: MOST_HEADERS }, handler as unknown as Http2Listener)
  server.setTimeout(IDLE_MS)
  return server
}

function keepWhileOpen<T extends Socket | ServerHttp2Session>(open: Set<T>, each: T): void {
  open.add(each)
  each.once('close', () => { open.delete(each) })
}

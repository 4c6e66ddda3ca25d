import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'

/** `failing`: answers 500. `silent`: takes requests and answers none. `cut`: ends within its answer. `misplaced`: knows no such path. */
export type RegistryState = 'up' | 'failing' | 'silent' | 'cut' | 'misplaced' | 'garbage' | 'busy'

/**
 * A schema registry on loopback that answers as Confluent documents it ("Schema Registry API Reference", `GET /schemas/ids/{int: id}`):
 * 200 with the schema as a string, 404 with error code 40403, 500 with 50001, 401 without the right login.
 */
export class FakeRegistry {
  state: RegistryState = 'up'
  /** `name:password` that has to be given; empty: none. */
  login = ''
  /** Answers by id, as they are sent; an id that is not here is not found. */
  readonly answers = new Map<number, object>()
  /** Ids asked for, in order. */
  readonly asked: number[] = []
  readonly #scheme: string
  readonly #server: Server

  /** `tls`: certificate and key, to be asked by https. */
  constructor(tls: ServerOptions | null = null) {
    const listener: RequestListener = (req, res) => this.#answer(req, res)
    this.#scheme = tls === null ? 'http' : 'https'
    this.#server = tls === null ? createServer(listener) : createSecureServer(tls, listener)
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => { this.#server.close(resolve) })
  }

  #answer({ url = '', headers }: IncomingMessage, res: ServerResponse): void {
    const id = Number(/^\/schemas\/ids\/(\d+)$/.exec(url)?.[1])
    this.asked.push(id)
    const isLetIn = this.login === '' || headers.authorization === `Basic ${Buffer.from(this.login).toString('base64')}`
    const known = this.answers.get(id)
    const answers: Record<RegistryState, () => void> = {
      silent: () => {},
      failing: () => send(res, 500, { error_code: 50001, message: 'Error in the backend datastore' }),
      busy: () => send(res, 429, { error_code: 42901, message: 'Too many requests' }),
      misplaced: () => send(res, 404, { error_code: 404, message: 'HTTP 404 Not Found' }),
      garbage: () => { res.writeHead(200).end('<html>') },
      cut: () => { res.writeHead(200, { 'Content-Length': '100' }).write('{"schema"', () => res.destroy()) },
      up: () => known === undefined ? send(res, 404, { error_code: 40403, message: `Schema ${id} not found` }) : send(res, 200, known),
    }
    if (!isLetIn) send(res, 401, { error_code: 40101, message: 'Unauthorized' })
    else answers[this.state]()
  }
}

function send(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'Content-Type': 'application/vnd.schemaregistry.v1+json' }).end(JSON.stringify(body))
}

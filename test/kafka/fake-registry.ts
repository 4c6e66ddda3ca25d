import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A schema registry on loopback that answers as Confluent documents it ("Schema Registry API Reference", `GET /schemas/ids/{int: id}`):
 * 200 with the schema as a string, 404 with error code 40403, 500 with 50001.
 */
export class FakeRegistry {
  /** `failing`: answers 500. `silent`: takes requests and answers none. */
  state: 'up' | 'failing' | 'silent' = 'up'
  /** Answers by id, as they are sent; an id that is not here is not found. */
  readonly answers = new Map<number, object>()
  /** Ids asked for, in order. */
  readonly asked: number[] = []
  readonly #server: Server = createServer(({ url = '' }, res) => this.#answer(url, res))

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => { this.#server.close(resolve) })
  }

  #answer(url: string, res: ServerResponse): void {
    const id = Number(/^\/schemas\/ids\/(\d+)$/.exec(url)?.[1])
    this.asked.push(id)
    if (this.state === 'silent') return
    const known = this.answers.get(id)
    if (this.state === 'failing') send(res, 500, { error_code: 50001, message: 'Error in the backend datastore' })
    else if (known === undefined) send(res, 404, { error_code: 40403, message: `Schema ${id} not found` })
    else send(res, 200, known)
  }
}

function send(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'Content-Type': 'application/vnd.schemaregistry.v1+json' }).end(JSON.stringify(body))
}

import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { close, listen } from '../loopback.ts'

export interface RecordedAnswer {
  path: string
  index: number
  body: unknown
}

/** Answers each path as a real Consul did, in its order, and then no more; logs what that logged once it is told to. */
export class RecordedConsul {
  readonly #answers: RecordedAnswer[]
  readonly #log: readonly string[]
  #reader: ServerResponse | undefined
  readonly #server = createServer(({ url = '' }, response) => this.#answer(url.split('?')[0] ?? '', response))

  constructor(version: string) {
    const { answers, log } = JSON.parse(readFileSync(join(import.meta.dirname, `consul-${version}.json`), 'utf8')) as { answers: RecordedAnswer[]; log: string[] }
    this.#answers = answers
    this.#log = log
  }

  start(): Promise<string> {
    return listen(this.#server)
  }

  stop(): Promise<void> {
    return close(this.#server)
  }

  log(): void {
    this.#reader?.write(this.#log.map(line => `${line}\n`).join(''))
  }

  #answer(path: string, response: ServerResponse): void {
    if (path === '/v1/agent/monitor') {
      response.writeHead(200).flushHeaders()
      this.#reader = response
      return
    }
    const next = this.#answers.findIndex(answer => answer.path === path)
    if (next < 0) return
    const [{ index, body }] = this.#answers.splice(next, 1) as [RecordedAnswer]
    response.writeHead(200, { 'x-consul-index': String(index) }).end(JSON.stringify(body))
  }
}

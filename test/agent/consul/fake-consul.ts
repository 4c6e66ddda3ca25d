import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { close, listen } from './loopback.ts'

export interface AskedQuestion {
  path: string
  /** As it was sent; null: none. */
  index: string | null
  wait: string | null
  isConsistent: boolean
  token: string | undefined
  at: number
}

export interface FakeInstance {
  id: string
  status?: 'passing' | 'warning' | 'critical'
  /** Of the check that gives the status. */
  check?: string
  createIndex?: number
  version?: string
  address?: string
  /** A proxy of service `web`, and what it says that it calls: services by name, or with a type before a colon. */
  upstreams?: readonly string[]
  port?: number
}

/** How questions are answered: as Consul does, with this status, at once whatever the index, or never. */
export type Manner = 'well' | 'at once' | 'never' | { status: number; body?: string }

interface Waiting {
  path: string
  index: number
  answer: () => void
}

/** An HTTP server that answers blocking queries as Consul does, or as it should not. */
export class FakeConsul {
  readonly asked: AskedQuestion[] = []
  manner: Manner = 'well'
  /** The paths that `manner` is about; the others are answered well. */
  mannerOf: (path: string) => boolean = () => true
  isFiltered = false
  mostUnderWay = 0
  /** Never above `waiting`: what is asked about services and not yet answered. */
  #underWay = 0
  readonly #services = new Map<string, { index: number; instances: readonly FakeInstance[] }>()
  #catalogIndex = 1
  readonly #waiting = new Set<Waiting>()
  readonly #server: Server = createServer((request, response) => this.#take(request, response))

  start(): Promise<string> {
    return listen(this.#server)
  }

  stop(): Promise<void> {
    return close(this.#server)
  }

  /** The service's instances as of an index; none: it is gone. */
  put(service: string, index: number, instances: readonly FakeInstance[]): void {
    const isListed = (this.#services.get(service)?.instances.length ?? 0) > 0
    this.#services.set(service, { index, instances })
    if (isListed !== instances.length > 0) this.#catalogIndex = index
    this.#wake()
  }

  /** Is started anew, with the services that it has then. `cut`: whether questions under way are. */
  remake(index: number, services: Record<string, readonly FakeInstance[]>, cut = true): void {
    this.#services.clear()
    for (const [service, instances] of Object.entries(services)) this.#services.set(service, { index, instances })
    this.#catalogIndex = index
    if (cut) this.#server.closeAllConnections()
  }

  /** The answers that wait, or those of one path, are given, whatever their index. */
  release(path?: string): void {
    for (const waiting of this.#waiting) if (path === undefined || waiting.path === path) waiting.answer()
  }

  get waiting(): string[] {
    return [...this.#waiting].map(({ path }) => path)
  }

  askedOf(path: string): AskedQuestion[] {
    return this.asked.filter(question => question.path === path)
  }

  #wake(): void {
    for (const waiting of this.#waiting) if (this.#indexOf(waiting.path) > waiting.index) waiting.answer()
  }

  #indexOf(path: string): number {
    return this.#services.get(serviceOf(path))?.index ?? this.#catalogIndex
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://consul')
    const [index, wait] = [searchParams.get('index'), searchParams.get('wait')]
    this.asked.push({ path, index, wait, isConsistent: searchParams.has('consistent'), token: request.headers['x-consul-token']?.toString(), at: performance.now() })
    this.#count(path, response)
    const manner = this.mannerOf(path) ? this.manner : 'well'
    if (manner === 'never') return
    if (typeof manner === 'object') {
      response.writeHead(manner.status).end(manner.body ?? 'No cluster leader')
      return
    }
    if (manner === 'at once' || index === null || this.#indexOf(path) > Number(index)) this.#answer(path, response)
    else this.#wait(path, { index: Number(index), waitMs: Number.parseInt(wait ?? '0', 10) }, response)
  }

  #count(path: string, response: ServerResponse): void {
    if (serviceOf(path) === '') return
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.#underWay)
    response.on('close', () => { this.#underWay -= 1 })
  }

  #wait(path: string, { index, waitMs }: { index: number; waitMs: number }, response: ServerResponse): void {
    const answer = (): void => {
      this.#waiting.delete(waiting)
      clearTimeout(timer)
      this.#answer(path, response)
    }
    const timer = setTimeout(answer, waitMs)
    const waiting = { path, index, answer }
    this.#waiting.add(waiting)
    response.on('close', () => {
      clearTimeout(timer)
      this.#waiting.delete(waiting)
    })
  }

  #answer(path: string, response: ServerResponse): void {
    const service = serviceOf(path)
    const listed = [...this.#services].filter(([, { instances }]) => instances.length > 0).map(([name]) => [name, []])
    const body = service === '' ? Object.fromEntries(listed) : (this.#services.get(service)?.instances ?? []).map(each => entryOf(service, each))
    const filtered = this.isFiltered ? { 'x-consul-results-filtered-by-acls': 'true' } : {}
    response.writeHead(200, { 'x-consul-index': String(this.#indexOf(path)), ...filtered }).end(JSON.stringify(body))
  }
}

function serviceOf(path: string): string {
  return /^\/v1\/health\/service\/(.*)$/.exec(path)?.[1] ?? ''
}

function entryOf(service: string, { id, status = 'passing', check = 'service:check', createIndex = 1, version, port = 80, address = '', upstreams }: FakeInstance): unknown {
  const proxy = upstreams === undefined ? {} : { Kind: 'connect-proxy', Proxy: { DestinationServiceName: 'web', Upstreams: upstreams.map(upstreamOf) } }
  return {
    Node: { Node: 'node-1', Address: '10.0.0.1', Datacenter: 'dc1' },
    Service: { ID: id, Service: service, Address: address, Port: port, ...proxy, Meta: version === undefined ? null : { version }, Tags: null, CreateIndex: createIndex },
    Checks: [{ CheckID: 'serfHealth', Status: 'passing' }, { CheckID: check, Status: status }],
  }
}

function upstreamOf(text: string): unknown {
  const [name, type] = text.split(':').toReversed()
  return { DestinationName: name, ...(type === undefined ? {} : { DestinationType: type }) }
}

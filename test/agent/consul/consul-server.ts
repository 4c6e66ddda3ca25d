import { request } from 'node:http'
import { freePort } from '../../../broker/ports.ts'
import { ServerProcess } from '../../support/server-process.ts'
import { toolPath } from '../../support/toolchain.ts'

export interface ConsulServerOptions {
  /** Where its data outlive it; without it they are in memory. */
  folder?: string
  /** The file to run, if not that of the tests. */
  binary?: string
  /** More of its configuration, in HCL. */
  configuration?: string
  /** For what the tests do. */
  token?: string
}

export interface Registered {
  version?: string
  port?: number
  address?: string
  /** What else is told of it, as Consul names it. */
  more?: Record<string, unknown>
}

/** A real Consul, of one server on loopback, in a process that does not outlive this one. */
export class ConsulServer {
  readonly url: string
  readonly dnsPort: number
  readonly #process: ServerProcess
  readonly #token: string

  private constructor(ports: { http: number; dns: number }, { binary, args, token }: { binary: string | undefined; args: readonly string[]; token: string }) {
    this.url = `http://127.0.0.1:${ports.http}`
    this.dnsPort = ports.dns
    this.#process = new ServerProcess(() => [binary ?? toolPath('consul'), ...args])
    this.#token = token
  }

  static async create({ folder, binary, configuration = '', token = '' }: ConsulServerOptions = {}): Promise<ConsulServer> {
    const [http, dns, server, serf] = [await freePort(), await freePort(), await freePort(), await freePort()]
    const ports = `ports { http = ${http} server = ${server} serf_lan = ${serf} serf_wan = -1 dns = ${dns} grpc = -1 }`
    const kept = folder === undefined ? ['-dev'] : ['-server', '-bootstrap-expect=1', `-data-dir=${folder}`]
    const where = ['-node=node-1', '-bind=127.0.0.1', '-client=127.0.0.1']
    const args = ['agent', ...kept, ...where, '-log-level=warn', '-hcl', `${ports} performance { raft_multiplier = 1 }`, '-hcl', configuration]
    return new ConsulServer({ http, dns }, { binary, args, token })
  }

  /** Resolves once it has a leader. */
  start(): Promise<void> {
    const isLed = async (): Promise<boolean> => (await this.#request('GET', '/v1/health/service/consul?passing')).includes('serfHealth')
    return this.#process.start(isLed, { message: 'Consul has a leader', timeoutMs: 60_000 })
  }

  /** Ends it, by force unless said otherwise. Resolves once it is gone. */
  stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    return this.#process.stop(signal)
  }

  /** `check`: of how it is well, which lasts for an hour. */
  async register(service: string, id: string, { version = '1', port = 80, address = '10.0.0.7', more = {} }: Registered = {}): Promise<void> {
    await this.put('/v1/agent/service/register', {
      Name: service, ID: id, Address: address, Port: port, Meta: { version }, Check: { TTL: '1h', Status: 'passing' }, ...more,
    })
  }

  /** Sends what an operator would. Resolves with what Consul said. */
  put(path: string, body?: unknown): Promise<string> {
    return this.#request('PUT', path, body)
  }

  /** Asks as a client at an address does. Resolves with the status. */
  askFrom(localAddress: string, path: string): Promise<number> {
    return new Promise((resolve, reject) => {
      request(`${this.url}${path}`, { localAddress, headers: { 'x-consul-token': this.#token } }, response => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      }).on('error', reject).end()
    })
  }

  async #request(method: string, path: string, body?: unknown): Promise<string> {
    const response = await fetch(`${this.url}${path}`, {
      method, headers: { 'x-consul-token': this.#token }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`Consul said ${response.status} to ${path}: ${text}`)
    return text
  }
}

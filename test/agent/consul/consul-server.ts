import { freePort } from '../../../broker/ports.ts'
import { ServerProcess } from '../../support/server-process.ts'
import { toolPath } from '../../support/toolchain.ts'

export interface ConsulServerOptions {
  /** Where its data outlive it; without it they are in memory. */
  folder?: string
  /** More of its configuration, in HCL. */
  configuration?: string
  /** For what the tests do. */
  token?: string
}

/** A real Consul, of one server on loopback, in a process that does not outlive this one. */
export class ConsulServer {
  readonly url: string
  readonly #process: ServerProcess
  readonly #token: string

  private constructor(url: string, args: readonly string[], token: string) {
    this.url = url
    this.#process = new ServerProcess(() => [toolPath('consul'), ...args])
    this.#token = token
  }

  static async create({ folder, configuration = '', token = '' }: ConsulServerOptions = {}): Promise<ConsulServer> {
    const [http, server, serf] = [await freePort(), await freePort(), await freePort()]
    const ports = `ports { http = ${http} server = ${server} serf_lan = ${serf} serf_wan = -1 dns = -1 grpc = -1 }`
    const kept = folder === undefined ? ['-dev'] : ['-server', '-bootstrap-expect=1', `-data-dir=${folder}`]
    const args = ['agent', ...kept, '-node=node-1', '-bind=127.0.0.1', '-client=127.0.0.1', '-log-level=warn', '-hcl', `${ports} performance { raft_multiplier = 1 } ${configuration}`]
    return new ConsulServer(`http://127.0.0.1:${http}`, args, token)
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
  async register(service: string, id: string, { version = '1', port = 80 }: { version?: string; port?: number } = {}): Promise<void> {
    await this.put('/v1/agent/service/register', {
      Name: service, ID: id, Address: '10.0.0.7', Port: port, Meta: { version }, Check: { TTL: '1h', Status: 'passing' },
    })
  }

  /** Sends what an operator would. */
  async put(path: string, body?: unknown): Promise<void> {
    await this.#request('PUT', path, body)
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

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { ConsulError } from './consul-error.ts'

/** A parameter that Consul passes over, and writes into its log: there our own questions are known by it. */
export const OWN_QUESTION = 'asked-by'
/** Of what Consul says about a question that it does not answer, this much is read. */
const MAX_SAID_CHARS = 100

/** Where Consul is, and how it lets us in. Empty: not given; certificates and key as PEM. */
export interface ConsulAccess {
  url: string
  /** Asked for each question: tokens are exchanged while we run. */
  token: () => string
  ca: string
  cert: string
  key: string
  serverName: string
  /** Empty: that of the Consul that is asked. */
  datacenter: string
  /** An answer that is due may take this long; milliseconds. */
  patienceMs: number
}

/** HTTP with one Consul. */
export class ConsulConnection {
  readonly access: ConsulAccess
  readonly #send: typeof httpRequest
  readonly #agent: HttpAgent

  constructor(access: ConsulAccess) {
    const { url, ca, cert, key, serverName: servername } = access
    const isSecure = url.startsWith('https:')
    const tls = Object.fromEntries(Object.entries({ ca, cert, key, servername }).filter(([, value]) => value !== ''))
    this.access = access
    this.#send = isSecure ? httpsRequest : httpRequest
    this.#agent = isSecure ? new HttpsAgent({ keepAlive: true, ...tls }) : new HttpAgent({ keepAlive: true })
  }

  /** Resolves with the head of an answer. `needed`: what the token needs for it. Rejects with a ConsulError, or as the connection or the signal has it. */
  async open(path: string, { parameters, needed, signal }: { parameters: Record<string, string>; needed: string; signal: AbortSignal }): Promise<IncomingMessage> {
    const asked = new URLSearchParams({ ...parameters, [OWN_QUESTION]: 'discovery-metrics' })
    const response = await this.#get(`${this.access.url.replace(/\/+$/, '')}${path}?${asked.toString()}`, signal)
    const { statusCode: status = 0 } = response
    if (status === 200) return response
    const said = `${status} ${await beginningOf(response)}`.trim()
    if (status === 401 || status === 403) throw new ConsulError('denied', `Consul denies ${path} (${said}): the token needs ${needed}`)
    if (status === 429 || status >= 500) throw new ConsulError('failing', `Consul cannot answer ${path} (${said})`)
    throw new ConsulError('misplaced', `no Consul answers at --consul.url: it said ${said} to ${path}; is the URL right?`)
  }

  /** Lets go of connections that are kept for later. */
  close(): void {
    this.#agent.destroy()
  }

  #get(url: string, signal: AbortSignal): Promise<IncomingMessage> {
    const token = this.#token()
    const headers = { accept: 'application/json', ...(token === '' ? {} : { 'x-consul-token': token }) }
    return new Promise((resolve, reject) => {
      this.#send(url, { agent: this.#agent, headers, signal }, resolve).on('error', reject).end()
    })
  }

  #token(): string {
    try {
      return this.access.token()
    } catch (cause) {
      throw new ConsulError('denied', `the file of --consul.token-file ${reasonOf(cause)}`, { cause })
    }
  }
}

/** As the ConsulError that it is, or that a connection which broke makes of it. */
export function consulErrorOf(cause: unknown, path: string): ConsulError {
  return cause instanceof ConsulError ? cause : new ConsulError('unreachable', `Consul cannot be asked for ${path}: ${reasonOf(cause)}`, { cause })
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk.toString()
    if (text.length >= MAX_SAID_CHARS) break
  }
  return text.slice(0, MAX_SAID_CHARS).trim()
}

/** Of several addresses that were tried, Node tells in a list. */
function reasonOf(error: unknown): string {
  const { errors = [error] } = error as { errors?: readonly unknown[] }
  return errors.map(each => (each instanceof Error ? each.message : String(each))).join('; ')
}

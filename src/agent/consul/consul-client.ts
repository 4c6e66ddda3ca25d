import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { ConsulError } from './consul-error.ts'

/** A service of 40,000 instances has about as much, in bytes. */
const MAX_BODY_BYTES = 67_108_864
/** Consul adds up to a sixteenth to a wait, so that not all questions come back at once. */
const WAIT_JITTER = 17 / 16

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

export interface Question {
  path: string
  /** Consul waits for what comes after it; 0: it answers at once. */
  index: number
  waitMs: number
  signal: AbortSignal
}

export interface Answer {
  index: number
  /** Something is left out that the token may not read. Newer versions of Consul say so, 1.8 does not. */
  isFiltered: boolean
  body: unknown
}

/** Blocking queries of Consul's HTTP API. */
export class ConsulClient {
  readonly #access: ConsulAccess
  readonly #send: typeof httpRequest
  readonly #agent: HttpAgent

  constructor(access: ConsulAccess) {
    const { url, ca, cert, key, serverName: servername } = access
    const isSecure = url.startsWith('https:')
    const tls = Object.fromEntries(Object.entries({ ca, cert, key, servername }).filter(([, value]) => value !== ''))
    this.#access = access
    this.#send = isSecure ? httpsRequest : httpRequest
    this.#agent = isSecure ? new HttpsAgent({ keepAlive: true, ...tls }) : new HttpAgent({ keepAlive: true })
  }

  /** Rejects with a ConsulError, whatever went wrong, the end of `signal` too. */
  async ask(question: Question): Promise<Answer> {
    const { path, index, waitMs, signal } = question
    const limitMs = this.#access.patienceMs + (index > 0 ? waitMs * WAIT_JITTER : 0)
    const limit = AbortSignal.timeout(Math.ceil(limitMs))
    try {
      const { response, text } = await this.#get(this.#urlOf(question), AbortSignal.any([signal, limit]))
      return answerIn(path, response, text)
    } catch (cause) {
      if (cause instanceof ConsulError) throw cause
      if (limit.aborted) throw new ConsulError('timeout', `Consul has not answered ${path} within ${limitMs / 1_000} s: see whether it has a leader`, { cause })
      throw new ConsulError('unreachable', `Consul cannot be asked for ${path}: ${reasonOf(cause)}`, { cause })
    }
  }

  /** Lets go of connections that are kept for later. */
  close(): void {
    this.#agent.destroy()
  }

  #urlOf({ path, index, waitMs }: Question): string {
    const { url, datacenter } = this.#access
    const asked = new URLSearchParams({
      ...(datacenter === '' ? {} : { dc: datacenter }), ...(index === 0 ? {} : { index: String(index), wait: `${Math.ceil(waitMs)}ms` }),
    })
    return `${url.replace(/\/+$/, '')}${path}?${asked.toString()}`
  }

  #get(url: string, signal: AbortSignal): Promise<{ response: IncomingMessage; text: string }> {
    const token = this.#token()
    return new Promise((resolve, reject) => {
      const headers = { accept: 'application/json', ...(token === '' ? {} : { 'x-consul-token': token }) }
      const request = this.#send(url, { agent: this.#agent, headers, signal }, response => {
        textOf(response).then(text => resolve({ response, text }), reject)
      })
      request.on('error', reject).end()
    })
  }

  #token(): string {
    try {
      return this.#access.token()
    } catch (cause) {
      throw new ConsulError('denied', `the file of --consul.token-file ${reasonOf(cause)}`, { cause })
    }
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new ConsulError('too_large', `an answer of Consul has more than ${MAX_BODY_BYTES} bytes and is not read`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function answerIn(path: string, { statusCode = 0, headers }: IncomingMessage, text: string): Answer {
  if (statusCode === 401 || statusCode === 403) {
    throw new ConsulError('denied', `Consul denies ${path} (${said(statusCode, text)}): the token needs service:read and node:read`)
  }
  if (statusCode === 429 || statusCode >= 500) throw new ConsulError('failing', `Consul cannot answer ${path} (${said(statusCode, text)})`)
  const index = Number(headers['x-consul-index'] ?? Number.NaN)
  if (statusCode !== 200 || !Number.isSafeInteger(index)) {
    throw new ConsulError('misplaced', `no Consul answers at --consul.url: it said ${said(statusCode, text)} to ${path}; is the URL right?`)
  }
  return { index, isFiltered: headers['x-consul-results-filtered-by-acls'] === 'true', body: parsed(path, text) }
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ConsulError('misplaced', `the answer to ${path} is no JSON`, { cause })
  }
}

function said(status: number, text: string): string {
  return `${status} ${text.slice(0, 100).trim()}`.trim()
}

/** Of several addresses that were tried, Node tells in a list. */
function reasonOf(error: unknown): string {
  const { errors = [error] } = error as { errors?: readonly unknown[] }
  return errors.map(each => (each instanceof Error ? each.message : String(each))).join('; ')
}

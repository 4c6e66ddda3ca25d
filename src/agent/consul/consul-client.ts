import type { IncomingMessage } from 'node:http'
import { consulErrorOf, type ConsulConnection } from './consul-connection.ts'
import { ConsulError } from './consul-error.ts'

/** A service of 40,000 instances has about as much, in bytes. */
const MAX_BODY_BYTES = 67_108_864
/** Consul adds up to a sixteenth to a wait, so that not all questions come back at once. */
const WAIT_JITTER = 17 / 16

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
  readonly #connection: ConsulConnection

  constructor(connection: ConsulConnection) {
    this.#connection = connection
  }

  /** Rejects with a ConsulError, whatever went wrong, the end of `signal` too. */
  async ask({ path, index, waitMs, signal }: Question): Promise<Answer> {
    const { datacenter, patienceMs } = this.#connection.access
    const limitMs = patienceMs + (index > 0 ? waitMs * WAIT_JITTER : 0)
    const limit = AbortSignal.timeout(Math.ceil(limitMs))
    const parameters = {
      ...(datacenter === '' ? {} : { dc: datacenter }),
      // Without an index nothing tells an old answer: a leader that has just begun may not have its data yet. So it is to make sure of them.
      ...(index === 0 ? { consistent: '' } : { index: String(index), wait: `${Math.ceil(waitMs)}ms` }),
    }
    try {
      const open = { parameters, needed: 'service:read and node:read', signal: AbortSignal.any([signal, limit]) }
      const response = await this.#connection.open(path, open)
      return answerIn(path, response, await textOf(response))
    } catch (cause) {
      if (!limit.aborted || cause instanceof ConsulError) throw consulErrorOf(cause, path)
      throw new ConsulError('timeout', `Consul has not answered ${path} within ${limitMs / 1_000} s: see whether it has a leader`, { cause })
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

function answerIn(path: string, { headers }: IncomingMessage, text: string): Answer {
  const index = Number(headers['x-consul-index'] ?? Number.NaN)
  if (!Number.isSafeInteger(index)) {
    throw new ConsulError('misplaced', `what answers ${path} is no Consul, or not as we know it: it tells no X-Consul-Index; is --consul.url right?`)
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

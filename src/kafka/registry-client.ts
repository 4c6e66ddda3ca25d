import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { CodedError } from '../coded-error.ts'

/** For one attempt, its answer read. */
const ATTEMPT_MS = 5_000
/** A schema may be this large, in bytes as the registry sends it; ours have about 3,000. */
export const MAX_SCHEMA_BYTES = 65_536
/** Requests under way at a time: each partition waits for one schema at most. */
const MAX_SOCKETS = 8

export const registryErrorCodes = [
  /** No answer, or none in time, or one that says that the registry cannot answer now. */
  'registry_unreachable',
  /** It does not let us in. */
  'registry_refused',
  /** What answers is no schema registry. */
  'registry_misplaced',
] as const
export type RegistryErrorCode = (typeof registryErrorCodes)[number]

export class RegistryError extends CodedError<RegistryErrorCode> {
  override readonly name = 'RegistryError'
}

/** Where the registry is, and how it lets us in; empty: not given. Certificates and key as PEM. */
export interface RegistryAccess {
  url: string
  username: string
  /** Asked for each question: passwords are exchanged while we run. May throw. */
  password: () => string
  ca: string
  cert: string
  key: string
}

/** A schema as it was registered; `unknown`: there is none of that id; `unusable`: there is, and it is no Avro, or too large. */
export type RegistryAnswer = { schema: string } | 'unknown' | 'unusable'

/** Confluent's Schema Registry API ("Schema Registry API Reference"), of which `GET /schemas/ids/{id}` is all that a reader needs. */
export class RegistryClient {
  readonly #base: string
  readonly #send: typeof httpRequest
  readonly #options: RequestOptions
  readonly #login: () => string | undefined
  readonly #attemptMs: number

  constructor({ url, username, password, ca, cert, key }: RegistryAccess, attemptMs = ATTEMPT_MS) {
    const isSecure = url.startsWith('https:')
    const pem = Object.fromEntries(Object.entries({ ca, cert, key }).filter(([, content]) => content !== ''))
    const pool = { keepAlive: true, maxSockets: MAX_SOCKETS }
    this.#base = url.replace(/\/+$/, '')
    this.#send = isSecure ? httpsRequest : httpRequest
    this.#attemptMs = attemptMs
    this.#options = {
      agent: isSecure ? new HttpsAgent({ ...pool, ...pem }) : new HttpAgent(pool),
      headers: { accept: 'application/vnd.schemaregistry.v1+json, application/json' },
    }
    this.#login = () => (username === '' ? undefined : `${username}:${password()}`)
  }

  /** One attempt. Rejects with a {@link RegistryError} where the registry does not tell. */
  async ask(id: number): Promise<RegistryAnswer> {
    const { status, body } = await this.#get(`/schemas/ids/${id}`, this.#readLogin()).catch((cause: unknown) => {
      throw new RegistryError('registry_unreachable', `the schema registry cannot be asked for schema ${id}: ${reasonOf(cause)}`, { cause })
    })
    if (status === 200) return body === null ? 'unusable' : schemaOf(body)
    // Whatever else is not found is our mistake or a proxy's, and must not have every message set aside.
    if (status === 404 && errorCodeOf(body ?? '') === SCHEMA_NOT_FOUND) return 'unknown'
    if (status === 401 || status === 403) {
      throw new RegistryError('registry_refused', `the schema registry does not let us in (${status}): see --schema-registry.username and .password-file`)
    }
    if (status === 404 || (status >= 300 && status < 400)) throw misplaced(`it answered ${status}`)
    throw new RegistryError('registry_unreachable', `the schema registry answered ${status} for schema ${id}: see its log`)
  }

  #readLogin(): string | undefined {
    try {
      return this.#login()
    } catch (cause) {
      throw new RegistryError('registry_refused', `the file of --schema-registry.password-file ${reasonOf(cause)}`, { cause })
    }
  }

  /** `body`: null if it is too large. */
  #get(path: string, auth: string | undefined): Promise<{ status: number; body: string | null }> {
    const signal = AbortSignal.timeout(this.#attemptMs)
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => { reject(signal.aborted ? new Error(`no answer within ${this.#attemptMs / 1_000} s`) : error) }
      const request = this.#send(this.#base + path, { ...this.#options, auth, signal }, response => {
        bodyOf(response).then(body => resolve({ status: response.statusCode ?? 0, body }), fail)
      })
      request.on('error', fail).end()
    })
  }
}

const SCHEMA_NOT_FOUND = 40_403

/** Null if it is too large; no more of it is then read. */
async function bodyOf(response: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_SCHEMA_BYTES) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function schemaOf(body: string): RegistryAnswer {
  const { schema, schemaType = 'AVRO' } = parsedObject(body)
  if (typeof schema !== 'string') throw misplaced('its answer has no schema')
  return schemaType === 'AVRO' ? { schema } : 'unusable'
}

function errorCodeOf(body: string): unknown {
  try {
    return parsedObject(body)['error_code']
  } catch {
    return undefined
  }
}

function parsedObject(body: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(body)) as Record<string, unknown>
  } catch (cause) {
    throw misplaced('its answer is no JSON', { cause })
  }
}

function misplaced(what: string, options?: ErrorOptions): RegistryError {
  return new RegistryError('registry_misplaced', `no schema registry answers at --schema-registry.url: ${what}; is the URL right?`, options)
}

/** Of several addresses that were tried, Node tells in a list. */
function reasonOf(error: unknown): string {
  const { errors = [error] } = error as { errors?: readonly unknown[] }
  return errors.map(each => (each instanceof Error ? each.message : String(each))).join('; ')
}

import { KafkaError } from './errors.ts'

const TIMEOUT_MS = 10_000
const MOST_BYTES = 65_536
/** A token is asked for anew when less than this share of its life is left; kafkajs asks for one at each authentication. */
const LEFT = 0.2

export interface TokenEndpoint {
  url: string
  clientId: string
  /** Asked at each request. */
  secret: () => string
  /** '': none is named. */
  scope: string
}

/** Tokens of the client credentials grant (RFC 6749, section 4.4), one at a time and for as long as it lives. */
export class OAuthTokens {
  readonly #endpoint: TokenEndpoint
  readonly #now: () => number
  #held: { value: string; until: number } | null = null
  #asked: Promise<string> | null = null

  /** `now`: a monotonic clock, in milliseconds. */
  constructor(endpoint: TokenEndpoint, now: () => number = () => performance.now()) {
    this.#endpoint = endpoint
    this.#now = now
  }

  /** Rejects with `unreachable` where none can be had. */
  async token(): Promise<string> {
    if (this.#held !== null && this.#now() < this.#held.until) return this.#held.value
    this.#asked ??= this.#ask().finally(() => { this.#asked = null })
    return this.#asked
  }

  async #ask(): Promise<string> {
    const { value, lifeSeconds } = await this.#answer()
    this.#held = { value, until: this.#now() + lifeSeconds * 1_000 * (1 - LEFT) }
    return value
  }

  async #answer(): Promise<{ value: string; lifeSeconds: number }> {
    const { url, clientId, scope, secret } = this.#endpoint
    const login = [clientId, secret()].map(formEncoded).join(':')
    try {
      const answer = await fetch(url, {
        method: 'POST', redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: { Authorization: `Basic ${Buffer.from(login).toString('base64')}`, Accept: 'application/json' },
        body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope === '' ? {} : { scope }) }),
      })
      if (!answer.ok) throw new Error(`it answered ${answer.status}`)
      return tokenOf(await shortText(answer))
    } catch (cause) {
      // What it answered may hold a token: it is not told.
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new KafkaError('unreachable', `no token could be had from ${url}: ${reason}; see --kafka.sasl.token-url, -username and -password-file`, { cause })
    }
  }
}

function tokenOf(text: string): { value: string; lifeSeconds: number } {
  const { access_token: value, expires_in: life } = answerOf(text)
  // It is sent as a header's value (RFC 6750, section 2.1), and must not end that.
  if (typeof value !== 'string' || !/^[\w.~+/-]+=*$/.test(value)) throw new Error('its answer has no access_token')
  return { value, lifeSeconds: typeof life === 'number' && life > 0 ? life : 0 }
}

function answerOf(text: string): Record<string, unknown> {
  try {
    const answer: unknown = JSON.parse(text)
    return typeof answer === 'object' && answer !== null ? answer as Record<string, unknown> : {}
  } catch {
    throw new Error('its answer is no JSON')
  }
}

async function shortText(answer: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of answer.body ?? []) {
    parts.push(part)
    length += part.length
    if (length > MOST_BYTES) throw new Error('its answer is too long')
  }
  return Buffer.concat(parts).toString('utf8')
}

/** As RFC 6749, section 2.3.1, wants the id and the secret. */
function formEncoded(value: string): string {
  return new URLSearchParams({ value }).toString().slice('value='.length)
}

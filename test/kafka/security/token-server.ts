import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

const KEY_ID = 'of-these-tests'
const LIFE_SECONDS = 3_600

/** An identity provider: it tells the key by which its tokens are known (RFC 7517), and gives them by the client credentials grant (RFC 6749, 4.4). */
export class TokenServer {
  /** Bodies. */
  readonly requests: string[] = []
  readonly #server: Server
  readonly #password: string
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2_048 })

  /** Whoever knows the password gets a token of his name. */
  constructor(password: string) {
    this.#password = password
    this.#server = createServer((req, res) => void this.#answer(req, res))
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  get tokenUrl(): string {
    return `${this.#url}/token`
  }

  get keysUrl(): string {
    return `${this.#url}/keys`
  }

  token(subject: string): string {
    return signedToken(subject, this.#keys.privateKey)
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  get #url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (req.url === '/keys') {
      res.end(JSON.stringify({ keys: [{ ...this.#keys.publicKey.export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', alg: 'RS256' }] }))
      return
    }
    this.requests.push(await text(req))
    const [user = '', password] = Buffer.from((req.headers.authorization ?? '').slice('Basic '.length), 'base64').toString().split(':')
    const isRight = password === this.#password.replace(' ', '+')
    res.writeHead(isRight ? 200 : 401).end(JSON.stringify(isRight ? { access_token: this.token(user), token_type: 'Bearer', expires_in: LIFE_SECONDS } : null))
  }
}

/** A token that says so, signed by a key that nobody knows. */
export function strangersToken(subject: string): string {
  return signedToken(subject, generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey)
}

/** RFC 7519, signed as RFC 7515 has it. */
function signedToken(subject: string, key: KeyObject): string {
  const now = Math.floor(Date.now() / 1_000)
  const parts = [{ alg: 'RS256', kid: KEY_ID }, { sub: subject, iat: now, exp: now + LIFE_SECONDS }]
  const told = parts.map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${told}.${sign('RSA-SHA256', Buffer.from(told), key).toString('base64url')}`
}

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { Problem, writeProblem } from '../problem.ts'
import { isWelcome } from './client-certificates.ts'
import { loginOf, Passwords } from './passwords.ts'
import { RateLimit } from './rate-limit.ts'
import type { WebConfig } from './read.ts'

const CHALLENGE = 'Basic realm="discovery-metrics", charset="UTF-8"'

/**
 * An app behind what the web configuration says, as it stands at each request: the rate limit, then the headers, the client's certificate, the
 * users. Nothing is open to everybody, as in exporter-toolkit: `/-/healthy` and `/-/ready` ask for the password, too.
 */
export function guarded(app: RequestListener, config: () => WebConfig, onError: (error: unknown) => void): RequestListener {
  const limit = new RateLimit(() => performance.now())
  const passwords = new Passwords()
  return (req, res) => {
    const { rateLimit, headers, users, tls } = config()
    setHeaders(res, headers)
    if (rateLimit !== null && !limit.admits(rateLimit)) {
      return refuse(res, new Problem('rate_limited', 'More requests come than rate_limit lets through; ask again later, or less often.'))
    }
    if (tls !== null && !isWelcome(req.socket as TLSSocket, tls)) {
      return refuse(res, new Problem('forbidden', 'Come with a client certificate that the web configuration file lets in.'))
    }
    if (users.size === 0) return app(req, res)
    authenticate(req, { users, passwords }).then(problem => (problem === null ? app(req, res) : refuse(res, problem))).catch((error: unknown) => {
      onError(error)
      refuse(res, new Problem('internal_error', 'The password could not be checked; the log says why.'))
    })
  }
}

async function authenticate(
  { headers }: IncomingMessage, { users, passwords }: { users: ReadonlyMap<string, string>; passwords: Passwords },
): Promise<Problem | null> {
  const login = loginOf(headers.authorization)
  const verdict = login === null ? 'wrong' : await passwords.check(users, login)
  if (verdict === 'right') return null
  return verdict === 'busy'
    ? new Problem('too_many_logins', 'Too many passwords wait to be checked; ask again later.')
    : new Problem('unauthorized', 'Log in with a name and a password of basic_auth_users in the web configuration file.')
}

function refuse(res: ServerResponse, problem: Problem): void {
  if (problem.code === 'unauthorized') res.setHeader('WWW-Authenticate', CHALLENGE)
  writeProblem(res, problem)
}

/** What the file says stands, also where the app would say otherwise. */
function setHeaders(res: ServerResponse, headers: WebConfig['headers']): void {
  const fixed = new Set(Object.keys(headers).map(name => name.toLowerCase()))
  if (fixed.size === 0) return
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  const set = res.setHeader.bind(res)
  res.setHeader = (name, value) => (fixed.has(name.toLowerCase()) ? res : set(name, value))
}

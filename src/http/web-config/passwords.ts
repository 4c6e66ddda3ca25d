import { createHmac, randomBytes } from 'node:crypto'
import { verify } from '@node-rs/bcrypt'

export type Verdict = 'right' | 'wrong' | 'busy'

export interface Login {
  user: string
  password: string
}

/** Of each kind; as many as exporter-toolkit keeps of both. */
const MOST_REMEMBERED = 100
/** Comparisons that may wait for the one under way. */
const MOST_WAITING = 16

/**
 * Passwords against bcrypt hashes. One comparison takes some 0.1 s of a core: it is made on a thread beside the event loop, one at a time, once
 * for all who ask the same, and its verdict is remembered. What was found right is kept apart from what was found wrong, so that a flood of
 * wrong guesses locks nobody out who has been in; the flood itself is told to come again later.
 */
export class Passwords {
  /** Nothing that is kept tells a password: keys are digests under a secret of this process. */
  readonly #secret = randomBytes(32)
  readonly #right = new Remembered()
  readonly #wrong = new Remembered()
  readonly #underWay = new Map<string, Promise<boolean>>()
  #last: Promise<unknown> = Promise.resolve()

  async check(users: ReadonlyMap<string, string>, { user, password }: Login): Promise<Verdict> {
    const known = users.get(user)
    // An unknown name costs as much time as a known one, lest time tell the names.
    const [hash = known] = known === undefined ? users.values() : [known]
    if (hash === undefined) return 'wrong'
    const key = createHmac('sha256', this.#secret).update(JSON.stringify([user, known ?? null, hash, password])).digest('base64')
    if (this.#right.has(key)) return 'right'
    if (this.#wrong.has(key)) return 'wrong'
    const asked = this.#underWay.get(key)
    if (asked === undefined && this.#underWay.size > MOST_WAITING) return 'busy'
    const isRight = await (asked ?? this.#compare(key, { password, hash, isKnown: known !== undefined }))
    return isRight ? 'right' : 'wrong'
  }

  #compare(key: string, { password, hash, isKnown }: { password: string; hash: string; isKnown: boolean }): Promise<boolean> {
    const compared = this.#last.then(() => verify(password, hash)).then(matches => {
      const isRight = matches && isKnown
      const remembered = isRight ? this.#right : this.#wrong
      remembered.add(key)
      return isRight
    })
    const settled = compared.catch(() => {}).finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, compared)
    this.#last = settled
    return compared
  }
}

/** The newest, up to a bound. */
class Remembered {
  readonly #keys = new Set<string>()

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  add(key: string): void {
    const [oldest] = this.#keys
    if (this.#keys.size >= MOST_REMEMBERED && oldest !== undefined) this.#keys.delete(oldest)
    this.#keys.add(key)
  }
}

/** What a request's `Authorization` says (RFC 7617, UTF-8); null where that is no Basic login. */
export function loginOf(authorization: string | undefined): Login | null {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization ?? '') ?? []
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

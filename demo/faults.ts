import type { ErrorCategory } from '../src/contract/events.ts'
import type { Random } from './random.ts'

/** What goes wrong with one DNS query. `rcode`: RFC 1035 section 4.1.1. */
export type DnsFault = { kind: 'drop' } | { kind: 'slow'; delayMillis: number } | { kind: 'refuse'; rcode: number }

/** How the registry refuses a registration. */
export interface RegistrationFault {
  category: ErrorCategory
  code: string
}

const SERVER_FAILURE = 2
const REFUSED = 5

interface Chances {
  drop: number
  fail: number
  refuse: number
  slow: number
}
const calm: Chances = { drop: 0.003, fail: 0.003, refuse: 0.002, slow: 0.03 }
const brownout: Chances = { drop: 0.25, fail: 0.25, refuse: 0.05, slow: 0.3 }

const REGISTRATION_FAULT = 0.04
const registrationFaults: readonly RegistrationFault[] = [
  { category: 'TIMEOUT', code: 'ETIMEDOUT' },
  { category: 'CONNECTION', code: 'ECONNREFUSED' },
  { category: 'RATE_LIMITED', code: '429' },
  { category: 'UNAUTHORIZED', code: '403' },
  { category: 'CONFLICT', code: '409' },
  { category: 'INTERNAL', code: '500' },
]

/** What goes wrong, by chance: a little of everything always, and a lot with DNS while a brownout lasts. */
export class Faults {
  readonly #dns: Random
  readonly #registrations: Random
  #chances = calm

  constructor(random: Random) {
    this.#dns = random.fork('dns faults')
    this.#registrations = random.fork('registration faults')
  }

  beginBrownout(): void {
    this.#chances = brownout
  }

  endBrownout(): void {
    this.#chances = calm
  }

  nextDns(): DnsFault | null {
    const { drop, fail, refuse, slow } = this.#chances
    const drawn = this.#dns.next()
    if (drawn < drop) return { kind: 'drop' }
    if (drawn < drop + fail) return { kind: 'refuse', rcode: SERVER_FAILURE }
    if (drawn < drop + fail + refuse) return { kind: 'refuse', rcode: REFUSED }
    return drawn < drop + fail + refuse + slow ? { kind: 'slow', delayMillis: 40 + this.#dns.below(160) } : null
  }

  nextRegistration(): RegistrationFault | null {
    return this.#registrations.chance(REGISTRATION_FAULT) ? (this.#registrations.pick(registrationFaults) ?? null) : null
  }
}

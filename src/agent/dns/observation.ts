import type { LookupFields, RegistrationFields } from '../fields.ts'
import { Clients } from './clients.ts'
import { DnsCounts } from './counts.ts'
import { Lookups } from './lookups.ts'
import { DnstapObserver } from './observer.ts'
import { RegisteredRecords } from './registered-records.ts'
import type { DnsRules } from './rules.ts'
import { Updates } from './updates.ts'

/** Where an agent's events go: what `createDiscoveryAgent` gives. */
export interface EventRecorder {
  recordLookup: (lookup: LookupFields) => void
  recordRegistration: (registration: RegistrationFields) => void
}

export interface ObservationOptions {
  rules: DnsRules
  /** Which registry the events speak of. */
  source: string
  /** A query is unanswered after this long; milliseconds. */
  queryTimeoutMs: number
  /** A question that is part of a look-up follows the one before within this long; milliseconds. */
  mergeWindowMs: number
  /** Most queries, and most unfinished look-ups, that are kept at once. */
  pairingLimit: number
  /** Most records of updates that are kept. */
  recordLimit: number
}

/** fstrm's writers hold frames back for a second, and those of other threads not: what belongs together comes apart by more than that. */
const HELD_BACK_MS = 1_500

/** From data frames to events, without sockets and clocks. `sweep` is the only way in which its time passes. */
export class DnsObservation {
  readonly counts = new DnsCounts()
  readonly #observer: DnstapObserver
  readonly #lookups: Lookups
  readonly #updates: Updates
  readonly #records: RegisteredRecords
  #now = 0

  /** `wallClock`: milliseconds since the epoch. */
  constructor(options: ObservationOptions, { recordLookup, recordRegistration }: EventRecorder, wallClock: () => number) {
    const { rules: { names, searchDomains, networks }, source, mergeWindowMs: windowMs, pairingLimit: limit } = options
    const { counts } = this
    const pairing = { limit, timeoutMs: options.queryTimeoutMs, earlyMs: HELD_BACK_MS }
    const records = new RegisteredRecords(options.recordLimit)
    const announced = new RegisteredRecords(options.recordLimit)
    const clients = new Clients({ records, announced, names, networks })
    const holdMs = windowMs === 0 ? 0 : Math.max(windowMs, HELD_BACK_MS)
    const resolutions = { names, searchDomains, windowMs, holdMs, limit }
    const lookups = new Lookups({ pairing, resolutions, clients, counts, source, record: recordLookup })
    const updates = new Updates({ pairing, names, records, announced, counts, source, record: recordRegistration })
    this.#observer = new DnstapObserver({ lookups, updates, counts, now: () => this.#now, wallClock })
    this.#lookups = lookups
    this.#updates = updates
    this.#records = records
  }

  /** Takes a data frame's payload. Never throws. */
  frame(payload: Buffer): void {
    this.#observer.frame(payload)
  }

  /** Says what time it is, in milliseconds that never step back, and tells what has waited long enough. */
  sweep(now: number): void {
    this.#now = now
    this.#updates.sweep(now)
    this.#lookups.sweep(now)
  }

  /** Tells what is answered, and gives up the rest. */
  close(): void {
    this.#updates.close()
    this.#lookups.close()
  }

  /** What is held at the moment. */
  get held(): { waitingQueries: number; records: number } {
    return { waitingQueries: this.#lookups.waiting, records: this.#records.size }
  }
}

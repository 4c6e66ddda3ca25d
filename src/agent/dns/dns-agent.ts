import type { AgentClock } from '../clock.ts'
import type { LookupFields, RegistrationFields } from '../fields.ts'
import { DnstapReceiver, type ReceiverOptions } from '../dnstap/receiver.ts'
import type { WireFault } from '../dnstap/wire-fault.ts'
import { Clients } from './clients.ts'
import { DnsCounts, type DnsSample } from './counts.ts'
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

export interface DnsAgentOptions {
  receiver: ReceiverOptions
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

export interface DnsAgentParts {
  agent: EventRecorder
  clock: AgentClock
  /** Told of each connection that is closed for what its sender did. */
  onFault: (fault: WireFault) => void
}

/** A response that overtakes its query waits this long for it; fstrm's writers hold frames back for up to a second. */
const EARLY_MS = 1_000
const SWEEP_MS = 50
/** What passes at once in a process that was held up counts for no more than this: its queries' responses are still to be read. */
const LONGEST_STEP_MS = 200

/** Listens for dnstap and records what it tells. */
export class DnsAgent {
  readonly #receiver: DnstapReceiver
  readonly #lookups: Lookups
  readonly #updates: Updates
  readonly #records: RegisteredRecords
  readonly #counts = new DnsCounts()
  readonly #clock: AgentClock
  /** Milliseconds during which the agent listened. */
  #time = 0
  #sweptAt = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: DnsAgentOptions, { agent, clock, onFault }: DnsAgentParts) {
    const { rules: { names, searchDomains, networks }, source, mergeWindowMs: windowMs, pairingLimit: limit } = options
    const counts = this.#counts
    const pairing = { limit, timeoutMs: options.queryTimeoutMs, earlyMs: EARLY_MS }
    this.#clock = clock
    this.#records = new RegisteredRecords(options.recordLimit)
    const clients = new Clients({ records: this.#records, names, networks })
    const resolutions = { names, searchDomains, windowMs, limit }
    this.#lookups = new Lookups({ pairing, resolutions, clients, counts, source, record: agent.recordLookup })
    this.#updates = new Updates({ pairing, names, records: this.#records, counts, source, record: agent.recordRegistration })
    const [lookups, updates] = [this.#lookups, this.#updates]
    const observer = new DnstapObserver({ lookups, updates, counts, now: () => this.#time, wallClock: () => clock.now() })
    this.#receiver = new DnstapReceiver(options.receiver, {
      frame: payload => observer.frame(payload),
      connection: what => counts.add('connections', what),
      fault: fault => {
        counts.add('stream_faults', fault.code)
        onFault(fault)
      },
    })
  }

  /** Resolves once it listens; rejects with a ListenError. */
  async start(): Promise<void> {
    await this.#receiver.listen()
    this.#sweptAt = this.#clock.micros()
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS)
  }

  /** Listens no more, and records what is answered. The event recorder is to be closed after it. */
  async stop(): Promise<void> {
    await this.#receiver.close()
    clearInterval(this.#timer)
    this.#lookups.close()
    this.#updates.close()
  }

  /** The ports of its TCP addresses, in their order. */
  get ports(): number[] {
    return this.#receiver.ports
  }

  samples(): DnsSample[] {
    return this.#counts.samples()
  }

  /** What is held at the moment. */
  get held(): { waitingQueries: number; records: number } {
    return { waitingQueries: this.#lookups.waiting, records: this.#records.size }
  }

  #sweep(): void {
    const at = this.#clock.micros()
    this.#time += Math.min((at - this.#sweptAt) / 1_000, LONGEST_STEP_MS)
    this.#sweptAt = at
    this.#lookups.sweep(this.#time)
    this.#updates.sweep(this.#time)
  }
}

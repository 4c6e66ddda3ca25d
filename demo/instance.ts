import type { InstanceStatus, RegistrationEvent, RegistrationOperation } from '../src/contract/events.ts'
import type { Faults, RegistrationFault } from './faults.ts'
import type { Target } from './ledger.ts'
import type { Random } from './random.ts'
import type { Registry } from './registry.ts'
import type { Timeline } from './timeline.ts'

const LEASE_MILLIS = 5_000
const RENEW_EVERY = 1_500
const RETRY_AFTER = 500

/** What a service says of one registration; who it is and when, its agent knows. */
export type Registration = Pick<RegistrationEvent, 'operation' | 'outcome'> & Partial<RegistrationEvent>

export interface InstanceIdentity extends Target {
  instance: string
  zone: string
  address: string
  port: number
}

/** What an instance lives by. `record`: called once for every registration tried, with its outcome. */
export interface InstanceContext {
  registry: Registry
  timeline: Timeline
  faults: Faults
  random: Random
  record: (registration: Registration) => void
}

/**
 * One instance of a service: registers, renews its lease, changes status, is deployed anew, crashes and comes back. The registry is in this
 * process, so how long a registration takes is drawn.
 */
export class Instance {
  readonly identity: InstanceIdentity
  readonly #context: InstanceContext
  #version: string
  #status: InstanceStatus = 'STARTING'
  #running = false
  /** Counts starts and ends: what was planned in an earlier life does not happen in this one. */
  #life = 0

  constructor(identity: InstanceIdentity, version: string, context: InstanceContext) {
    this.identity = identity
    this.#version = version
    this.#context = context
  }

  /** Whether it runs, and so makes look-ups; the registry may think otherwise for the length of a lease. */
  get running(): boolean {
    return this.#running
  }

  start(now: number): void {
    this.#life++
    this.#running = true
    this.#status = 'STARTING'
    this.#join(now)
  }

  /** Ends without a word to the registry. Comes back after `backAfter` ms and finds out whether its lease still runs. */
  crash(now: number, backAfter: number): void {
    this.#life++
    this.#running = false
    this.#later(now + backAfter, then => {
      this.#running = true
      this.#renewal(then)
    })
  }

  /** Drains, leaves the registry and starts again as `version`; one that is down takes the version for when it comes back. */
  deploy(now: number, version: string): void {
    if (!this.#running) {
      this.#version = version
      return
    }
    this.#life++
    this.#change('DRAINING', now)
    this.#later(now + 600, then => {
      this.#call('DEREGISTER', then)
      this.#running = false
    })
    this.#later(now + 900, then => {
      this.#version = version
      this.start(then)
    })
  }

  maintain(now: number, millis: number): void {
    if (!this.#running) return
    this.#change('MAINTENANCE', now)
    this.#later(now + millis, then => this.#change('PASSING', then))
  }

  #join(now: number): void {
    if (this.#call('REGISTER', now) !== null) return this.#later(now + RETRY_AFTER, then => this.#join(then))
    this.#later(now + 200 + this.#context.random.below(400), then => this.#change('PASSING', then))
    this.#later(now + RENEW_EVERY, then => this.#renewal(then))
  }

  #renewal(now: number): void {
    const fault = this.#call('RENEW', now)
    if (fault?.category === 'NOT_FOUND') this.start(now)
    else this.#later(now + (fault === null ? RENEW_EVERY : RETRY_AFTER), then => this.#renewal(then))
  }

  #change(status: InstanceStatus, now: number): void {
    this.#status = status
    if (this.#call('STATUS_CHANGE', now) !== null) this.#later(now + RETRY_AFTER, then => this.#change(status, then))
  }

  #later(time: number, action: (now: number) => void): void {
    const life = this.#life
    this.#context.timeline.at(time, now => {
      if (life === this.#life) action(now)
    })
  }

  /** Asks the registry and records how that went. Null: it was done. */
  #call(operation: RegistrationOperation, now: number): RegistrationFault | null {
    const { faults, random, record } = this.#context
    const fault = faults.nextRegistration() ?? this.#apply(operation, now)
    const { instance, zone, address } = this.identity
    record({
      operation, instance, zone, address, version: this.#version, status: this.#status,
      leaseMillis: operation === 'REGISTER' || operation === 'RENEW' ? LEASE_MILLIS : 0,
      durationMicros: fault?.category === 'TIMEOUT' ? 1_000_000 : 800 + random.below(15_000),
      ...(fault === null ? { outcome: 'SUCCESS' } : { outcome: 'FAILURE', errorCategory: fault.category, errorCode: fault.code }),
    })
    return fault
  }

  #apply(operation: RegistrationOperation, now: number): RegistrationFault | null {
    const { registry } = this.#context
    const { identity } = this
    const held = registry.find(identity, identity.instance)
    if (held === undefined && operation !== 'REGISTER') return { category: 'NOT_FOUND', code: '404' }
    if (operation === 'DEREGISTER') registry.remove(identity, identity.instance)
    else {
      const leaseEnds = operation === 'STATUS_CHANGE' ? (held?.leaseEnds ?? now) : now + LEASE_MILLIS
      registry.put({ ...identity, version: this.#version, status: this.#status, leaseEnds })
    }
    return null
  }
}

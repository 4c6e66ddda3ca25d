import type { Random } from '../../demo/random.ts'
import { instanceStatuses } from '../../src/contract/events.ts'
import type { Common, RegistrationEvent, RegistrationOperation, RegistrationOutcome } from '../../src/contract/events.ts'
import { failures, oneOf, skewed, someDuration, spelled, type Cast } from './cast.ts'

/** In the proportion in which they come. */
const operations: readonly RegistrationOperation[] = [
  'REGISTER', 'REGISTER', 'REGISTER', 'RENEW', 'RENEW', 'RENEW', 'RENEW', 'STATUS_CHANGE', 'STATUS_CHANGE', 'OBSERVE', 'OBSERVE',
  'DEREGISTER', 'DEREGISTER', 'EXPIRE', 'UNKNOWN',
]
const outcomes: readonly RegistrationOutcome[] = ['SUCCESS', 'SUCCESS', 'SUCCESS', 'SUCCESS', 'SUCCESS', 'FAILURE', 'UNKNOWN']
const INSTANCES = 6
/** So long that it never runs out, since when that would be is the broker's to say. */
const LEASE_MILLIS = 30 * 86_400_000
/** A service goes on to its next version after this many of its registrations. */
const REGISTRATIONS_PER_VERSION = 600

const none = { errorCategory: 'NONE', errorCode: '' } as const

/** Registrations of the cast: instances come, renew, change and go in any order, some with revisions that are new, known or old. */
export class RegistrationEvents {
  readonly #random: Random
  readonly #cast: Cast
  readonly #made = new Map<string, number>()
  readonly #revisions = new Map<string, number>()

  constructor(random: Random, cast: Cast) {
    this.#random = random
    this.#cast = cast
  }

  next(common: Common): RegistrationEvent {
    const random = this.#random
    const { namespace, service } = skewed(random, this.#cast.services)
    const instance = `instance-${random.below(INSTANCES)}`
    const outcome = oneOf(random, outcomes)
    const { errorCategory, errorCode } = outcome === 'FAILURE' ? skewed(random, failures) : none
    return {
      agentId: common.agentId, sequence: common.sequence, occurredAt: common.occurredAt, source: common.source,
      operation: oneOf(random, operations), outcome, errorCategory, errorCode, namespace: spelled(random, namespace), service, instance,
      version: random.chance(0.2) ? '' : this.#version(`${namespace}/${service}`), zone: 'a', address: '10.0.0.1:80',
      status: oneOf(random, instanceStatuses), leaseMillis: random.chance(0.2) ? LEASE_MILLIS : 0,
      durationMicros: someDuration(random), revision: this.#revision(`${common.source} ${namespace}/${service}/${instance}`),
    }
  }

  #version(service: string): string {
    const made = (this.#made.get(service) ?? 0) + 1
    this.#made.set(service, made)
    return `1.${Math.floor(made / REGISTRATIONS_PER_VERSION)}.0`
  }

  #revision(instance: string): number {
    if (this.#random.chance(0.5)) return 0
    const newest = (this.#revisions.get(instance) ?? 0) + 1
    if (this.#random.chance(0.3)) return Math.max(1, newest - this.#random.below(4))
    this.#revisions.set(instance, newest)
    return newest
  }
}

import type { Random } from '../../demo/random.ts'
import { cacheResults, lookupMethods, type Common, type LookupEvent, type LookupOutcome } from '../../src/contract/events.ts'
import { failures, oneOf, skewed, someDuration, spelled, type Cast } from './cast.ts'

/** Outcomes in the proportion in which they come. */
const outcomes: readonly LookupOutcome[] = [
  'SUCCESS', 'SUCCESS', 'SUCCESS', 'SUCCESS', 'SUCCESS', 'SUCCESS', 'EMPTY', 'FAILURE', 'FAILURE', 'UNKNOWN',
]
const WEIGHTED = 0.2
const HEAVIEST = 0.001

/** A look-up of every kind that the contract knows. */
export function someLookup(random: Random, { services, clients }: Cast, common: Common): LookupEvent {
  const { namespace, service } = skewed(random, services)
  const { clientNamespace, client } = skewed(random, clients)
  const outcome = oneOf(random, outcomes)
  const failed = outcome === 'FAILURE'
  const { errorCategory, errorCode } = failed ? skewed(random, failures) : none
  const weight = someWeight(random)
  const duration = someDuration(random)
  return {
    agentId: common.agentId, sequence: common.sequence, occurredAt: common.occurredAt, source: common.source,
    clientNamespace: spelled(random, clientNamespace), client, namespace: spelled(random, namespace), service,
    method: oneOf(random, lookupMethods), cache: oneOf(random, cacheResults), outcome, errorCategory, errorCode,
    instances: failed ? -1 : outcome === 'EMPTY' ? 0 : random.below(random.chance(0.1) ? 130 : 6),
    // All that an event stands for share a bucket, and the event carries their sum.
    durationMicros: duration < 0 ? -1 : duration * weight,
    weight, clientInstance: '', zone: 'a',
  }
}

const none = { errorCategory: 'NONE', errorCode: '' } as const

function someWeight(random: Random): number {
  const drawn = random.next()
  return drawn < HEAVIEST ? 10_000 : drawn < WEIGHTED ? 2 + random.below(30) : 1
}

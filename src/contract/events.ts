/** The three events of the wire contract, as TypeScript sees them. `schemas/` is the source; a test holds this file to it. */

export const errorCategories = [
  'NONE', 'TIMEOUT', 'CONNECTION', 'NOT_FOUND', 'UNAUTHORIZED', 'INVALID', 'CONFLICT', 'RATE_LIMITED', 'CANCELLED', 'INTERNAL', 'OTHER',
] as const
export type ErrorCategory = (typeof errorCategories)[number]

export const registrationOperations = ['UNKNOWN', 'REGISTER', 'RENEW', 'DEREGISTER', 'EXPIRE', 'STATUS_CHANGE', 'OBSERVE'] as const
export type RegistrationOperation = (typeof registrationOperations)[number]

export const registrationOutcomes = ['UNKNOWN', 'SUCCESS', 'FAILURE'] as const
export type RegistrationOutcome = (typeof registrationOutcomes)[number]

export const instanceStatuses = ['UNKNOWN', 'STARTING', 'PASSING', 'WARNING', 'CRITICAL', 'MAINTENANCE', 'DRAINING'] as const
export type InstanceStatus = (typeof instanceStatuses)[number]

export const lookupMethods = ['UNKNOWN', 'SDK', 'DNS', 'HTTP', 'GRPC', 'XDS', 'WATCH'] as const
export type LookupMethod = (typeof lookupMethods)[number]

export const cacheResults = ['UNKNOWN', 'HIT', 'MISS', 'STALE', 'BYPASS'] as const
export type CacheResult = (typeof cacheResults)[number]

export const lookupOutcomes = ['UNKNOWN', 'SUCCESS', 'EMPTY', 'FAILURE'] as const
export type LookupOutcome = (typeof lookupOutcomes)[number]

/** What every event begins with. */
export interface Common {
  /** `kind/unique`; the text before the first `/` is the agent's kind. */
  agentId: string
  /** Rises within each partition; 0: not numbered. */
  sequence: number
  /** Milliseconds since the epoch, by the agent's clock. */
  occurredAt: number
  /** Which registry, such as `consul/dc1`. */
  source: string
}

export interface RegistrationEvent extends Common {
  operation: RegistrationOperation
  outcome: RegistrationOutcome
  errorCategory: ErrorCategory
  errorCode: string
  namespace: string
  service: string
  instance: string
  version: string
  zone: string
  address: string
  status: InstanceStatus
  /** Milliseconds from the append time on; 0: none. */
  leaseMillis: number
  /** Microseconds; -1: not measured. */
  durationMicros: number
  /** The registry's own number of the state; 0: none. */
  revision: number
}

export interface LookupEvent extends Common {
  clientNamespace: string
  client: string
  namespace: string
  service: string
  method: LookupMethod
  cache: CacheResult
  outcome: LookupOutcome
  errorCategory: ErrorCategory
  errorCode: string
  /** Usable instances in the answer; -1: not known. */
  instances: number
  /** Microseconds, the sum over `weight` look-ups; -1: not measured. */
  durationMicros: number
  /** How many look-ups this event stands for, up to 10,000; 0: it only declares that the client depends on the service. */
  weight: number
  clientInstance: string
  zone: string
}

/** Cumulative since the agent's start, in look-ups and registrations, weights included. */
export interface AgentReport extends Common {
  version: string
  host: string
  /** Milliseconds since the epoch. */
  startedAt: number
  recorded: number
  sent: number
  droppedQueueFull: number
  droppedTooLarge: number
  droppedEncode: number
  droppedSend: number
  droppedShutdown: number
  sampledOut: number
}

export interface EventOf {
  registration: RegistrationEvent
  lookup: LookupEvent
  agent: AgentReport
}
export type EventKind = keyof EventOf
export type DiscoveryEvent = EventOf[EventKind]

const common: Common = { agentId: '', sequence: 0, occurredAt: 0, source: '' }

/** Every field at the default that the schema gives it; an event is written as what differs from these. */
export const eventDefaults: EventOf = {
  registration: {
    ...common, operation: 'UNKNOWN', outcome: 'UNKNOWN', errorCategory: 'NONE', errorCode: '', namespace: '', service: '', instance: '',
    version: '', zone: '', address: '', status: 'UNKNOWN', leaseMillis: 0, durationMicros: -1, revision: 0,
  },
  lookup: {
    ...common, clientNamespace: '', client: '', namespace: '', service: '', method: 'UNKNOWN', cache: 'UNKNOWN', outcome: 'UNKNOWN',
    errorCategory: 'NONE', errorCode: '', instances: -1, durationMicros: -1, weight: 1, clientInstance: '', zone: '',
  },
  agent: {
    ...common, version: '', host: '', startedAt: 0, recorded: 0, sent: 0, droppedQueueFull: 0, droppedTooLarge: 0, droppedEncode: 0,
    droppedSend: 0, droppedShutdown: 0, sampledOut: 0,
  },
}

/** The agent's kind: the text of `agentId` before the first `/`, `unknown` where there is none. */
export function agentKind(agentId: string): string {
  const slash = agentId.indexOf('/')
  return (slash < 0 ? agentId : agentId.slice(0, slash)) || 'unknown'
}

/** The message key of a registration or look-up: `namespace/service`. An empty namespace is `default`. */
export function messageKey(event: { namespace: string; service: string }): string {
  return `${event.namespace || 'default'}/${event.service}`
}

import { defaultRules } from './default-rules.ts'
import { keepsAll, type Retention } from './retention.ts'
import type { ValueRule } from './value-rules.ts'

/** What is counted below a namespace, each of which can be switched off. */
export interface Levels {
  readonly edge: boolean
  readonly version: boolean
  readonly service: boolean
}

/** How long cells stay after they last changed, in milliseconds of stream time; 0: for ever. */
export interface RetentionPolicy {
  readonly instance: number
  readonly edge: number
  readonly version: number
  readonly agent: number
  readonly service: number
}

/** How many there may be, in all and within one: services within a namespace; clients, versions, instances and error codes within a service. */
export interface Limits {
  readonly total: number
  readonly within: number
}

/** How much is counted apart; what has no room is counted together. In the whole cluster, whatever the number of partitions. */
export interface BudgetPolicy {
  readonly service: Limits
  readonly edge: Limits
  readonly version: Limits
  readonly error: Limits
  readonly instance: Limits
  readonly agent: Pick<Limits, 'total'>
}

/** What an operator decides of names and series: read once at start. */
export interface Policy {
  /** In the order in which they are tried. */
  readonly rules: readonly ValueRule[]
  readonly levels: Levels
  readonly retention: RetentionPolicy
  readonly budgets: BudgetPolicy
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Where the operator says nothing. */
export const defaultPolicy: Policy = {
  rules: defaultRules,
  levels: { edge: true, version: true, service: true },
  retention: { instance: DAY_MS, edge: 7 * DAY_MS, version: 30 * DAY_MS, agent: HOUR_MS, service: 30 * DAY_MS },
  budgets: {
    service: { total: 10_000, within: 5_000 }, edge: { total: 200_000, within: 2_000 }, version: { total: 20_000, within: 50 },
    error: { total: 50_000, within: 100 }, instance: { total: 100_000, within: 5_000 }, agent: { total: 100_000 },
  },
}

/** How long each kind of cell stays. What agents of a kind add up to stays for ever: there are few kinds. */
export function retentionOf({ retention: { instance, edge, version, agent, service } }: Policy): Retention {
  return {
    ...keepsAll, instance, edge, version, agent, sequences: agent,
    lookups: service, lookupError: service, registrations: service, registrationError: service,
  }
}

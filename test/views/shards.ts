import {
  eventDefaults, type AgentReport, type EventKind, type EventOf, type LookupEvent, type RegistrationEvent,
} from '../../src/contract/events.ts'
import type { Budgets } from '../../src/core/budgets.ts'
import { fold } from '../../src/core/fold.ts'
import { defaultRetention } from '../../src/core/retention.ts'
import { emptyState, type ShardState } from '../../src/core/state.ts'
import type { VisibleShard } from '../../src/views/shard.ts'

/** An append time to reckon from: the beginning of five minutes, as rates are kept. */
export const T0 = Date.UTC(2026, 0, 1, 12)
export const SECOND = 1_000
export const MINUTE = 60_000

/** An event and when Kafka appended it, in milliseconds since the epoch. */
export interface Appended<K extends EventKind = EventKind> {
  kind: K
  event: EventOf[K]
  at: number
}

export function lookup(fields: Partial<LookupEvent>, at = T0): Appended<'lookup'> {
  const plain = { namespace: 'shop', service: 'cart', clientNamespace: 'shop', client: 'web', outcome: 'SUCCESS' } as const
  return { kind: 'lookup', event: { ...eventDefaults.lookup, ...plain, ...fields }, at }
}

export function registration(fields: Partial<RegistrationEvent>, at = T0): Appended<'registration'> {
  const name = { namespace: 'shop', service: 'cart', instance: 'cart-1' }
  const plain = { operation: 'REGISTER', outcome: 'SUCCESS', status: 'PASSING' } as const
  return { kind: 'registration', event: { ...eventDefaults.registration, ...name, ...plain, ...fields }, at }
}

export function report(fields: Partial<AgentReport>, at = T0): Appended<'agent'> {
  return { kind: 'agent', event: { ...eventDefaults.agent, agentId: 'sdk/1', ...fields }, at }
}

/** A shard, and the state that it is seen of. */
export type FoldedShard = VisibleShard & { state: ShardState }

/** The shard that folding the events in their order gives. `atEnd`: when it was last known to have read all. */
export interface ShardOptions {
  shard?: string
  atEnd?: number
  budgets?: Budgets
}

export function shardOf(events: readonly Appended[], { shard = 'lookups-0', atEnd = 0, budgets = {} }: ShardOptions = {}): FoldedShard {
  const state = emptyState(0, defaultRetention, { budgets })
  for (const [offset, { kind, event, at }] of events.entries()) fold(state, { kind, event }, { offset, appendTime: at })
  return { shard, state, cells: state.cells, time: Math.max(state.streamTime, atEnd), retention: state.retention }
}

/** Events after which every family of the fold has a sample. */
export const ofEveryFamily: readonly Appended[] = [
  registration({ agentId: 'consul/1', occurredAt: T0 - 5, version: '1.0', durationMicros: 1_200, leaseMillis: 30_000 }),
  registration({ operation: 'RENEW', outcome: 'FAILURE', errorCategory: 'TIMEOUT', errorCode: 'ETIMEDOUT', durationMicros: 5_000_000 }),
  lookup({ agentId: 'sdk/1', occurredAt: T0 - 7, cache: 'HIT', durationMicros: 90, instances: 1, weight: 3 }),
  lookup({ client: '', cache: 'MISS', outcome: 'FAILURE', errorCategory: 'NOT_FOUND', errorCode: 'NXDOMAIN', durationMicros: 12_345_678 }),
  report({ agentId: 'sdk/1', recorded: 4, droppedSend: 1 }),
]

import {
  eventDefaults, messageKey, type AgentReport, type EventKind, type EventOf, type LookupEvent, type RegistrationEvent,
} from '../../src/contract/events.ts'
import type { Cells } from '../../src/core/cells.ts'
import { runDeadlines } from '../../src/core/deadlines.ts'
import { families } from '../../src/core/families.ts'
import type { Family } from '../../src/core/family.ts'
import { fold, setAside, type SetAside } from '../../src/core/fold.ts'
import type { Histogram } from '../../src/core/histogram.ts'
import { emptyState, type ShardState } from '../../src/core/state.ts'

/** One record of a partition, as a test tells it. */
export interface Told {
  kind: EventKind
  event: EventOf[EventKind]
  /** Decides the partition: the service registered or looked up, or the agent. */
  key: string
  appendTime: number
  into: (state: ShardState, offset: number) => void
}

/** A registration of instance `a` of service `cart` that succeeded, but for the fields given. */
export function registration(fields: Partial<RegistrationEvent> = {}, appendTime = 1_000): Told {
  const succeeded = { service: 'cart', instance: 'a', operation: 'REGISTER', outcome: 'SUCCESS' } as const
  return told('registration', { ...eventDefaults.registration, ...succeeded, ...fields }, appendTime)
}

/** A look-up of service `cart` by `checkout` that succeeded, but for the fields given. */
export function lookup(fields: Partial<LookupEvent> = {}, appendTime = 1_000): Told {
  return told('lookup', { ...eventDefaults.lookup, service: 'cart', client: 'checkout', outcome: 'SUCCESS', ...fields }, appendTime)
}

export function report(fields: Partial<AgentReport> = {}, appendTime = 1_000): Told {
  return told('agent', { ...eventDefaults.agent, agentId: 'sdk/1', ...fields }, appendTime)
}

/** A record that is no event. */
export function rejection(fields: Partial<SetAside>, appendTime = 1_000): Pick<Told, 'into'> {
  const set: SetAside = { reason: 'malformed', agentId: 'sdk/1', weight: 1, ...fields }
  return { into: (state, offset) => setAside(state, set, { offset, appendTime }) }
}

/** The same event once more, with another number of its agent's or at another time. */
export function retold({ kind, event, appendTime }: Told, change: { sequence?: number; appendTime?: number }): Told {
  return told(kind, { ...event, sequence: change.sequence ?? event.sequence }, change.appendTime ?? appendTime)
}

/** Folds records in their order, from the state's next offset on. */
export function foldAll(records: readonly Pick<Told, 'into'>[], state: ShardState = emptyState(0)): ShardState {
  for (const record of records) record.into(state, state.next)
  return state
}

/** Lets a state's time move on, as any record does. */
export function moveOn(state: ShardState, time: number): void {
  state.streamTime = Math.max(state.streamTime, time)
  runDeadlines(state)
}

/**
 * All samples of all families, as `name{label="value",…}`. In the cells' units, where sums are exact: durations are in microseconds and
 * buckets are not cumulative.
 */
export function samplesOf({ cells }: ShardState): Record<string, number> {
  return collect(cells, ({ name, labels }, values) => {
    const pairs = labels.map((label, index) => `${label}="${values[index] ?? ''}"`).join(',')
    return suffix => `${name}${suffix}{${pairs}}`
  })
}

/** The samples of one family, by the values of its labels: `default cart register success`. Zeros are left out. */
export function samplesIn({ cells }: ShardState, family: string): Record<string, number> {
  const samples = collect(cells, ({ name }, values) => suffix => name === `discovery_${family}` ? `${values.join(' ')}${suffix}` : '')
  return Object.fromEntries(Object.entries(samples).filter(([key, value]) => key !== '' && value !== 0))
}

type Naming = (family: Family, values: readonly string[]) => (suffix: string) => string

function collect(cells: Cells, naming: Naming): Record<string, number> {
  const samples: Record<string, number> = {}
  for (const family of families as readonly Family[]) {
    for (const cell of cells[family.cell].values()) {
      family.read(cell, (values, value) => {
        const name = naming(family, values)
        for (const [suffix, number] of parts(value, family.bounds ?? [])) samples[name(suffix)] = number
      })
    }
  }
  return samples
}

function parts(value: number | Histogram, bounds: readonly number[]): [string, number][] {
  if (typeof value === 'number') return [['', value]]
  const buckets = value.counts.map((count, index): [string, number] => [`_bucket_${bounds[index] ?? 'above'}`, count])
  return [...(bounds.length > 0 ? buckets : []), ['_count', value.counts.reduce((sum, count) => sum + count, 0)], ['_sum', value.sum]]
}

function told<K extends EventKind>(kind: K, event: EventOf[K], appendTime: number): Told {
  const key = 'service' in event ? messageKey(event) : event.agentId
  return { kind, event, key, appendTime, into: (state, offset) => fold(state, { kind, event }, { offset, appendTime }) }
}


import { agentKind, cacheResults, lookupOutcomes, registrationOperations, registrationOutcomes } from '../contract/events.ts'
import type { Common, EventKind, EventOf, LookupEvent, RegistrationEvent } from '../contract/events.ts'
import { cellAt, emptyEdge, emptyLookups } from './cells.ts'
import { durationBounds, emptyHistogram, instanceBounds, observe } from './histogram.ts'
import { changeInstance, endInstance, registrationsOf } from './instances.ts'
import { DEFAULT_NAMESPACE, keyOf, UNKNOWN_CLIENT } from './names.ts'
import { windowAt } from './recent.ts'
import type { ShardState } from './state.ts'

/** Where a record stands in its input partition. `appendTime`: milliseconds since the epoch, by the broker. */
export interface Position {
  offset: number
  appendTime: number
}

/**
 * Folds one event into the state of its partition: the only way in which cells change. Deterministic: the same records in the same
 * order give the same cells, whoever folds them and whenever.
 */
export function fold<K extends EventKind>(state: ShardState, told: { kind: K; event: EventOf[K] }, position: Position): void {
  const { kind, event } = told
  pass(state, position)
  if (foldArrival(state, { event, weight: weights[kind](event) }, position.appendTime)) folds[kind](state, event, position.appendTime)
}

/** Moves on past a record without an event in it: one that was set aside still moves the stream time. */
export function pass(state: ShardState, { offset, appendTime }: Position): void {
  state.next = offset + 1
  if (appendTime <= state.streamTime) return
  state.streamTime = appendTime
  for (const instance of state.leases.takeDue(appendTime)) endInstance(state, instance, 'LAPSE')
}

const folds: { [K in EventKind]: (state: ShardState, event: EventOf[K], time: number) => void } = {
  registration: foldRegistration,
  lookup: foldLookup,
  agent: () => {},
}

/** How many look-ups and registrations an event stands for; a report is neither. */
const weights: { [K in EventKind]: (event: EventOf[K]) => number } = {
  registration: () => 1,
  lookup: event => event.weight,
  agent: () => 0,
}

/** What is longer, in milliseconds, comes from a time in another unit and would drown all delays in one. */
const LONGEST_DELAY_MS = 366 * 86_400_000

/** Counts what came of which kind of agent. False for a repetition: an agent's numbers rise within a partition. */
function foldArrival({ cells }: ShardState, { event, weight }: { event: Common; weight: number }, time: number): boolean {
  const { agentId, sequence, occurredAt } = event
  const kind = agentKind(agentId)
  const arrivals = cellAt(cells.arrivals, kind, () => ({ kind, received: 0, repeated: 0, delay: emptyHistogram(durationBounds) }))
  if (sequence > 0) {
    const agent = cellAt(cells.agent, agentId, () => ({ agentId, sequence: 0, lastSeen: time }))
    agent.lastSeen = Math.max(agent.lastSeen, time)
    if (sequence <= agent.sequence) {
      arrivals.repeated += weight
      return false
    }
    agent.sequence = sequence
  }
  arrivals.received += weight
  const delay = Math.max(0, time - occurredAt) // an agent's clock may run ahead of the broker's
  if (occurredAt > 0 && delay <= LONGEST_DELAY_MS) observe(arrivals.delay, durationBounds, { sum: delay * 1_000, weight: 1 })
  return true
}

function foldRegistration(state: ShardState, sent: RegistrationEvent, time: number): void {
  const event = { ...sent, namespace: sent.namespace || DEFAULT_NAMESPACE }
  if (event.operation !== 'OBSERVE') countRegistration(state, event)
  if (event.outcome !== 'FAILURE') changeInstance(state, event, time)
}

function countRegistration(state: ShardState, event: RegistrationEvent): void {
  const { operation, outcome, errorCategory: category, errorCode: code, durationMicros } = event
  const cell = registrationsOf(state, event)
  const outcomes = cell.operations[registrationOperations.indexOf(operation)]
  if (outcomes !== undefined) add(outcomes, registrationOutcomes.indexOf(outcome), 1)
  if (durationMicros >= 0) observe(cell.duration, durationBounds, { sum: durationMicros, weight: 1 })
  if (outcome === 'FAILURE') cellAt(cell.errors, keyOf(operation, category, code), () => ({ operation, category, code, count: 0 })).count++
}

function foldLookup(state: ShardState, sent: LookupEvent, time: number): void {
  const event = {
    ...sent,
    clientNamespace: sent.clientNamespace || DEFAULT_NAMESPACE,
    client: sent.client || UNKNOWN_CLIENT,
    namespace: sent.namespace || DEFAULT_NAMESPACE,
  }
  countLookup(state, event)
  countEdge(state, event, time)
}

function countLookup({ cells }: ShardState, event: LookupEvent): void {
  const { namespace, service, outcome, cache, errorCategory: category, errorCode: code, instances, durationMicros, weight } = event
  const cell = cellAt(cells.lookups, keyOf(namespace, service), () => emptyLookups({ namespace, service }))
  add(cell.outcomes, lookupOutcomes.indexOf(outcome), weight)
  add(cell.cacheResults, cacheResults.indexOf(cache), weight)
  if (outcome === 'FAILURE') cellAt(cell.errors, keyOf(category, code), () => ({ category, code, count: 0 })).count += weight
  if (durationMicros >= 0) {
    observe(cache === 'HIT' ? cell.hitDuration : cell.otherDuration, durationBounds, { sum: durationMicros, weight })
  }
  if (instances >= 0) observe(cell.instances, instanceBounds, { sum: instances * weight, weight })
}

function countEdge({ cells }: ShardState, event: LookupEvent, time: number): void {
  const { clientNamespace, client, namespace, service, outcome, cache, durationMicros, weight } = event
  const names = { clientNamespace, client, namespace, service }
  const edge = cellAt(cells.edge, keyOf(clientNamespace, client, namespace, service), () => emptyEdge(names, time))
  edge.recent = windowAt(edge.recent, edge.totals, time)
  edge.lastSeen = Math.max(edge.lastSeen, time)
  edge.totals.lookups += weight
  if (outcome === 'FAILURE') edge.totals.failures += weight
  add(edge.totals.cacheResults, cacheResults.indexOf(cache), weight)
  if (durationMicros >= 0) observe(edge.totals.duration, durationBounds, { sum: durationMicros, weight })
}

function add(counts: number[], index: number, by: number): void {
  counts[index] = (counts[index] ?? 0) + by
}

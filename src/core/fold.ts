import { rejectReasons, type RejectReason } from '../contract/bounds.ts'
import { agentKind, cacheResults, lookupOutcomes, registrationOperations, registrationOutcomes } from '../contract/events.ts'
import type { Common, EventKind, EventOf, LookupEvent, RegistrationEvent } from '../contract/events.ts'
import { foldReport, isNews } from './agents.ts'
import { meetOverdue, runDeadlines } from './deadlines.ts'
import { durationBounds, instanceBounds, observe } from './histogram.ts'
import { changeInstance, registrationsOf } from './instances.ts'
import { DEFAULT_NAMESPACE, keyOf, UNKNOWN_CLIENT } from './names.ts'
import { windowAt } from './recent.ts'
import { edit, type ShardState } from './state.ts'

/** A record that is no event: why, whose, and how many look-ups or registrations it stood for. */
export interface SetAside {
  reason: RejectReason
  agentId: string
  weight: number
}

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

/** Counts a record that was set aside, and moves on past it. `agentId`: empty if it cannot be read. */
export function setAside(state: ShardState, { reason, agentId, weight }: SetAside, position: Position): void {
  pass(state, position)
  add(edit(state, 'arrivals', agentKind(agentId)).rejected, rejectReasons.indexOf(reason), weight)
}

/** Moves on past a record without an event in it: it still moves the stream time. */
function pass(state: ShardState, { offset, appendTime }: Position): void {
  state.next = offset + 1
  if (appendTime <= state.streamTime) return
  state.streamTime = appendTime
  runDeadlines(state)
}

const folds: { [K in EventKind]: (state: ShardState, event: EventOf[K], time: number) => void } = {
  registration: foldRegistration,
  lookup: foldLookup,
  agent: (state, report, time) => {
    meetOverdue(state, state.cells.agent.get(keyOf(report.agentId)))
    foldReport(state, report, time)
  },
}

/** How many look-ups and registrations an event stands for; a report is neither. */
const weights: { [K in EventKind]: (event: EventOf[K]) => number } = {
  registration: () => 1,
  lookup: event => event.weight,
  agent: () => 0,
}

/** What is longer, in milliseconds, comes from a time in another unit and would drown all delays in one. */
const LONGEST_DELAY_MS = 366 * 86_400_000

/** Counts what came of which kind of agent. False for a repetition. */
function foldArrival(state: ShardState, { event, weight }: { event: Common; weight: number }, time: number): boolean {
  const arrivals = edit(state, 'arrivals', agentKind(event.agentId))
  if (!isNews(state, event, time)) {
    arrivals.repeated += weight
    return false
  }
  arrivals.received += weight
  const delay = Math.max(0, time - event.occurredAt) // an agent's clock may run ahead of the broker's
  if (event.occurredAt > 0 && delay <= LONGEST_DELAY_MS) observe(arrivals.delay, durationBounds, { sum: delay * 1_000, weight: 1 })
  return true
}

function foldRegistration(state: ShardState, sent: RegistrationEvent, time: number): void {
  const event = { ...sent, namespace: sent.namespace || DEFAULT_NAMESPACE }
  if (event.operation !== 'OBSERVE') countRegistration(state, event)
  if (event.outcome === 'FAILURE') return
  meetOverdue(state, state.cells.instance.get(keyOf(event.namespace, event.service, event.instance)))
  changeInstance(state, event, time)
}

function countRegistration(state: ShardState, event: RegistrationEvent): void {
  const { operation, outcome, errorCategory: category, errorCode: code, durationMicros } = event
  const cell = registrationsOf(state, event)
  const outcomes = cell.operations[registrationOperations.indexOf(operation)]
  if (outcomes !== undefined) add(outcomes, registrationOutcomes.indexOf(outcome), 1)
  if (durationMicros >= 0) observe(cell.duration, durationBounds, { sum: durationMicros, weight: 1 })
  if (outcome === 'FAILURE') edit(state, 'registrationError', event.namespace, event.service, operation, category, code).count++
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

function countLookup(state: ShardState, event: LookupEvent): void {
  const { namespace, service, outcome, cache, errorCategory: category, errorCode: code, instances, durationMicros, weight } = event
  const cell = edit(state, 'lookups', namespace, service)
  add(cell.outcomes, lookupOutcomes.indexOf(outcome), weight)
  add(cell.cacheResults, cacheResults.indexOf(cache), weight)
  if (outcome === 'FAILURE') edit(state, 'lookupError', namespace, service, category, code).count += weight
  if (durationMicros >= 0) {
    observe(cache === 'HIT' ? cell.hitDuration : cell.otherDuration, durationBounds, { sum: durationMicros, weight })
  }
  if (instances >= 0) observe(cell.instances, instanceBounds, { sum: instances * weight, weight })
}

function countEdge(state: ShardState, event: LookupEvent, time: number): void {
  const { clientNamespace, client, namespace, service, outcome, cache, durationMicros, weight } = event
  const edge = edit(state, 'edge', clientNamespace, client, namespace, service)
  edge.firstSeen ||= time
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

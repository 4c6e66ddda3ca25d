import { rejectReasons, type RejectReason } from '../contract/bounds.ts'
import type { PlainLookup } from '../contract/plain-lookup.ts'
import { agentKind, cacheResults, lookupOutcomes, registrationOperations, registrationOutcomes } from '../contract/events.ts'
import type { Common, EventKind, EventOf, LookupEvent, RegistrationEvent } from '../contract/events.ts'
import type { AgentCell, ArrivalsCell, EdgeCell, LookupsCell, ServiceName } from './cells.ts'
import { foldReport } from './agents.ts'
import { meetOverdue, runDeadlines } from './deadlines.ts'
import { durationBounds, instanceBounds, observe } from './histogram.ts'
import { changeInstance, endInstance, isOutdated, registrationsOf } from './instances.ts'
import { DEFAULT_NAMESPACE, keyOf } from './names.ts'
import { windowAt } from './recent.ts'
import { arrivalsAt, edgeAt, lastNumberAt, lookupsAt } from './routed.ts'
import { isNews, numberOf } from './sequences.ts'
import { edit, mayHold, type ShardState } from './state.ts'

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
  if (foldArrival(state, { kind, event, weight: weights[kind](event) }, position.appendTime)) folds[kind](state, event, position.appendTime)
}

/** Folds a look-up that is read straight from the record's bytes: the same as `fold`, faster. */
export function foldPlainLookup(state: ShardState, lookup: PlainLookup, position: Position): void {
  pass(state, position)
  const { appendTime: time } = position
  const sender = state.routes.senderOf(lookup)
  const isNew = lookup.sequence <= 0 || isNews(lastNumberAt(state, sender, lookup), lookup.sequence, time)
  countArrival(arrivalsAt(state, sender, lookup), lookup, { isNew, time })
  if (!isNew) return
  const route = state.routes.routeOf(lookup)
  countLookup(lookupsAt(state, route, lookup), lookup)
  if (state.naming.levels.edge) countEdge(edgeAt(state, route, lookup), lookup, time)
  if (lookup.outcome !== 'FAILURE') return
  const [, , namespace, service] = lookup.names
  countLookupError(state, { namespace: state.naming.namespace(namespace), service: state.naming.service(service) }, lookup)
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
    if (!mayHold(state, 'agent', report.agentId)) return
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

interface Arrival {
  kind: EventKind
  event: Common
  weight: number
}

/** Counts what came of which kind of agent. False for a repetition. */
function foldArrival(state: ShardState, { kind, event, weight }: Arrival, time: number): boolean {
  const { agentId, sequence, occurredAt } = event
  const last = sequence <= 0 ? null : kind === 'agent' ? agentOf(state, agentId) : numberOf(state, agentId).last
  const isNew = last === null || isNews(last, sequence, time)
  countArrival(edit(state, 'arrivals', agentKind(agentId)), { weight, occurredAt }, { isNew, time })
  return isNew
}

function agentOf(state: ShardState, agentId: string): AgentCell | null {
  return mayHold(state, 'agent', agentId) ? edit(state, 'agent', agentId) : null
}

function countArrival(
  cell: ArrivalsCell, { weight, occurredAt }: { weight: number; occurredAt: number }, { isNew, time }: { isNew: boolean; time: number },
): void {
  if (!isNew) {
    cell.repeated += weight
    return
  }
  cell.received += weight
  const delay = Math.max(0, time - occurredAt) // an agent's clock may run ahead of the broker's
  if (occurredAt > 0 && delay <= LONGEST_DELAY_MS) observe(cell.delay, durationBounds, { sum: delay * 1_000, weight: 1 })
}

function foldRegistration(state: ShardState, sent: RegistrationEvent, time: number): void {
  const event = state.naming.registration(sent)
  if (event.operation !== 'OBSERVE') countRegistration(state, event)
  if (event.outcome === 'FAILURE') return
  if (!leaveSentName(state, sent, event)) return
  meetOverdue(state, state.cells.instance.get(keyOf(event.namespace, event.service, event.instance)))
  changeInstance(state, event, time)
}

/**
 * Ends what is held of an instance under its names as they were sent, from before there were rules that rename it: without a lease it would
 * live on beside itself for ever. False for a state that is older than what is held under them: it changes nothing under any name.
 */
function leaveSentName(state: ShardState, sent: RegistrationEvent, named: RegistrationEvent): boolean {
  const namespace = sent.namespace || DEFAULT_NAMESPACE
  if (namespace === named.namespace && sent.service === named.service && sent.instance === named.instance) return true
  const key = keyOf(namespace, sent.service, sent.instance)
  meetOverdue(state, state.cells.instance.get(key))
  const held = state.cells.instance.get(key)
  if (held === undefined || named.operation === 'UNKNOWN') return true
  if (isOutdated(held, named)) return false
  if (held.live) endInstance(state, held, 'DEREGISTER')
  return true
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
  const event = state.naming.lookup(sent)
  const { clientNamespace, client, namespace, service } = event
  if (event.weight === 0) return declareEdge(state, event, time)
  countLookup(edit(state, 'lookups', namespace, service), event)
  if (state.naming.levels.edge) countEdge(edit(state, 'edge', clientNamespace, client, namespace, service), event, time)
  if (event.outcome === 'FAILURE') countLookupError(state, event, event)
}

/** A dependency that is declared, and with this no look-up: there is an edge, and nothing is counted. */
function declareEdge(state: ShardState, { clientNamespace, client, namespace, service }: LookupEvent, time: number): void {
  if (state.naming.levels.edge) edit(state, 'edge', clientNamespace, client, namespace, service).firstSeen ||= time
}

/** What is counted of a look-up. */
type Counted = Pick<LookupEvent, 'outcome' | 'cache' | 'errorCategory' | 'errorCode' | 'instances' | 'durationMicros' | 'weight'>

function countLookup(cell: LookupsCell, { outcome, cache, instances, durationMicros, weight }: Counted): void {
  add(cell.outcomes, lookupOutcomes.indexOf(outcome), weight)
  add(cell.cacheResults, cacheResults.indexOf(cache), weight)
  if (durationMicros >= 0) {
    observe(cache === 'HIT' ? cell.hitDuration : cell.otherDuration, durationBounds, { sum: durationMicros, weight })
  }
  if (instances >= 0) observe(cell.instances, instanceBounds, { sum: instances * weight, weight })
}

function countLookupError(state: ShardState, { namespace, service }: ServiceName, lookup: Counted): void {
  edit(state, 'lookupError', namespace, service, lookup.errorCategory, lookup.errorCode).count += lookup.weight
}

function countEdge(edge: EdgeCell, { outcome, cache, durationMicros, weight }: Counted, time: number): void {
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

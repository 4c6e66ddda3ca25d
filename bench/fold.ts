import { Rejection } from '../src/contract/bounds.ts'
import { createEncoder, Decoder } from '../src/contract/codec.ts'
import { eventDefaults, type LookupEvent } from '../src/contract/events.ts'
import { PlainLookup } from '../src/contract/plain-lookup.ts'
import { budgetsOf } from '../src/core/budgets.ts'
import { foldPlainLookup } from '../src/core/fold.ts'
import { Naming } from '../src/core/naming.ts'
import { defaultPolicy, retentionOf } from '../src/core/policy.ts'
import { emptyState } from '../src/core/state.ts'
import { inPairs } from './pairs.ts'
import { load } from './site.ts'

const EVENTS = 200_000
const SERVICES = 200
const CLIENTS_PER_SERVICE = 15
const AGENTS = 20
const EVENTS_PER_MS = 100
const ROUNDS = 9
const PARTITIONS = 12
const START = 1_700_000_000_000

/** Encoded look-ups to cells, against the same look-ups only decoded by avsc and counted in one Map. Events per second, no Kafka. */
export function foldBenchmark(): object {
  const messages = Array.from({ length: EVENTS }, (_, index) => encode(lookup(index)))
  const bytes = Buffer.concat(messages)
  const { a, b, ratio } = inPairs(() => rate(() => foldAll(bytes, messages)), () => rate(() => countAll(messages)), ROUNDS)
  return { events: EVENTS, edges: SERVICES * CLIENTS_PER_SERVICE, foldPerSecond: a, decodeAndCountPerSecond: b, ratio, load: load() }
}

/** As a replica folds where the operator says nothing. */
const [naming, retention, budgets] = [new Naming(defaultPolicy), retentionOf(defaultPolicy), budgetsOf(defaultPolicy.budgets, PARTITIONS)]

const encode = createEncoder('lookup')
const decoder = new Decoder('lookup')

function lookup(index: number): LookupEvent {
  const service = index % SERVICES
  return {
    ...eventDefaults.lookup, agentId: `bench/${index % AGENTS}`, sequence: index + 1, occurredAt: START + index, clientNamespace: 'shop-prod',
    client: `client-of-${service}-${Math.floor(index / SERVICES) * 7 % CLIENTS_PER_SERVICE}`, namespace: 'shop-prod', service: `service-${service}`,
    method: 'DNS', cache: index % 3 === 0 ? 'MISS' : 'HIT', outcome: 'SUCCESS', instances: 3, durationMicros: 100 + (index % 5_000),
  }
}

/** As it is read from a batch: one message behind the other. */
function foldAll(bytes: Buffer, messages: readonly Buffer[]): void {
  const state = emptyState(0, retention, { naming, budgets })
  const plain = new PlainLookup(decoder)
  let start = 0
  for (const [offset, { length }] of messages.entries()) {
    if (!plain.read(bytes, start, start + length)) throw new Error('a look-up that is not plain')
    foldPlainLookup(state, plain, { offset, appendTime: START + Math.floor(offset / EVENTS_PER_MS) })
    start += length
  }
  if (state.cells.edge.size !== SERVICES * CLIENTS_PER_SERVICE) throw new Error(`${state.cells.edge.size} edges`)
}

function countAll(messages: readonly Buffer[]): void {
  const counts = new Map<string, number>()
  for (const message of messages) {
    const event = decoder.decode(message)
    if (event instanceof Rejection) throw new Error(event.detail)
    const key = `${event.client}/${event.service}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
}

function rate(work: () => void): number {
  const started = performance.now()
  work()
  return EVENTS / ((performance.now() - started) / 1_000)
}

import { Rejection } from '../src/contract/bounds.ts'
import { createEncoder, Decoder } from '../src/contract/codec.ts'
import { eventDefaults, type LookupEvent } from '../src/contract/events.ts'
import { fold } from '../src/core/fold.ts'
import { emptyState } from '../src/core/state.ts'
import { inPairs } from './pairs.ts'

const EVENTS = 100_000
const SERVICES = 200
const CLIENTS_PER_SERVICE = 15
const ROUNDS = 7

/** Encoded look-ups to cells, against the same look-ups only decoded and counted in one Map. Events per second, no Kafka. */
export function foldBenchmark(): object {
  const messages = Array.from({ length: EVENTS }, (_, index) => encode(lookup(index)))
  const { a, b, ratio } = inPairs(() => rate(() => foldAll(messages)), () => rate(() => countAll(messages)), ROUNDS)
  return { events: EVENTS, edges: SERVICES * CLIENTS_PER_SERVICE, foldPerSecond: a, decodeAndCountPerSecond: b, ratio }
}

const encode = createEncoder('lookup')
const decoder = new Decoder('lookup')

function lookup(index: number): LookupEvent {
  const service = index % SERVICES
  return {
    ...eventDefaults.lookup, agentId: 'bench/1', sequence: index + 1, occurredAt: 1_700_000_000_000 + index, clientNamespace: 'shop',
    client: `client-${service}-${(index * 7) % CLIENTS_PER_SERVICE}`, namespace: 'shop', service: `service-${service}`, method: 'DNS',
    cache: index % 3 === 0 ? 'MISS' : 'HIT', outcome: 'SUCCESS', instances: 3, durationMicros: 100 + (index % 5_000),
  }
}

function foldAll(messages: readonly Buffer[]): void {
  const state = emptyState(0)
  messages.forEach((message, offset) => {
    const event = decoder.decode(message)
    if (event instanceof Rejection) throw new Error(event.detail)
    fold(state, { kind: 'lookup', event }, { offset, appendTime: 1_700_000_000_000 + offset })
  })
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

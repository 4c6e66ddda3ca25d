import * as fc from 'fast-check'
import type { LogRecord } from '../../../src/aggregator/records.ts'
import { Rejection } from '../../../src/contract/bounds.ts'
import { createEncoder, Decoder } from '../../../src/contract/codec.ts'
import {
  cacheResults, eventDefaults, instanceStatuses, lookupOutcomes, registrationOperations, type EventKind, type EventOf,
} from '../../../src/contract/events.ts'
import { fold, setAside } from '../../../src/core/fold.ts'
import { defaultRetention, type Retention } from '../../../src/core/retention.ts'
import { budgetsOf, type Budgets } from '../../../src/core/budgets.ts'
import type { BudgetPolicy } from '../../../src/core/policy.ts'
import { emptyState, type ShardState } from '../../../src/core/state.ts'

/** When the first record is appended, in milliseconds since the epoch. */
export const START = Date.UTC(2026, 0, 1)

/** What is seldom used goes, and comes back. */
export const shortRetention: Retention = { ...defaultRetention, edge: 20_000, agent: 40_000, instance: 30_000 }

/** An input partition: events of one kind, in Avro, as they are appended. */
export interface Input {
  kind: EventKind
  records: readonly LogRecord[]
}

const agentId = fc.constantFrom('sdk/1', 'dns/1')
/** Not numbered, the next number, or one that has been seen. */
const numbered = fc.constantFrom<(index: number) => number>(() => 0, index => index + 1, index => index + 1, index => Math.max(1, index - 3))
const durationMicros = fc.integer({ min: -1, max: 3_000 })
const errorCategory = fc.constantFrom('TIMEOUT' as const, 'NOT_FOUND' as const)

const happenings: { [K in EventKind]: fc.Arbitrary<Partial<EventOf[K]>> } = {
  lookup: fc.record({
    agentId, errorCategory, durationMicros, service: fc.constantFrom('cart', 'pay'), client: fc.constantFrom('', 'a', 'b', 'c', 'd', 'e'),
    outcome: fc.constantFrom(...lookupOutcomes), cache: fc.constantFrom(...cacheResults), instances: fc.integer({ min: -1, max: 7 }),
    weight: fc.integer({ min: 1, max: 5 }),
  }),
  registration: fc.record({
    agentId, errorCategory, durationMicros, service: fc.constantFrom('cart', 'pay'), instance: fc.constantFrom('a', 'b', 'c'),
    operation: fc.constantFrom(...registrationOperations), outcome: fc.constantFrom('SUCCESS' as const, 'SUCCESS' as const, 'FAILURE' as const),
    status: fc.constantFrom(...instanceStatuses), version: fc.constantFrom('', '1', '2'), revision: fc.nat({ max: 4 }),
    leaseMillis: fc.constantFrom(0, 5_000, 15_000, 40_000), source: fc.constantFrom('x', 'y'),
  }),
  agent: fc.record({
    agentId: fc.constantFrom('sdk/1', 'sdk/2', 'sdk/3', 'dns/1'), recorded: fc.nat({ max: 100 }), sent: fc.nat({ max: 100 }),
    droppedSend: fc.nat({ max: 5 }),
  }),
}

/** Mostly a second apart; sometimes long after, or a little before, as when a leader changes. Milliseconds. */
const steps = fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 2_000 }) }, { weight: 1, arbitrary: fc.constant(45_000) }, { weight: 1, arbitrary: fc.constant(-300) })
const poison = Buffer.from('no event')

function inputsOf<K extends EventKind>(kind: K, events: fc.Arbitrary<Partial<EventOf[K]>>, length: number): fc.Arbitrary<Input> {
  const encode = createEncoder(kind)
  const happening = fc.tuple(events, numbered, fc.nat({ max: 30 }), steps)
  return fc.array(happening, { minLength: length, maxLength: length, size: 'max' }).map(all => {
    let appendTime = START
    const records = all.map(([fields, sequence, chance, step], offset) => {
      appendTime += step
      const event = { ...eventDefaults[kind], ...fields, sequence: sequence(offset), occurredAt: appendTime - 50 }
      return { offset, appendTime, value: chance === 0 ? poison : encode(event) }
    })
    return { kind, records }
  })
}

export function inputs(length: number): fc.Arbitrary<Input> {
  return fc.oneof(
    { weight: 3, arbitrary: lookupInputs(length) }, { weight: 2, arbitrary: registrationInputs(length) },
    { weight: 1, arbitrary: inputsOf('agent', happenings.agent, length) },
  )
}

export function lookupInputs(length: number): fc.Arbitrary<Input> {
  return inputsOf('lookup', happenings.lookup, length)
}

export function registrationInputs(length: number): fc.Arbitrary<Input> {
  return inputsOf('registration', happenings.registration, length)
}

/** The fold of the first records of an input, by nobody who can die. */
export class Reference {
  readonly #input: Input
  readonly #retention: Retention
  readonly #budgets: Budgets | undefined
  readonly #decoder: Decoder<EventKind>
  #state: ShardState

  constructor(input: Input, { retention, budgets: [policy] = [] }: { retention: Retention; budgets?: readonly (BudgetPolicy | undefined)[] }) {
    this.#input = input
    this.#retention = retention
    this.#decoder = new Decoder<EventKind>(input.kind)
    this.#budgets = policy && budgetsOf(policy, 1)
    this.#state = this.#empty()
  }

  at(next: number): ShardState {
    if (next < this.#state.next) this.#state = this.#empty()
    for (const record of this.#input.records.slice(this.#state.next, next)) {
      const event = this.#decoder.decode(record.value)
      if (event instanceof Rejection) setAside(this.#state, event, record)
      else fold(this.#state, { kind: this.#input.kind, event }, record)
    }
    return this.#state
  }

  #empty(): ShardState {
    return emptyState(0, this.#retention, { budgets: this.#budgets })
  }
}

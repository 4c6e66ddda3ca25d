import type { Random } from '../../demo/random.ts'
import { createEncoder } from '../../src/contract/codec.ts'
import { messageKey, type EventKind, type EventOf } from '../../src/contract/events.ts'
import { Agents } from './agents.ts'
import { someBadRecord } from './bad-records.ts'
import { createCast, skewed } from './cast.ts'
import { someLookup } from './lookup-events.ts'
import { RegistrationEvents } from './registration-events.ts'
import { shardName, type Truth } from './truth.ts'

/** A record to be appended, and its place. */
export interface OutgoingRecord {
  kind: EventKind
  partition: number
  key: string
  value: Buffer | null
}

interface Sent {
  record: OutgoingRecord
  enter: () => void
}

/** Shares of the stream; what is left are look-ups. */
const REGISTRATIONS = 0.1
const REPORTS = 0.001
const REPEATED = 0.003
const BAD = 0.001
/** Records that may be sent a second time: one of the newest, so that memory is bounded. */
const REPEATABLE = 256

const encoders: { [K in EventKind]: (event: EventOf[K]) => Buffer } = {
  registration: createEncoder('registration'), lookup: createEncoder('lookup'), agent: createEncoder('agent'),
}

export interface StreamOptions {
  random: Random
  truth: Truth
  /** The partition of a record by its key, as Kafka's default partitioner has it. */
  partitionOf: (key: string) => number
  /** Milliseconds since the epoch. */
  now: () => number
}

/** Makes the records that are sent and enters each into the truth, in the order in which they are to stand in their partitions. */
export class Stream {
  readonly #options: StreamOptions
  readonly #random: Random
  readonly #cast = createCast()
  readonly #agents: Agents
  readonly #registrations: RegistrationEvents
  readonly #repeatable: Sent[] = []
  #made = 0

  constructor(options: StreamOptions) {
    this.#options = options
    this.#random = options.random.fork('events')
    this.#agents = new Agents(options.random.fork('agents'))
    this.#registrations = new RegistrationEvents(options.random.fork('registrations'), this.#cast)
  }

  next(): OutgoingRecord {
    const drawn = this.#random.next()
    if (drawn < BAD) return this.#bad()
    if (drawn < BAD + REPEATED && this.#repeatable.length > 0) return this.#again()
    if (drawn < BAD + REPEATED + REPORTS) return this.#report()
    return drawn < BAD + REPEATED + REPORTS + REGISTRATIONS ? this.#registration() : this.#lookup()
  }

  #lookup(): OutgoingRecord {
    const { common, recorded } = this.#agents.sign(this.#options.now())
    const event = someLookup(this.#random, this.#cast, common)
    recorded(event.weight)
    return this.#event('lookup', event, messageKey(event))
  }

  #registration(): OutgoingRecord {
    const { common, recorded } = this.#agents.sign(this.#options.now())
    recorded(1)
    const event = this.#registrations.next(common)
    return this.#event('registration', event, messageKey(event))
  }

  #report(): OutgoingRecord {
    const event = this.#agents.report(this.#options.now())
    return this.#event('agent', event, event.agentId)
  }

  #event<K extends EventKind>(kind: K, event: EventOf[K], key: string): OutgoingRecord {
    const { truth, partitionOf } = this.#options
    const record = { kind, partition: partitionOf(key), key, value: encoders[kind](event) }
    const enter = (): void => truth.enter(kind, event, { shard: shardName(kind, record.partition) })
    enter()
    if (this.#made++ % 5 === 0) this.#remember({ record, enter })
    return record
  }

  /** The same bytes once more. An event without a number counts again, one with a number is a repetition. */
  #again(): OutgoingRecord {
    const { record, enter } = skewed(this.#random, this.#repeatable)
    enter()
    return record
  }

  #bad(): OutgoingRecord {
    const { common } = this.#agents.sign(this.#options.now())
    const event = someLookup(this.#random, this.#cast, common)
    const { value, reason, readable } = someBadRecord(this.#random, event)
    const key = messageKey(event)
    const partition = this.#options.partitionOf(key)
    this.#options.truth.reject(reason, readable ? event.agentId : undefined, { shard: shardName('lookup', partition) })
    return { kind: 'lookup', partition, key, value }
  }

  #remember(sent: Sent): void {
    if (this.#repeatable.length < REPEATABLE) this.#repeatable.push(sent)
    else this.#repeatable[this.#random.below(REPEATABLE)] = sent
  }
}

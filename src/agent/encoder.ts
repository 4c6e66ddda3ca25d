import { randomUUID } from 'node:crypto'
import { boundsFault, Rejection } from '../contract/bounds.ts'
import { createEncoder } from '../contract/codec.ts'
import { messageKey, type AgentReport, type EventKind, type EventOf } from '../contract/events.ts'
import { topicNames } from '../contract/topics.ts'
import { completed, lookupFields, registrationFields, type OwnFields } from './completion.ts'
import type { Entry, RecordedKind } from './fields.ts'
import type { Settings } from './options.ts'

/** An encoded event. `units`: the look-ups or registrations it counts for. */
export interface Outgoing {
  topic: string
  key: string
  value: Buffer
  units: number
}

/** Turns what was recorded into messages, and numbers them: one counter for all, so it rises within each partition. */
export class EventEncoder {
  /** `kind/uuid`, new with every agent. */
  readonly agentId: string
  readonly #service: string
  readonly #lookup: OwnFields<'lookup'>
  readonly #registration: OwnFields<'registration'>
  readonly #topics: Record<EventKind, string>
  readonly #encode: { [K in EventKind]: (event: EventOf[K]) => Buffer } = {
    registration: createEncoder('registration'), lookup: createEncoder('lookup'), agent: createEncoder('agent'),
  }
  #sequence = 0

  constructor({ identity, kind, topicPrefix }: Settings) {
    const { registrations, lookups, agents } = topicNames(topicPrefix)
    this.agentId = `${kind}/${randomUUID()}`
    this.#service = identity.service
    this.#lookup = lookupFields(identity)
    this.#registration = registrationFields(identity)
    this.#topics = { registration: registrations, lookup: lookups, agent: agents }
  }

  /** A Rejection: the event breaks the contract. Never throws. */
  event({ kind, fields, units }: Entry): Outgoing | Rejection {
    try {
      if (kind === 'lookup') {
        const { own, another } = this.#lookup
        return this.#outgoing(kind, completed(kind, fields, this.#isOwn(fields.client) ? own : another), units)
      }
      const { own, another } = this.#registration
      return this.#outgoing(kind, completed(kind, fields, this.#isOwn(fields.service) ? own : another), units)
    } catch (error) {
      return new Rejection('malformed', error instanceof Error ? error.message : 'it cannot be encoded')
    }
  }

  report(report: AgentReport): Outgoing {
    const value = this.#encode.agent({ ...report, sequence: this.#nextSequence() })
    return { topic: this.#topics.agent, key: this.agentId, value, units: 0 }
  }

  #outgoing<K extends RecordedKind>(kind: K, event: EventOf[K], units: number): Outgoing | Rejection {
    event.agentId = this.agentId
    event.sequence = this.#nextSequence()
    return boundsFault(kind, event) ?? { topic: this.#topics[kind], key: messageKey(event), value: this.#encode[kind](event), units }
  }

  #isOwn(service: string | undefined): boolean {
    return service === undefined || service === this.#service
  }

  #nextSequence(): number {
    this.#sequence += 1
    return this.#sequence
  }
}

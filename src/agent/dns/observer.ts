import { decodeDnstap, type DnstapMessage, type DnstapMessageType } from '../dnstap/dnstap-message.ts'
import { WireFault } from '../dnstap/wire-fault.ts'
import { addressText, unmapped } from './address.ts'
import { answerIn } from './answer.ts'
import type { DnsCounts } from './counts.ts'
import type { Lookups } from './lookups.ts'
import { exchangeKey } from './message-key.ts'
import { decodeMessage, opcodes, type DnsMessage } from './message.ts'
import { changesIn, serviceTypes } from './update.ts'
import type { Updates } from './updates.ts'

/** What a server is asked from outside. What it asks others itself (RESOLVER, FORWARDER, …) is nobody's look-up. */
const heard = new Set<DnstapMessageType>([
  'AUTH_QUERY', 'AUTH_RESPONSE', 'CLIENT_QUERY', 'CLIENT_RESPONSE', 'UPDATE_QUERY', 'UPDATE_RESPONSE',
])

/** A server's clock may be off by this much from ours, in milliseconds; a time beyond is taken for none. */
const MOST_OFF_MS = 86_400_000

export interface ObserverParts {
  lookups: Lookups
  updates: Updates
  counts: DnsCounts
  /** Milliseconds that never step back. */
  now: () => number
  /** Milliseconds since the epoch. */
  wallClock: () => number
}

/** Takes dnstap's data frames. Law: each is counted once in `frames`, whatever its bytes are. */
export class DnstapObserver {
  readonly #parts: ObserverParts

  constructor(parts: ObserverParts) {
    this.#parts = parts
  }

  /** Never throws, whatever was sent. */
  frame(payload: Buffer): void {
    const { counts } = this.#parts
    try {
      this.#message(decodeDnstap(payload))
    } catch (error) {
      if (!(error instanceof WireFault)) throw error
      counts.add('frames', error.code === 'dns' ? 'malformed_dns' : 'malformed_dnstap')
    }
  }

  #message(told: DnstapMessage): void {
    const { counts } = this.#parts
    if (!heard.has(told.type)) return counts.add('frames', 'other_message_type')
    const isResponse = told.type.endsWith('_RESPONSE')
    const bytes = isResponse ? told.response : told.query
    if (bytes === undefined) throw new WireFault('dnstap', `${told.type} has no DNS message`)
    const message = decodeMessage(bytes)
    if (message.isResponse !== isResponse) throw new WireFault('dns', `${told.type} has a message of the other kind`)
    const plausible = { ...told, queryTime: this.#plausible(told.queryTime), responseTime: this.#plausible(told.responseTime) }
    if (message.opcode === opcodes.UPDATE) return this.#update(plausible, message)
    if (message.opcode === opcodes.QUERY) return this.#lookup(plausible, message)
    counts.add('frames', 'other_opcode')
  }

  #lookup(told: DnstapMessage, message: DnsMessage): void {
    const { counts, lookups, now } = this.#parts
    const { question } = message
    if (question === undefined) return counts.add('frames', 'no_question')
    if (!serviceTypes.includes(question.type)) return counts.add('frames', 'other_record_type')
    const query = { ...question, client: addressText(unmapped(told.clientAddress)), askedAt: told.queryTime }
    const key = exchangeKey(told, message)
    if (message.isResponse) {
      const answer = answerIn(message, question.type)
      counts.add('frames', 'response')
      lookups.response(key, { ...query, answer, answeredAt: told.responseTime }, now())
    } else {
      counts.add('frames', 'query')
      lookups.query(key, query, now())
    }
  }

  #update(told: DnstapMessage, message: DnsMessage): void {
    const { counts, updates, now } = this.#parts
    const key = exchangeKey(told, message)
    const { queryTime: askedAt, responseTime: answeredAt } = told
    if (message.isResponse) {
      counts.add('frames', 'update_response')
      updates.response(key, { rcode: message.rcode, askedAt, answeredAt }, now())
    } else {
      const changes = changesIn(message)
      counts.add('frames', 'update')
      updates.query(key, { server: told.identity, changes, askedAt }, now())
    }
  }

  #plausible(time: number): number {
    return Math.abs(time - this.#parts.wallClock()) <= MOST_OFF_MS ? time : 0
  }
}

import type { LookupFields } from '../fields.ts'
import { timedOut, type Answer } from './answer.ts'
import type { Clients } from './clients.ts'
import type { DnsCounts } from './counts.ts'
import type { Question } from './message.ts'
import { Pairing, type PairingOptions } from './pairing.ts'
import type { Part, Resolved } from './resolution.ts'
import { Resolutions, type ResolutionOptions } from './resolutions.ts'

/** A query as one frame tells it. Times as in a DnstapMessage. */
export interface LookupQuery extends Question {
  client: string
  askedAt: number
}

export interface LookupResponse extends LookupQuery {
  answer: Answer
  answeredAt: number
}

export interface LookupsParts {
  pairing: PairingOptions
  resolutions: ResolutionOptions
  clients: Clients
  counts: DnsCounts
  /** Which registry the look-ups are told of. */
  source: string
  record: (lookup: LookupFields) => void
}

interface Waiting {
  query: LookupQuery
  part: Part | undefined
}

/** From queries and responses to look-ups. `now`: milliseconds that never step back. */
export class Lookups {
  readonly #parts: LookupsParts
  readonly #pairing: Pairing<Waiting, LookupResponse>
  readonly #resolutions: Resolutions
  #now = 0

  constructor(parts: LookupsParts) {
    this.#parts = parts
    const { counts } = parts
    this.#pairing = new Pairing<Waiting, LookupResponse>(parts.pairing, {
      paired: (waiting, response) => this.#paired(waiting, response),
      unanswered: waiting => this.#unanswered(waiting),
      unasked: response => this.#unasked(response),
    })
    this.#resolutions = new Resolutions(parts.resolutions, {
      lookup: lookup => this.#record(lookup),
      sorted: ({ lookups, twins, searches, others }) => {
        counts.add('lookups', 'recorded', lookups)
        counts.add('lookups', 'twin', twins)
        counts.add('lookups', 'search', searches)
        counts.add('lookups', 'no_service', others)
      },
    })
  }

  /** Queries that wait for their response. */
  get waiting(): number {
    return this.#pairing.size
  }

  query(key: string, query: LookupQuery, now: number): void {
    this.#now = now
    const waiting: Waiting = { query, part: undefined }
    const became = this.#pairing.asked(key, waiting, now)
    if (became === 'waits') waiting.part = this.#resolutions.asked(query.client, query, now)
    this.#parts.counts.add('questions', became)
  }

  response(key: string, response: LookupResponse, now: number): void {
    this.#now = now
    this.#parts.counts.add('answers', this.#pairing.answered(key, response, now))
  }

  sweep(now: number): void {
    this.#now = now
    this.#pairing.sweep(now)
    this.#resolutions.sweep(now)
  }

  /** Tells what is answered, and gives up the rest. */
  close(): void {
    this.#parts.counts.add('endings', 'abandoned', this.#pairing.close())
    this.#resolutions.close()
  }

  #paired({ query, part }: Waiting, response: LookupResponse): void {
    this.#parts.counts.add('endings', 'paired')
    const { answer, answeredAt, askedAt } = response
    this.#ended(query, part, { answer, answeredAt, askedAt })
  }

  #unanswered({ query, part }: Waiting): void {
    this.#parts.counts.add('endings', 'unanswered')
    const { askedAt } = query
    const answeredAt = askedAt === 0 ? 0 : askedAt + this.#parts.pairing.timeoutMs
    this.#ended(query, part, { answer: timedOut, askedAt, answeredAt })
  }

  #unasked(response: LookupResponse): void {
    this.#parts.counts.add('endings', 'unasked')
    this.#ended(response, undefined, response)
  }

  #ended(query: LookupQuery, part: Part | undefined, ending: { answer: Answer; askedAt: number; answeredAt: number }): void {
    const asked = part ?? this.#resolutions.asked(query.client, query, this.#now)
    this.#resolutions.answered(asked, ending, this.#now)
  }

  #record({ client, match, answer, durationMicros, endedAt }: Resolved): void {
    const { clients, counts, source, record } = this.#parts
    const { by, service } = clients.of(client)
    counts.add('clients', by)
    const { outcome, instances, errorCategory, errorCode } = answer
    record({
      source, method: 'DNS', client: service?.service ?? '', clientNamespace: service?.namespace ?? '', clientInstance: client,
      namespace: match.namespace, service: match.service, outcome, instances, errorCategory, errorCode, durationMicros, zone: '',
      ...(endedAt > 0 ? { occurredAt: endedAt } : {}),
    })
  }
}

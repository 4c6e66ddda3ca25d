import type { RegistrationFields } from '../fields.ts'
import type { DnsCounts } from './counts.ts'
import { Pairing, type PairingOptions } from './pairing.ts'
import type { RegisteredRecords } from './registered-records.ts'
import { registrationsOf, type Registration } from './registrations.ts'
import { failureOf, NOERROR, noAnswer, type Failure } from './response-code.ts'
import { ServerOrder } from './server-order.ts'
import type { ServiceNames } from './service-pattern.ts'
import type { Change } from './update.ts'

/** An update as one frame tells it; times as in a DnstapMessage. */
export interface UpdateQuery {
  /** The name that the server gives itself. */
  server: string
  changes: readonly Change[]
  askedAt: number
}

export interface UpdateResponse {
  rcode: number
  askedAt: number
  answeredAt: number
}

export interface UpdatesParts {
  pairing: PairingOptions
  names: ServiceNames
  records: RegisteredRecords
  /** What is accepted, and not told yet. */
  announced: RegisteredRecords
  counts: DnsCounts
  source: string
  record: (registration: RegistrationFields) => void
}

interface AnsweredUpdate {
  changes: readonly Change[]
  rcode: number
  timing: Pick<RegistrationFields, 'durationMicros' | 'occurredAt'>
}

/**
 * From RFC 2136's updates and their responses to registrations. An answered update is told as late as its server's threads may still tell of
 * one before it: what is registered and deregistered in a moment must end as deregistered.
 */
export class Updates {
  readonly #parts: UpdatesParts
  readonly #pairing: Pairing<UpdateQuery, UpdateResponse>
  readonly #order: ServerOrder<AnsweredUpdate>
  #now = 0

  constructor(parts: UpdatesParts) {
    this.#parts = parts
    this.#pairing = new Pairing<UpdateQuery, UpdateResponse>(parts.pairing, {
      paired: (query, response) => this.#paired(query, response),
      unanswered: query => {
        parts.counts.add('updates', 'unanswered')
        this.#tell(query.changes, noAnswer, {})
      },
      // What it was about is in the query alone.
      unasked: () => parts.counts.add('updates', 'unasked'),
    })
    const { limit, earlyMs: holdMs } = parts.pairing
    this.#order = new ServerOrder<AnsweredUpdate>({ limit, holdMs }, (update, telling) => {
      parts.counts.add('updates_told', telling)
      this.#answered(update)
    })
  }

  query(key: string, query: UpdateQuery, now: number): void {
    this.#now = now
    this.#parts.counts.add('update_questions', this.#pairing.asked(key, query, now))
  }

  response(key: string, response: UpdateResponse, now: number): void {
    this.#now = now
    this.#parts.counts.add('update_answers', this.#pairing.answered(key, response, now))
  }

  sweep(now: number): void {
    this.#now = now
    this.#pairing.sweep(now)
    this.#order.sweep(now)
    this.#parts.records.sweep(now)
    this.#parts.announced.sweep(now)
  }

  /** Tells what is answered, and gives up the rest. */
  close(): void {
    this.#order.close()
    this.#parts.counts.add('updates', 'abandoned', this.#pairing.close())
  }

  #paired({ server, changes, askedAt: queriedAt }: UpdateQuery, { rcode, askedAt, answeredAt }: UpdateResponse): void {
    const start = queriedAt || askedAt
    const isMeasured = start > 0 && answeredAt >= start
    const timing = { durationMicros: isMeasured ? Math.round((answeredAt - start) * 1_000) : -1, occurredAt: answeredAt || undefined }
    this.#parts.counts.add('updates', rcode === NOERROR ? 'accepted' : 'refused')
    if (rcode === NOERROR) for (const change of changes) if (change.do === 'add') this.#parts.announced.add(change.name, change.record)
    this.#order.put({ changes, rcode, timing }, { server, askedAt: start, answeredAt }, this.#now)
  }

  #answered({ changes, rcode, timing }: AnsweredUpdate): void {
    this.#tell(changes, rcode === NOERROR ? undefined : failureOf(rcode), timing)
    if (rcode !== NOERROR) return
    for (const change of changes) if (change.do === 'add') this.#parts.announced.delete(change.name, change.record, this.#now)
  }

  /** The records follow what is accepted; what is refused is told, and changes nothing. */
  #tell(changes: readonly Change[], failure: Failure | undefined, timing: AnsweredUpdate['timing']): void {
    const { records } = this.#parts
    for (const registration of registrationsOf(changes, records)) {
      const ending = failure === undefined ? { outcome: 'SUCCESS' as const } : { outcome: 'FAILURE' as const, ...failure }
      this.#record(registration, { ...ending, ...timing })
      if (failure === undefined) this.#keep(registration)
    }
  }

  #keep({ operation, name, record }: Registration): void {
    const { records, counts } = this.#parts
    if (record === undefined) return
    if (operation === 'DEREGISTER') records.delete(name, record, this.#now)
    else if (!records.add(name, record)) counts.add('registrations', 'not_kept')
  }

  #record({ operation, name, record }: Registration, ending: Partial<RegistrationFields>): void {
    const { names, counts, source, record: tell } = this.#parts
    const match = names.match(name)
    counts.add('registrations', match === null ? 'no_service' : 'recorded')
    if (match === null) return
    tell({
      // Who is in the zone is answered, and so counts as passing.
      operation, source, namespace: match.namespace, service: match.service, instance: record?.instance ?? '', address: record?.address ?? '',
      version: '', zone: '', status: operation === 'DEREGISTER' ? 'UNKNOWN' : 'PASSING', ...ending,
    })
  }
}

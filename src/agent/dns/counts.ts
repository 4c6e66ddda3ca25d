import { wireFaultReasons } from '../dnstap/wire-fault.ts'
import { clientFindings } from './clients.ts'
import { tellings } from './server-order.ts'

/** What the agent counts beside its AgentReport: each family with its help and the values of its label `result`. */
export const dnsFamilies = {
  connections: { help: 'Connections of DNS servers', results: ['opened', 'closed', 'refused'] },
  stream_faults: { help: 'Connections closed for what their sender did', results: wireFaultReasons },
  frames: {
    help: 'Data frames received, by what they were: those of the first four go on, the rest is left out',
    results: [
      'query', 'response', 'update', 'update_response', 'other_message_type', 'other_opcode', 'other_record_type', 'no_question',
      'malformed_dnstap', 'malformed_dns',
    ],
  },
  questions: {
    help: 'Queries: waits for its response, paired with one that came before it, repeated by the client, overflow of the pairing table',
    results: ['waits', 'paired', 'repeated', 'overflow'],
  },
  answers: {
    help: 'Responses: paired with their query, waits for a query that is late, repeated, late after the time-out, unasked for by overflow',
    results: ['paired', 'waits', 'repeated', 'late', 'unasked'],
  },
  endings: {
    help: 'Questions by how they ended',
    results: ['paired', 'unanswered', 'unasked', 'abandoned'],
  },
  lookups: {
    help: 'Ended questions by what became of them: recorded as a look-up, merged into one, or of no service',
    results: ['recorded', 'twin', 'search', 'no_service'],
  },
  clients: { help: 'Recorded look-ups by how their client was found', results: clientFindings },
  update_questions: { help: 'Updates, as queries above', results: ['waits', 'paired', 'repeated', 'overflow'] },
  update_answers: { help: 'Responses to updates, as above', results: ['paired', 'waits', 'repeated', 'late', 'unasked'] },
  updates: { help: 'Updates by how they ended', results: ['accepted', 'refused', 'unanswered', 'unasked', 'abandoned'] },
  updates_told: {
    help: 'Answered updates by how they were told: in their server’s order, before their time as too many were held, untimed, or late',
    results: tellings,
  },
  registrations: { help: 'Registrations by what became of them', results: ['recorded', 'no_service', 'not_kept'] },
} as const

export type DnsFamily = keyof typeof dnsFamilies
type ResultOf<F extends DnsFamily> = (typeof dnsFamilies)[F]['results'][number]

export interface DnsSample {
  family: DnsFamily
  result: string
  value: number
}

/** Counters that only rise, one for each result of each family. */
export class DnsCounts {
  readonly #values = new Map<string, DnsSample>()

  constructor() {
    for (const [family, { results }] of Object.entries(dnsFamilies)) {
      for (const result of results) this.#values.set(`${family} ${result}`, { family: family as DnsFamily, result, value: 0 })
    }
  }

  add<F extends DnsFamily>(family: F, result: ResultOf<F>, by = 1): void {
    const sample = this.#values.get(`${family} ${result}`)
    if (sample !== undefined) sample.value += by
  }

  of<F extends DnsFamily>(family: F, result: ResultOf<F>): number {
    return this.#values.get(`${family} ${result}`)?.value ?? 0
  }

  /** Of all results together. */
  sum(family: DnsFamily): number {
    return this.samples().reduce((sum, sample) => sample.family === family ? sum + sample.value : sum, 0)
  }

  samples(): DnsSample[] {
    return [...this.#values.values()]
  }
}

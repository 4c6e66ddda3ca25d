import { systemClock } from '../../../src/agent/clock.ts'
import type { DnsFamily } from '../../../src/agent/dns/counts.ts'
import { DnsAgent } from '../../../src/agent/dns/dns-agent.ts'
import type { EventRecorder } from '../../../src/agent/dns/observation.ts'
import { readRuleFile, rulesOf } from '../../../src/agent/dns/rules.ts'
import type { LookupFields, RegistrationFields } from '../../../src/agent/fields.ts'

export interface RecordingOptions {
  socket: string
  queryTimeoutMs?: number
  pairingLimit?: number
  /** Where events go beside the lists. */
  agent?: EventRecorder
}

/** A DNS agent on a Unix socket, and what it recorded. */
export class Recording {
  readonly lookups: LookupFields[] = []
  readonly registrations: RegistrationFields[] = []
  readonly faults: string[] = []
  readonly #agent: DnsAgent

  constructor({ socket, queryTimeoutMs = 5_000, pairingLimit = 100_000, agent }: RecordingOptions) {
    const recorder = {
      recordLookup: (lookup: LookupFields) => {
        this.lookups.push(lookup)
        agent?.recordLookup(lookup)
      },
      recordRegistration: (registration: RegistrationFields) => {
        this.registrations.push(registration)
        agent?.recordRegistration(registration)
      },
    }
    this.#agent = new DnsAgent({
      receiver: { addresses: [{ path: socket, mode: 0o600 }], maxFrameBytes: 262_144, maxConnections: 8, handshakeMs: 10_000 },
      rules: rulesOf(readRuleFile(undefined), []), source: 'dns/test', queryTimeoutMs, mergeWindowMs: 1_000, pairingLimit, recordLimit: 1_000,
    }, { clock: systemClock, agent: recorder, onFault: ({ code }) => this.faults.push(code) })
  }

  start(): Promise<void> {
    return this.#agent.start()
  }

  stop(): Promise<void> {
    return this.#agent.stop()
  }

  count(family: DnsFamily, result: string): number {
    return this.#agent.samples().find(sample => sample.family === family && sample.result === result)?.value ?? 0
  }

  sum(family: DnsFamily): number {
    return this.#agent.samples().reduce((sum, sample) => sum + (sample.family === family ? sample.value : 0), 0)
  }

  get waitingQueries(): number {
    return this.#agent.held.waitingQueries
  }

  /** `client address: namespace/service outcome instances code`. */
  get told(): string[] {
    return this.lookups.map(({ clientNamespace, client = '', clientInstance, namespace, service, outcome, instances, errorCode = '' }) => {
      const who = client === '' ? clientInstance : `${clientNamespace}/${client}`
      return `${who}: ${namespace}/${service} ${outcome} ${instances} ${errorCode}`.trim()
    })
  }

  get registered(): string[] {
    return this.registrations.map(({ operation, namespace, service, instance, outcome, errorCode = '' }) =>
      `${operation} ${namespace}/${service} ${instance} ${outcome} ${errorCode}`.trim())
  }
}

import { systemClock } from '../../../src/agent/clock.ts'
import { ConsulAgent, type ConsulAgentOptions } from '../../../src/agent/consul/consul-agent.ts'
import type { ConsulAccess } from '../../../src/agent/consul/consul-connection.ts'
import type { LookupFields, RegistrationFields } from '../../../src/agent/fields.ts'
import { until } from '../../support/until.ts'

export type RecordingOptions = Partial<Omit<ConsulAgentOptions, 'access'>> & Partial<ConsulAccess> & { url: string }

/** A Consul agent, and what it recorded. */
export class ConsulRecording {
  readonly registrations: RegistrationFields[] = []
  readonly lookups: LookupFields[] = []
  readonly faults: string[] = []
  readonly agent: ConsulAgent

  constructor({ url, token = () => '', datacenter = '', patienceMs = 2_000, ca = '', cert = '', key = '', serverName = '', ...options }: RecordingOptions) {
    this.agent = new ConsulAgent({
      access: { url, token, datacenter, patienceMs, ca, cert, key, serverName },
      source: '', versionKey: 'version', resyncMs: 300_000, maxQueries: 16, serviceLimit: 1_000, countsChanges: false, lookups: undefined,
      ...options,
    }, {
      agent: { recordRegistration: event => this.registrations.push(event), recordLookup: lookup => this.lookups.push(lookup) }, clock: systemClock, random: () => 0,
      onFault: ({ code }) => this.faults.push(code),
    })
  }

  /** `OPERATION service instance status @revision`, without the word for an unknown status. */
  get told(): string[] {
    return this.registrations.map(({ operation, service, instance, status, revision }) =>
      `${operation} ${service} ${instance} ${status === 'UNKNOWN' ? '' : `${status} `}@${revision}`)
  }

  /** Those of one service. */
  toldOf(service: string): string[] {
    return this.told.filter(line => line.split(' ')[1] === service)
  }

  async untilTold(line: string): Promise<void> {
    await until(() => this.told.includes(line), { message: `${line} is recorded, beside ${this.told.join(', ')}`, timeoutMs: 30_000 })
  }
}

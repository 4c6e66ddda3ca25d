import { createRandom, type Random } from '../demo/random.ts'
import { eventDefaults, type AgentReport, type LookupEvent, type RegistrationEvent } from '../src/contract/events.ts'
import { PARTITIONS } from './site.ts'

// A large cluster, as one partition of each input topic sees it: 70 % of the cells are edges, 20 % instances, and two in a hundred each are
// services' look-ups, their errors, their registrations and versions, and agents.

const CLIENTS_PER_SERVICE = 35
const INSTANCES_PER_SERVICE = 10
const CELLS_PER_SERVICE = 50
const SERVICES_PER_AGENT = 2
const PODS_PER_DEPLOYMENT = 36 ** 5
const LONGEST_MICROS = 60_000
const LEASE_MS = 3_600_000

const domains = ['payments', 'checkout', 'catalogue', 'identity', 'fulfilment', 'recommendations', 'platform', 'ledger'] as const
const roles = ['api', 'worker', 'gateway', 'projector', 'scheduler', 'cache-warmer', 'backend', 'adapter'] as const
const zones = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'] as const

/** Things of the same service, and agents, are numbered one after the other. */
export class Crowd {
  readonly edges: number
  readonly instances: number
  readonly agents: number
  readonly #services: number
  readonly #partition: number
  readonly #random: Random
  #sequence = 0

  /** `cells`: about how many the partition's events come to, in all topics. */
  constructor(partition: number, cells: number) {
    this.#partition = partition
    this.#random = createRandom(partition + 1)
    this.#services = Math.ceil(cells / CELLS_PER_SERVICE)
    this.edges = this.#services * CLIENTS_PER_SERVICE
    this.instances = this.#services * INSTANCES_PER_SERVICE
    this.agents = Math.ceil(this.#services / SERVICES_PER_AGENT)
  }

  /** Any number below `bound`. */
  any(bound: number): number {
    return this.#random.below(bound)
  }

  /** The next look-up along an edge. Times in milliseconds since the epoch. */
  lookup(edge: number, time: number): LookupEvent {
    const service = Math.floor(edge / CLIENTS_PER_SERVICE)
    const isFailure = this.#random.chance(0.02) || edge % CLIENTS_PER_SERVICE === 0 // so that each service has an error
    return {
      ...eventDefaults.lookup, agentId: this.#agentId(service), sequence: ++this.#sequence, occurredAt: time - this.#random.below(400),
      source: 'consul/dc1', ...this.#client(edge), namespace: namespaceOf(service), service: this.#serviceName(service), method: 'DNS',
      cache: this.#random.chance(0.7) ? 'HIT' : 'MISS', outcome: isFailure ? 'FAILURE' : 'SUCCESS',
      errorCategory: isFailure ? 'NOT_FOUND' : 'NONE', errorCode: isFailure ? 'NXDOMAIN' : '', instances: isFailure ? 0 : 10,
      durationMicros: Math.floor(LONGEST_MICROS * this.#random.next() ** 4), weight: 1, zone: zones[edge % zones.length] ?? '',
    }
  }

  /** What a watcher sees of an instance. */
  registration(instance: number, time: number): RegistrationEvent {
    const service = Math.floor(instance / INSTANCES_PER_SERVICE)
    const name = this.#serviceName(service)
    const pod = (0xabcdef + instance * 7_919) % PODS_PER_DEPLOYMENT
    return {
      ...eventDefaults.registration, occurredAt: time - this.#random.below(400), source: 'kubernetes/prod', operation: 'OBSERVE',
      outcome: 'SUCCESS', namespace: namespaceOf(service), service: name, instance: `${name}-7d9f8b6c5-${pod.toString(36).padStart(5, '0')}`,
      version: `2.${service % 40}.${service % 7}`, zone: zones[instance % zones.length] ?? '',
      address: `10.${this.#partition}.${(instance >> 8) % 256}.${instance % 256}:8080`, status: 'PASSING', leaseMillis: LEASE_MS,
      revision: ++this.#sequence,
    }
  }

  report(agent: number, time: number): AgentReport {
    const recorded = ++this.#sequence
    return {
      ...eventDefaults.agent, agentId: this.#agentId(agent), sequence: recorded, occurredAt: time, source: 'consul/dc1', version: '1.4.2',
      host: `node-${agent}`, startedAt: time - LEASE_MS, recorded, sent: recorded,
    }
  }

  #client(edge: number): Pick<LookupEvent, 'clientNamespace' | 'client'> {
    const client = edge * 31 % (this.#services * PARTITIONS)
    return { clientNamespace: namespaceOf(client), client: `${nameOf(client)}-c${edge % CLIENTS_PER_SERVICE}` }
  }

  #serviceName(service: number): string {
    return `${nameOf(service)}-p${this.#partition}`
  }

  #agentId(number: number): string {
    const agent = number % this.agents
    return `sdk/node-${this.#partition}-${agent}.eu-central-1.compute.internal-${(agent * 2_654_435_761 % 2 ** 32).toString(16)}`
  }
}

function namespaceOf(service: number): string {
  return `${domains[service % domains.length] ?? ''}-prod`
}

function nameOf(service: number): string {
  return `${domains[service % domains.length] ?? ''}-${roles[Math.floor(service / domains.length) % roles.length] ?? ''}-${Math.floor(service / 64)}`
}

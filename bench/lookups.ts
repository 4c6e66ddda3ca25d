import { createRandom, type Random } from '../demo/random.ts'
import { eventDefaults, messageKey, type LookupEvent } from '../src/contract/events.ts'

/** Who looks whom up. Edges are numbered; an edge of number n has service n modulo the number of services. */
export interface Topology {
  services: number
  edges: number
  agents: number
  /** `zipf`: the edge of rank r is used in proportion to 1/r, and so is its service. `even`: one after the other. */
  use: 'even' | 'zipf'
}

/** What the table was measured with. */
export const SMALL: Topology = { services: 200, edges: 3_000, agents: 20, use: 'even' }
export const LARGE: Topology = { services: 20_000, edges: 300_000, agents: 20_000, use: 'zipf' }

const FAILURES = 50
const LONGEST_MICROS = 60_000

/** Look-ups without end, in an order that the seed determines. Each edge comes once before any comes as it is used. */
export class Lookups {
  readonly #topology: Topology
  readonly #random: Random
  #made = 0

  constructor(topology: Topology, seed = 1) {
    this.#topology = topology
    this.#random = createRandom(seed)
  }

  /** Its `sequence` and `occurredAt` are for the sender to set. */
  next(): LookupEvent {
    const edge = this.#edge()
    const isFailure = this.#made % FAILURES === 0
    const service = edge % this.#topology.services
    this.#made++
    return {
      ...eventDefaults.lookup, agentId: `sdk/node-${edge % this.#topology.agents}`, clientNamespace: 'shop-prod',
      client: `client-of-${service}-${Math.floor(edge / this.#topology.services)}`, namespace: 'shop-prod', service: `service-${service}`,
      method: 'DNS', cache: this.#made % 3 === 0 ? 'MISS' : 'HIT', outcome: isFailure ? 'FAILURE' : 'SUCCESS',
      errorCategory: isFailure ? 'NOT_FOUND' : 'NONE', errorCode: isFailure ? 'NXDOMAIN' : '', instances: isFailure ? 0 : 3,
      durationMicros: Math.floor(LONGEST_MICROS * this.#random.next() ** 4),
    }
  }

  #edge(): number {
    const { edges, use } = this.#topology
    if (use === 'even' || this.#made < edges) return this.#made % edges
    return Math.floor((edges + 1) ** this.#random.next()) - 1 // log-uniform ranks: each in proportion to 1/rank, nearly
  }
}

/** All of a service's look-ups are in one partition, as their key would have it. */
export function partitionOf({ service }: LookupEvent, partitions: number): number {
  return Number(service.slice('service-'.length)) % partitions
}

export const keyOf = (event: LookupEvent): Buffer => Buffer.from(messageKey(event))

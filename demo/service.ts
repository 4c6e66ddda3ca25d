import { Client } from './client.ts'
import { Faults } from './faults.ts'
import { Instance, type Registration } from './instance.ts'
import { Ledger, type Target } from './ledger.ts'
import type { Questions, ServiceAgent } from './questions.ts'
import { createRandom, type Random } from './random.ts'
import { Registry, type RegisteredInstance } from './registry.ts'
import { zoneOf, type ShopService } from './shop.ts'
import { Timeline } from './timeline.ts'

/** What all services share. */
export interface Cluster {
  registry: Registry
  faults: Faults
  ledger: Ledger
  timeline: Timeline
  random: Random
}

export function createCluster(seed: number): Cluster {
  const random = createRandom(seed)
  return { registry: new Registry(), faults: new Faults(random), ledger: new Ledger(), timeline: new Timeline(), random }
}

const START_SPREAD = 600
const ROLL_EVERY = 1_200

/** A service with its instances: one agent for them all, as if they shared a host. */
export class Service {
  readonly target: Target
  readonly weight: number
  readonly instances: readonly Instance[]
  readonly #definition: ShopService
  readonly #cluster: Cluster
  readonly #agent: ServiceAgent
  readonly #client: Client
  readonly #random: Random
  #release = 0

  constructor(definition: ShopService, cluster: Cluster, { agent, questions }: { agent: ServiceAgent; questions: Questions }) {
    const { namespace, service, weight } = definition
    this.target = { namespace, service }
    this.weight = weight
    this.#definition = definition
    this.#cluster = cluster
    this.#agent = agent
    this.#random = cluster.random.fork(service)
    this.#client = new Client({ agent, questions, ledger: cluster.ledger, random: this.#random.fork('client') })
    this.instances = Array.from({ length: definition.instances }, (_, index) => this.#instance(index + 1))
  }

  start(now: number): void {
    for (const instance of this.instances) this.#cluster.timeline.at(now + this.#random.below(START_SPREAD), then => instance.start(then))
  }

  /** One look-up along one of the service's edges. Resolves to how many were made; none while no instance runs. */
  lookUp(now: number): Promise<number> {
    const asker = this.#random.pick(this.instances.filter(({ running }) => running))
    const edge = this.#random.pick(this.#definition.edges.flatMap(one => Array.from({ length: one.weight }, () => one)))
    if (asker === undefined || edge === undefined) return Promise.resolve(0)
    const { instance: clientInstance, zone } = asker.identity
    return this.#client.lookUp(edge, { clientInstance, zone }, now)
  }

  /** Replaces the instances one by one with the next version, which it returns. */
  deploy(now: number): string {
    this.#release++
    const version = this.#version
    for (const [index, instance] of this.instances.entries()) {
      this.#cluster.timeline.at(now + index * ROLL_EVERY, then => instance.deploy(then, version))
    }
    return version
  }

  /** One instance that runs ends without a word and comes back after `backAfter` ms. Returns its name; undefined if none runs. */
  crash(now: number, backAfter: number): string | undefined {
    const victim = this.#random.pick(this.instances.filter(({ running }) => running))
    victim?.crash(now, backAfter)
    return victim?.identity.instance
  }

  /** No instance can be used for `millis`. */
  maintain(now: number, millis: number): void {
    for (const instance of this.instances) instance.maintain(now, millis)
  }

  /** The registry has taken an instance away because its lease ran out. */
  expired({ instance, version, zone, address }: RegisteredInstance): void {
    this.#record({ operation: 'EXPIRE', outcome: 'SUCCESS', instance, version, zone, address })
  }

  get #version(): string {
    return `1.${this.#release}.0`
  }

  #record(registration: Registration): void {
    this.#cluster.ledger.registration(this.target)
    this.#agent.recordRegistration(registration)
  }

  #instance(ordinal: number): Instance {
    const { registry, faults, timeline } = this.#cluster
    const { namespace, service, port } = this.#definition
    const identity = {
      namespace, service, instance: `${service}-${ordinal}`, zone: zoneOf(ordinal), address: `10.42.${port - 8_080}.${ordinal}`, port,
    }
    const record = (registration: Registration): void => this.#record(registration)
    return new Instance(identity, this.#version, { registry, faults, timeline, random: this.#random.fork(identity.instance), record })
  }
}

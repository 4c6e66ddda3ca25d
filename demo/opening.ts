import type { Resolver } from 'node:dns/promises'
import { planIncidents } from './incidents.ts'
import { createQuestions, strangersQuestion, type ServiceAgent } from './questions.ts'
import { Service, type Cluster } from './service.ts'
import { webShop } from './shop.ts'
import { Traffic } from './traffic.ts'

const EXPIRE_EVERY = 250

/** Whom an agent speaks for. `kind`: the agent's, absent for an ordinary one. */
export interface AgentOwner {
  namespace: string
  service: string
  kind?: string
}

export interface OpeningOptions {
  /** Called once for each service and once for the DNS server, whose agent records what strangers ask. */
  newAgent: (owner: AgentOwner) => ServiceAgent
  /** A resolver that asks the shop's DNS server. */
  newResolver: () => Resolver
  /** Look-ups per second. */
  rate: number
  /** Milliseconds since the epoch. */
  now: number
  /** Told, in words for people, what happens in the shop. */
  tell: (text: string) => void
}

/** Puts the web shop's whole course into the cluster's timeline: it happens as the timeline is run. */
export function openShop(cluster: Cluster, options: OpeningOptions): { services: readonly Service[]; traffic: Traffic } {
  const { newAgent, newResolver, rate, now, tell } = options
  const { ledger, timeline, random } = cluster
  const services = webShop.map(definition => {
    const agent = newAgent({ namespace: definition.namespace, service: definition.service })
    return new Service(definition, cluster, { agent, questions: createQuestions(agent, newResolver) })
  })
  const strangers = strangersQuestion(newAgent({ namespace: 'platform', service: 'dns', kind: 'dns-server' }), newResolver())
  const traffic = new Traffic({ services, strangers, ledger, timeline, random: random.fork('traffic') })
  for (const service of services) service.start(now)
  planIncidents(services, cluster, { now, tell })
  expireLeases(services, cluster, now)
  traffic.start(now, rate)
  return { services, traffic }
}

function expireLeases(services: readonly Service[], cluster: Cluster, now: number): void {
  for (const ended of cluster.registry.expire(now)) {
    services.find(({ target }) => target.namespace === ended.namespace && target.service === ended.service)?.expired(ended)
  }
  cluster.timeline.at(now + EXPIRE_EVERY, then => expireLeases(services, cluster, then))
}

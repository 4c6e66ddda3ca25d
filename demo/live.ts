import type { Kafka } from 'kafkajs'
import { createDiscoveryAgent, type DiscoveryAgent } from '../src/sdk.ts'
import { startDnsServer } from './dns-server.ts'
import type { Ledger } from './ledger.ts'
import { openShop, type AgentOwner } from './opening.ts'
import { resolverOf } from './questions.ts'
import { createCluster, type Service } from './service.ts'

const STEP_MILLIS = 25
const CLOSE_MILLIS = 10_000

export interface LiveOptions {
  /** The host's own kafkajs client. */
  kafka: Kafka
  topicPrefix: string
  seed: number
  /** Look-ups per second. */
  rate: number
  /** Told, in words for people, what happens in the shop. */
  tell: (text: string) => void
}

/** The shop at work. */
export interface LiveShop {
  ledger: Ledger
  services: readonly Service[]
  /** Of the DNS server, `host:port`. */
  dnsAddress: string
  /** Ends the load, waits for the look-ups under way and closes the agents. Resolves to how many events they dropped. May be called twice. */
  stop(): Promise<number>
}

/** Starts the DNS server and the eleven services, an agent each, and lets them live by the wall clock. */
export async function startLiveShop({ kafka, topicPrefix, seed, rate, tell }: LiveOptions): Promise<LiveShop> {
  const cluster = createCluster(seed)
  const dns = await startDnsServer(cluster.registry, () => cluster.faults.nextDns())
  const agents: DiscoveryAgent[] = []
  const newAgent = (owner: AgentOwner): DiscoveryAgent => {
    const onError = ({ message }: Error): void => tell(`agent of ${owner.service}: ${message}`)
    const agent = createDiscoveryAgent({ ...owner, kafka, topicPrefix, source: 'dns/demo', onError })
    agents.push(agent)
    return agent
  }
  const { services, traffic } = openShop(cluster, { newAgent, newResolver: () => resolverOf(dns.address), rate, now: Date.now(), tell })
  const clock = setInterval(() => cluster.timeline.run(Date.now()), STEP_MILLIS)
  const stop = async (): Promise<number> => {
    clearInterval(clock)
    await traffic.settled()
    await Promise.all(agents.map(agent => agent.close(CLOSE_MILLIS)))
    await dns.close()
    return agents.map(agent => droppedBy(agent)).reduce((sum, dropped) => sum + dropped, 0)
  }
  let stopped: Promise<number> | undefined
  return { ledger: cluster.ledger, services, dnsAddress: dns.address, stop: () => (stopped ??= stop()) }
}

function droppedBy(agent: DiscoveryAgent): number {
  const { recorded, sent } = agent.report()
  return recorded - sent // none is queued any more
}

import { Resolver } from 'node:dns/promises'
import type { DnsFault } from '../../demo/faults.ts'
import type { Ledger } from '../../demo/ledger.ts'
import { parseName } from '../../demo/names.ts'
import { openShop, type AgentOwner } from '../../demo/opening.ts'
import { createCluster, type Cluster } from '../../demo/service.ts'
import type { DiscoveryEvent } from '../../src/contract/events.ts'
import { createDiscoveryAgent, type DiscoveryAgent } from '../../src/sdk.ts'
import { FakeKafka } from '../agent/fake-kafka.ts'

const START = 1_790_000_000_000
const STEP_MILLIS = 250

export interface SimulatedRun {
  /** In the order of the log, with when they were appended, in milliseconds since the epoch. */
  log: { topic: string; event: DiscoveryEvent; appendTime: number }[]
  ledger: Ledger
  incidents: string[]
}

/** The demo's shop with its real agents, in simulated time: Kafka and the DNS queries are doubles, and nothing waits. */
export async function simulate({ seed, seconds, rate }: { seed: number; seconds: number; rate: number }): Promise<SimulatedRun> {
  const cluster = createCluster(seed)
  const kafka = new FakeKafka()
  let now = START
  const clock = { now: () => now, micros: () => now * 1_000 }
  const agents: DiscoveryAgent[] = []
  const newAgent = (owner: AgentOwner): DiscoveryAgent => {
    const agent = createDiscoveryAgent({ ...owner, kafka, clock, reportIntervalMs: 0 })
    agents.push(agent)
    return agent
  }
  const run: SimulatedRun = { log: [], ledger: cluster.ledger, incidents: [] }
  const newResolver = (): Resolver => registryResolver(cluster)
  const { traffic } = openShop(cluster, { newAgent, newResolver, rate, now, tell: text => run.incidents.push(text) })
  for (; now < START + seconds * 1_000; now += STEP_MILLIS) {
    cluster.timeline.run(now)
    await traffic.settled()
    await Promise.all(agents.map(agent => agent.flush()))
    run.log.push(...kafka.log.splice(0).map(({ topic, event }) => ({ topic, event, appendTime: now })))
  }
  await Promise.all(agents.map(agent => agent.close())) // each reports what it recorded and dropped
  run.log.push(...kafka.log.splice(0).map(({ topic, event }) => ({ topic, event, appendTime: now })))
  return run
}

const codes: Record<number, string> = { 2: 'ESERVFAIL', 5: 'EREFUSED' }

/** Answers at once as a `node:dns` resolver of the demo's DNS server would. */
function registryResolver({ registry, faults }: Cluster): Resolver {
  const answer = (name: string): Promise<unknown[]> => {
    const fault = faults.nextDns()
    const target = parseName(name)
    const usable = target === null ? null : registry.usable(target)
    const code = codeOf(fault) ?? (usable === null ? 'ENOTFOUND' : usable.length === 0 ? 'ENODATA' : null)
    return code === null ? Promise.resolve(usable ?? []) : Promise.reject(Object.assign(new Error(`${code} ${name}`), { code }))
  }
  return Object.assign(new Resolver(), { resolve4: answer, resolveSrv: answer })
}

function codeOf(fault: DnsFault | null): string | null {
  if (fault?.kind === 'drop') return 'ETIMEOUT'
  return fault?.kind === 'refuse' ? (codes[fault.rcode] ?? 'EFORMERR') : null
}

import { Resolver } from 'node:dns/promises'
import type { DiscoveryAgent } from '../src/sdk.ts'
import type { CacheResult } from '../src/contract/events.ts'
import type { Target } from './ledger.ts'
import { hostName, srvName } from './names.ts'

/** What a service asks of its agent. */
export type ServiceAgent = Pick<DiscoveryAgent, 'recordLookup' | 'recordRegistration' | 'instrumentResolver' | 'instrument'>

/** Which instance of a service asks. */
export interface Asker {
  clientInstance: string
  zone: string
}

/** The DNS questions of one service. Each resolves to the number of usable instances and rejects as `node:dns` does. */
export interface Questions {
  /** By A record, with no cache before it; recorded by the instrumented resolver. */
  plain(target: Target): Promise<number>
  /** By SRV record, on behalf of a cache that said `cache`; recorded by the instrumented function. */
  cached(target: Target, cache: CacheResult, asker: Asker): Promise<number>
}

/** A resolver of the demo's DNS server. It gives up early, so that time-outs are many in a short demo. */
export function resolverOf(address: string): Resolver {
  const resolver = new Resolver({ timeout: 250, tries: 1 })
  resolver.setServers([address])
  return resolver
}

/** `newResolver` is called twice: the agent records every question put to the first, and none put to the second. */
export function createQuestions(agent: ServiceAgent, newResolver: () => Resolver): Questions {
  const instrumented = agent.instrumentResolver(newResolver())
  const silent = newResolver()
  const ask = async (target: Target, _cache: CacheResult, _asker: Asker): Promise<number> => (await silent.resolveSrv(srvName(target))).length
  return {
    plain: async target => (await instrumented.resolve4(hostName(target))).length,
    cached: agent.instrument(ask, ([{ namespace, service }, cache, asker], instances) => (
      { namespace, service, cache, ...asker, method: 'DNS', ...(instances === undefined ? {} : { instances }) }
    )),
  }
}

/** Questions of someone whom the DNS server does not know: its own agent records them, without a client. */
export function strangersQuestion(agent: ServiceAgent, resolver: Resolver): (target: Target) => Promise<number> {
  const ask = async (target: Target): Promise<number> => (await resolver.resolve4(hostName(target))).length
  return agent.instrument(ask, ([{ namespace, service }], instances) => (
    { namespace, service, client: '', method: 'DNS', ...(instances === undefined ? {} : { instances }) }
  ))
}

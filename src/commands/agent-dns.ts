import type { Command } from 'commander'
import type { Logger } from 'pino'
import type { DiscoveryAgent } from '../agent/agent.ts'
import { systemClock } from '../agent/clock.ts'
import { dnsFamilies, type DnsFamily } from '../agent/dns/counts.ts'
import { DnsAgent } from '../agent/dns/dns-agent.ts'
import { rulesOf } from '../agent/dns/rules.ts'
import { addressText, type DnstapAddress } from '../agent/dnstap/listening.ts'
import { readOptions } from '../config.ts'
import { kafkaRules } from '../kafka/options.ts'
import type { AgentFamily } from '../prometheus/agent-metrics.ts'
import { dnsAgentOptions, dnsAgentRules, type DnsAgentSettings } from './agent-dns-options.ts'
import { runAgent, type EventSource } from './agent-run.ts'
import type { Running } from './lasting.ts'

export { dnsAgentOptions }

export function readDnsAgentOptions(command: Command): DnsAgentSettings {
  return readOptions(command, dnsAgentOptions, [...kafkaRules, ...dnsAgentRules])
}

/** Runs the DNS agent until `signal` aborts, or only says that its configuration is well. Resolves with the exit code. */
export async function agentDns(settings: DnsAgentSettings, { log, signal, print }: Running): Promise<number> {
  if (settings['check-config']) {
    print('the configuration is well')
    return 0
  }
  return runAgent(settings, { kind: 'dns', log, signal, source: agent => sourceOf(settings, { agent, log }) })
}

function sourceOf(settings: DnsAgentSettings, { agent, log }: { agent: DiscoveryAgent; log: Logger }): EventSource {
  const addresses = addressesOf(settings)
  const source = new DnsAgent({
    receiver: {
      addresses, maxFrameBytes: settings['dnstap.max-frame-bytes'], maxConnections: settings['dnstap.max-connections'],
      handshakeMs: settings['dnstap.handshake-timeout'],
    },
    rules: rulesOf(settings['dns.config-file'], settings['dns.hosts-file']),
    source: settings['dns.source'], queryTimeoutMs: settings['dns.query-timeout'], mergeWindowMs: settings['dns.merge-window'],
    pairingLimit: settings['dns.pairing-limit'], recordLimit: settings['dns.record-limit'],
  }, {
    agent, clock: systemClock,
    onFault: fault => log.warn({ code: fault.code }, `a sender of dnstap is let go: ${fault.message}`),
  })
  return {
    families: familiesOf(source),
    start: async () => {
      await source.start()
      log.info(`dnstap is taken on ${addresses.map(addressText).join(' and ')}`)
    },
    stop: () => source.stop(),
  }
}

function addressesOf(settings: DnsAgentSettings): DnstapAddress[] {
  const [path, address] = [settings['dnstap.unix-socket'], settings['dnstap.listen-address']]
  return [...(path === '' ? [] : [{ path, mode: settings['dnstap.unix-socket-mode'] }]), ...(address === undefined ? [] : [address])]
}

function familiesOf(source: DnsAgent): AgentFamily[] {
  const counted = Object.entries(dnsFamilies).map(([family, { help }]): AgentFamily => ({
    name: `dns_${family as DnsFamily}`, type: 'counter', help, read: () => source.samples().filter(sample => sample.family === family),
  }))
  return [
    ...counted,
    {
      name: 'dns_waiting_queries', type: 'gauge', help: 'Queries that wait for their response',
      read: () => [{ result: '', value: source.held.waitingQueries }],
    },
    {
      name: 'dns_records', type: 'gauge', help: 'Records of updates that are kept', read: () => [{ result: '', value: source.held.records }],
    },
  ]
}

import type { Command } from 'commander'
import type { Logger } from 'pino'
import type { DiscoveryAgent } from '../agent/agent.ts'
import { systemClock } from '../agent/clock.ts'
import { ConsulAgent } from '../agent/consul/consul-agent.ts'
import type { ConsulAccess } from '../agent/consul/consul-connection.ts'
import { rulesOf } from '../agent/dns/rules.ts'
import { readOptions } from '../config.ts'
import { kafkaRules } from '../kafka/options.ts'
import type { AgentFamily } from '../prometheus/agent-metrics.ts'
import { consulAgentOptions, consulAgentRules, type ConsulAgentSettings } from './agent-consul-options.ts'
import { runAgent, type EventSource } from './agent-run.ts'
import type { Running } from './lasting.ts'

export { consulAgentOptions }

export function readConsulAgentOptions(command: Command): ConsulAgentSettings {
  return readOptions(command, consulAgentOptions, [...kafkaRules, ...consulAgentRules])
}

/** Runs the Consul agent until `signal` aborts, or only says that its configuration is well. Resolves with the exit code. */
export async function agentConsul(settings: ConsulAgentSettings, { log, signal, print }: Running): Promise<number> {
  if (settings['check-config']) {
    print('the configuration is well')
    return 0
  }
  return runAgent(settings, { kind: 'consul', log, signal, source: agent => sourceOf(settings, { agent, log }) })
}

function sourceOf(settings: ConsulAgentSettings, { agent, log }: { agent: DiscoveryAgent; log: Logger }): EventSource {
  const source = new ConsulAgent({
    access: accessOf(settings), source: settings['consul.source'], versionKey: settings['consul.version-key'],
    resyncMs: settings['consul.resync-interval'], maxQueries: settings['consul.max-queries'], serviceLimit: settings['consul.service-limit'],
    countsChanges: settings['consul.count-changes'],
    lookups: settings['consul.lookups'] ? rulesOf(settings['consul.rules-file'], settings['consul.hosts-file']) : undefined,
  }, { agent, clock: systemClock, random: Math.random, onFault: ({ code, message }) => log.warn({ code }, message) })
  return {
    families: familiesOf(source),
    start: () => {
      source.start()
      log.info(`Consul is watched at ${settings['consul.url']}`)
      return Promise.resolve()
    },
    stop: () => source.stop(),
  }
}

function accessOf(settings: ConsulAgentSettings): ConsulAccess {
  return {
    url: settings['consul.url'], token: () => settings['consul.token-file']?.read() ?? '', ca: settings['consul.tls.ca-file'],
    cert: settings['consul.tls.cert-file'], key: settings['consul.tls.key-file'], serverName: settings['consul.tls.server-name'],
    datacenter: settings['consul.datacenter'], patienceMs: settings['consul.request-timeout'],
  }
}

function familiesOf(source: ConsulAgent): AgentFamily[] {
  return [
    { name: 'consul_answers', type: 'counter', help: 'Answers of Consul, by their index', read: () => source.answers.samples() },
    { name: 'consul_failures', type: 'counter', help: 'Questions without an answer that can be used, by why', read: () => source.failures.samples() },
    {
      name: 'consul_tellings', type: 'counter', help: 'Events told, by operation',
      read: () => source.events.samples().map(({ result, value }) => ({ result: result.toLowerCase(), value })),
    },
    {
      name: 'consul_services', type: 'gauge', help: 'Services of the catalog: watched, or left out for want of room',
      read: () => [{ result: 'watched', value: source.held.services }, { result: 'left_out', value: source.held.leftOut }],
    },
    ...lookupFamiliesOf(source),
    gauge('instances', 'Instances that Consul holds', () => source.held.instances),
    gauge('last_answer_timestamp_seconds', 'When Consul last answered; 0: never', () => source.held.lastAnswerAt / 1_000),
  ]
}

function lookupFamiliesOf({ lookups }: ConsulAgent): AgentFamily[] {
  if (lookups === null) return []
  return [
    { name: 'consul_log_lines', type: 'counter', help: 'Lines of Consul’s log, by what they were', read: () => lookups.lines.samples() },
    { name: 'consul_askers', type: 'counter', help: 'Look-ups, by how who asked was known', read: () => lookups.askers.samples() },
  ]
}

function gauge(name: string, help: string, value: () => number): AgentFamily {
  return { name: `consul_${name}`, type: 'gauge', help, read: () => [{ result: '', value: value() }] }
}

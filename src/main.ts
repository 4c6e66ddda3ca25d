#!/usr/bin/env node
import './node-version.ts' // before all else
import { Command } from 'commander'
import { agentConsul, consulAgentOptions, readConsulAgentOptions } from './commands/agent-consul.ts'
import { agentDns, dnsAgentOptions, readDnsAgentOptions } from './commands/agent-dns.ts'
import { agentIngest, ingestAgentOptions, readIngestAgentOptions } from './commands/agent-ingest.ts'
import { deadLetters, deadLettersOptions, readDeadLettersOptions } from './commands/dead-letters.ts'
import { explain, explainOptions, readExplainOptions } from './commands/explain.ts'
import { lasting, print } from './commands/lasting.ts'
import { readServeOptions, serve, serveOptions } from './commands/serve.ts'
import { readTopicsOptions, topics, topicsOptions } from './commands/topics.ts'
import { readVerifyOptions, verify, verifyOptions } from './commands/verify.ts'
import { addOptions, spellSwitches, type OptionSpecs, type OptionValues } from './config.ts'
import { exitCodeOf } from './exit-code.ts'
import { createLogger, type logOptions } from './logging.ts'
import { version } from './version.ts'

type LogSettings = OptionValues<typeof logOptions>
const logOf = (options: LogSettings) => createLogger({ level: options['log.level'], format: options['log.format'] })

const program = new Command('discovery-metrics')
  .description('Exact, restart-proof metrics and a live dependency map of a cluster’s service discovery')
  .version(version)
  .exitOverride()

interface Doing<O> {
  specs: OptionSpecs
  under?: Command
  read: (command: Command) => O
  run: (options: O, log: ReturnType<typeof logOf>) => Promise<number>
}

/** A command that answers and ends; `usage`: its name and arguments. */
function add<O extends LogSettings>(usage: string, description: string, { specs, read, run, under = program }: Doing<O>): void {
  addOptions(under.command(usage).description(description), specs).action(async (...given: unknown[]) => {
    const options = read(given.at(-1) as Command)
    process.exitCode = await run(options, logOf(options))
  })
}

add('serve', 'read the events, serve metrics and the map', { specs: serveOptions, read: readServeOptions, run: lasting(serve) })
add('topics', 'create the topics that are missing, and say what differs',
  { specs: topicsOptions, read: readTopicsOptions, run: (options, log) => topics(options, { log, print }) })
add('verify', 'hold every count against the input that is retained, and mend what differs',
  { specs: verifyOptions, read: readVerifyOptions, run: (options, log) => verify(options, { log, print }) })
add('dead-letters <action>', 'list, show or replay what could not be counted',
  { specs: deadLettersOptions, read: readDeadLettersOptions, run: (options, log) => deadLetters(options, { log, print }) })
add('explain <series>', 'say which records and which replica a number, such as \'discovery_lookups_total{service="cart"}\', comes from',
  { specs: explainOptions, read: readExplainOptions, run: (options, log) => explain(options, { log, print }) })
const agents = program.command('agent').description('publish what happens in a registry, a DNS server or a client')
add('consul', 'watch a Consul', { specs: consulAgentOptions, read: readConsulAgentOptions, run: lasting(agentConsul), under: agents })
add('dns', 'take dnstap from DNS servers', { specs: dnsAgentOptions, read: readDnsAgentOptions, run: lasting(agentDns), under: agents })
add('ingest', 'take events as lines of JSON, from standard input or by HTTP',
  { specs: ingestAgentOptions, read: readIngestAgentOptions, run: lasting(agentIngest), under: agents })

try {
  await program.parseAsync(spellSwitches(program, process.argv))
} catch (error) {
  process.exitCode = exitCodeOf(error)
}

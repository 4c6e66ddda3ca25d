#!/usr/bin/env node
import './node-version.ts' // before all else
import { Command, CommanderError } from 'commander'
import { readServeOptions, serve, serveOptions } from './commands/serve.ts'
import { readTopicsOptions, topics, topicsOptions } from './commands/topics.ts'
import { addOptions, ConfigError } from './config.ts'
import { createLogger } from './logging.ts'
import { version } from './version.ts'

const EXIT_MISUSE = 2

const program = new Command('discovery-metrics')
  .description('Exact, restart-proof metrics and a live dependency map of a cluster’s service discovery')
  .version(version)
  .exitOverride()

addOptions(program.command('serve').description('read the events, serve metrics and the map'), serveOptions)
  .action(async (_, command: Command) => {
    const options = readServeOptions(command)
    const log = createLogger({ level: options['log.level'], format: options['log.format'] })
    const stop = new AbortController()
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort(signal))
    process.exit(await serve(options, { log, signal: stop.signal }))
  })

addOptions(program.command('topics').description('create the topics that are missing, and say what differs'), topicsOptions)
  .action(async (_, command: Command) => {
    const options = readTopicsOptions(command)
    const log = createLogger({ level: options['log.level'], format: options['log.format'] })
    process.exitCode = await topics(options, { log, print: line => console.log(line) })
  })

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_MISUSE
  if (error instanceof ConfigError) {
    console.error(`${error.faults.length === 1 ? 'this is' : 'these are'} wrong with the configuration:`)
    for (const fault of error.faults) console.error(`  ${fault}`)
    return EXIT_MISUSE
  }
  console.error(error instanceof Error ? error.message : error)
  return 1
}

import { CommanderError } from 'commander'
import { ConfigError } from './config.ts'

const EXIT_MISUSE = 2

/** The exit code for an error that ends the process, after it has been told on standard error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_MISUSE
  if (error instanceof ConfigError) {
    console.error(`${error.faults.length === 1 ? 'this is' : 'these are'} wrong with the configuration:`)
    for (const fault of error.faults) console.error(`  ${fault}`)
    return EXIT_MISUSE
  }
  console.error(error instanceof Error ? error.message : error)
  return 1
}

import type { Logger } from 'pino'

/** What a command that runs on is given. */
export interface Running {
  log: Logger
  /** Writes a line to standard output. */
  print: (line: string) => void
  /** Aborts when the process is told to stop. */
  signal: AbortSignal
}

export const print = (line: string): void => console.log(line)

/** A command that runs until SIGTERM or SIGINT, and then ends the process with the exit code that it resolves with. */
export function lasting<O>(run: (options: O, running: Running) => Promise<number>): (options: O, log: Logger) => Promise<never> {
  return async (options, log) => {
    const stop = new AbortController()
    // Node would print the stack.
    process.once('uncaughtException', error => {
      log.fatal({ error }, `a fault of ours: ${error.message}; this process ends`)
      process.exit(1)
    })
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort(signal))
    return process.exit(await run(options, { log, print, signal: stop.signal }))
  }
}

import { pino, type Logger } from 'pino'
import pretty from 'pino-pretty'
import { oneOf, type OptionSpec } from './config.ts'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export const logFormats = ['text', 'json'] as const

export const logOptions = {
  'log.level': {
    help: `Least severity to log: ${logLevels.join(', ')}`, placeholder: '<level>', fallback: 'info', parse: oneOf(...logLevels),
  },
  'log.format': { help: `How to log: ${logFormats.join(', ')}`, placeholder: '<format>', fallback: 'text', parse: oneOf(...logFormats) },
} satisfies Record<string, OptionSpec<unknown>>

/** A logger that writes to standard error, so that standard output is free for a command's result. */
export function createLogger({ level, format }: { level: (typeof logLevels)[number]; format: (typeof logFormats)[number] }): Logger {
  const options = {
    level,
    base: null,
    errorKey: 'error', // an Error under any other key would be logged as {}
    serializers: { error: toldError },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  if (format === 'json') return pino(options, standardError())
  const looks = { colorize: process.stderr.isTTY, singleLine: true, translateTime: 'SYS:HH:MM:ss.l' }
  return pino(options, pretty({ destination: 2, sync: true, ...looks }))
}

/** A disk that is full, or a reader that is gone, costs log lines, and not the process. */
function standardError(): ReturnType<typeof pino.destination> {
  const destination = pino.destination({ dest: 2, sync: true, maxLength: MOST_UNWRITTEN })
  destination.on('error', () => {})
  return destination
}

/** Bytes that may wait; more are dropped. */
const MOST_UNWRITTEN = 1_048_576
const DEEPEST = 5

/**
 * An error as a log line tells it: no stack, which shows the inside to whoever reads logs; of one without a code, which is a fault of ours, the
 * line of our source that it comes from.
 */
function toldError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error
  const { name, message, cause } = error
  const code = 'code' in error ? error.code : undefined
  const [, where] = /((?:src|dist)\/[\w./-]+:\d+):\d+/.exec(error.stack ?? '') ?? []
  return {
    type: name, message,
    ...(code === undefined ? { where } : { code }),
    ...(cause === undefined || depth === DEEPEST ? {} : { cause: toldError(cause, depth + 1) }),
  }
}

import { parseArgs } from 'node:util'
import { durationWithin, wholeNumber } from '../../src/config.ts'
import { ChaosError } from './errors.ts'

export interface ChaosOptions {
  seed: number
  /** How long events are sent and faults injected, in milliseconds; start and drain come on top. */
  duration: number
  /** Records per second, all kinds together. */
  rate: number
  /** The most that run at a time. */
  replicas: number
  partitions: number
  /** Milliseconds; what the replicas are given as `--kafka.session-timeout`. */
  sessionTimeout: number
  /** Where the report goes as JSON; undefined: nowhere. */
  json: string | undefined
  /** Leave the replicas' logs, and what was expected and shown. */
  keep: boolean
}

export const usage = `Usage: npm run chaos -- [flags]
  --seed 1              another seed, other events and other faults
  --duration 5m         how long faults are injected; start and drain come on top
  --rate 10000          records per second
  --replicas 4          the most that run at a time
  --partitions 4        of each topic
  --session-timeout 6s  of the replicas
  --json FILE           the report, for machines
  --keep                leave the replicas' logs, and what was expected and shown`

const flags = {
  seed: { type: 'string', default: '1' },
  duration: { type: 'string', default: '5m' },
  rate: { type: 'string', default: '10000' },
  replicas: { type: 'string', default: '4' },
  partitions: { type: 'string', default: '4' },
  'session-timeout': { type: 'string', default: '6s' },
  json: { type: 'string' },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** Null: help was asked for. Throws a ChaosError `BAD_FLAGS` with every fault in it. */
export function readOptions(args: readonly string[]): ChaosOptions | null {
  const values = parsed(args)
  if (values.help) return null
  const faults: string[] = []
  const read = (flag: keyof typeof flags, parse: (text: string) => number): number => {
    try {
      return parse(String(values[flag]))
    } catch (error) {
      faults.push(`--${flag} ${error instanceof Error ? error.message : String(error)}, not '${String(values[flag])}'`)
      return 0
    }
  }
  const options: ChaosOptions = {
    seed: read('seed', wholeNumber(0, 2 ** 32 - 1)),
    duration: read('duration', durationWithin('30s', '24h')),
    rate: read('rate', wholeNumber(1, 200_000)),
    replicas: read('replicas', wholeNumber(2, 16)),
    partitions: read('partitions', wholeNumber(1, 64)),
    sessionTimeout: read('session-timeout', durationWithin('1s', '5m')),
    json: values.json,
    keep: values.keep,
  }
  if (faults.length > 0) throw badFlags(faults)
  return options
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values
  } catch (error) {
    throw badFlags([error instanceof Error ? error.message : String(error)])
  }
}

function badFlags(faults: readonly string[]): ChaosError {
  return new ChaosError('BAD_FLAGS', `${faults.join('\n')}\n\n${usage}`)
}

import { parseArgs } from 'node:util'
import { duration, wholeNumber } from '../src/config.ts'
import { DemoError } from './errors.ts'

export interface DemoOptions {
  /** Milliseconds; null: until Ctrl-C. */
  duration: number | null
  seed: number
  /** Look-ups per second. */
  rate: number
  /** One replica on each. */
  ports: readonly number[]
}

export const usage = `Usage: npm run demo -- [flags]
  --duration 30s     ends by itself after this long, and not only by Ctrl-C
  --seed 1           another seed, another course of events
  --rate 400         look-ups per second
  --ports 9464,9465  where the replicas listen on loopback, one replica a port`

const flags = {
  duration: { type: 'string' },
  seed: { type: 'string', default: '1' },
  rate: { type: 'string', default: '400' },
  ports: { type: 'string', default: '9464,9465' },
  help: { type: 'boolean', default: false },
} as const

/** Null: help was asked for. Throws a DemoError `BAD_FLAGS` with every fault in it. */
export function readOptions(args: readonly string[]): DemoOptions | null {
  const values = parsed(args)
  if (values.help) return null
  const faults: string[] = []
  const read = <T>(flag: string, text: string, parse: (text: string) => T): T | undefined => {
    try {
      return parse(text)
    } catch (error) {
      faults.push(`--${flag} ${error instanceof Error ? error.message : String(error)}, not '${text}'`)
      return undefined
    }
  }
  const millis = values.duration === undefined ? null : read('duration', values.duration, duration)
  const seed = read('seed', values.seed, wholeNumber(0, 2 ** 32 - 1))
  const rate = read('rate', values.rate, wholeNumber(1, 10_000))
  const ports = read('ports', values.ports, portList)
  if (millis === undefined || seed === undefined || rate === undefined || ports === undefined) throw badFlags(faults)
  return { duration: millis, seed, rate, ports }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values
  } catch (error) {
    throw badFlags([error instanceof Error ? error.message : String(error)])
  }
}

function portList(text: string): number[] {
  const ports = text.split(',').map(wholeNumber(1, 65_535))
  if (new Set(ports).size < ports.length) throw new Error('must name different ports')
  return ports
}

function badFlags(faults: readonly string[]): DemoError {
  return new DemoError('BAD_FLAGS', `${faults.join('\n')}\n\n${usage}`)
}

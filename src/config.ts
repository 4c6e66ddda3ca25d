import { Option, type Command } from 'commander'

/** One option: a flag in Prometheus' style and an environment variable of the same words (`--kafka.group-id`, `KAFKA_GROUP_ID`). */
export interface OptionSpec<T> {
  help: string
  /** What stands for the value in `--help`. */
  placeholder: string
  /** The value's text where neither flag nor variable is given. */
  fallback: string
  /** Turns the text into the value; throws an Error that says what is wrong with it. */
  parse: (text: string) => T
}

/** Options by flag, without the leading dashes. */
export type OptionSpecs = Record<string, OptionSpec<unknown>>
export type OptionValues<S extends OptionSpecs> = { [F in keyof S]: S[F] extends OptionSpec<infer T> ? T : never }

/** A configuration that cannot be run, with all that is wrong with it. */
export class ConfigError extends Error {
  readonly code = 'invalid_configuration'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

/** The environment variable of a flag: `kafka.group-id` is `KAFKA_GROUP_ID`. */
export function variableOf(flag: string): string {
  return flag.toUpperCase().replaceAll(/[.-]/g, '_')
}

/** Adds the options to a command. What is unknown is kept for `readOptions`, so that all faults come at once. */
export function addOptions(command: Command, specs: OptionSpecs): Command {
  for (const [flag, { help, placeholder, fallback }] of Object.entries(specs)) {
    const option = new Option(`--${flag} ${placeholder}`, help).env(variableOf(flag)).default(fallback, fallback === '' ? 'none' : fallback)
    command.addOption(placeholder.startsWith('[') ? option.preset('true') : option)
  }
  return command.allowUnknownOption().allowExcessArguments()
}

/** Every option's value. `check`: what is wrong with the values together. Throws a ConfigError that lists every fault. */
export function readOptions<S extends OptionSpecs>(
  command: Command, specs: S, check: (values: OptionValues<S>) => readonly string[] = () => [],
): OptionValues<S> {
  const faults = command.args.map(argument => `${argument}: no such option or argument, see ${command.name()} --help`)
  const values: Record<string, unknown> = {}
  for (const [flag, { parse }] of Object.entries(specs)) {
    const option = command.options.find(({ long }) => long === `--${flag}`)
    const text = String(option === undefined ? '' : command.getOptionValue(option.attributeName()))
    try {
      values[flag] = parse(text)
    } catch (error) {
      faults.push(`--${flag} (${variableOf(flag)}): ${error instanceof Error ? error.message : String(error)}, not '${text}'`)
    }
  }
  const read = values as OptionValues<S>
  if (faults.length === 0) faults.push(...check(read))
  if (faults.length > 0) throw new ConfigError(faults)
  return read
}

export const text = (value: string): string => value

export function nonEmpty(value: string): string {
  if (value.trim() === '') throw new Error('must not be empty')
  return value.trim()
}

export function boolean(value: string): boolean {
  if (value !== 'true' && value !== 'false') throw new Error('must be true or false')
  return value === 'true'
}

export function oneOf<const T extends string>(...choices: readonly T[]): (value: string) => T {
  return value => {
    const choice = choices.find(known => known === value)
    if (choice === undefined) throw new Error(`must be one of ${choices.map(known => known || "''").join(', ')}`)
    return choice
  }
}

export function wholeNumber(lowest: number, highest: number): (value: string) => number {
  return value => {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < lowest || number > highest) throw new Error(`must be a whole number, ${lowest} to ${highest}`)
    return number
  }
}

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** `500ms`, `6s`, `1m30s`: milliseconds. */
export function duration(value: string): number {
  if (!/^(\d+(ms|s|m|h))+$/.test(value)) throw new Error("must be a duration such as '500ms', '6s' or '1m30s'")
  return [...value.matchAll(/(\d+)(ms|s|m|h)/g)].reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ''] ?? 0), 0)
}

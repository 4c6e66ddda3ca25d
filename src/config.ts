import { Option, type Command } from 'commander'

/** One option: a flag in Prometheus' style and an environment variable of the same words (`--kafka.group-id`, `KAFKA_GROUP_ID`). */
export interface OptionSpec<T> {
  help: string
  /** What stands for the value in `--help`. */
  placeholder: string
  /** The value's text where neither flag nor variable is given. */
  fallback: string
  /** Turns the text into the value; throws an Error that says what is wrong with it, or a ConfigError where that is a file's content. */
  parse: (text: string) => T
}

/** Options by flag, without the leading dashes. */
export type OptionSpecs = Record<string, OptionSpec<unknown>>
export type OptionValues<S extends OptionSpecs> = { [F in keyof S]: S[F] extends OptionSpec<infer T> ? T : never }

/** What several options must be together. Not asked where one of them is wrong by itself. */
export interface Rule<V> {
  /** The options that it is about. */
  flags: readonly (keyof V & string)[]
  holds: (values: V) => boolean
  /** Says what is wrong where it does not hold. */
  fault: string
}

/** A configuration that cannot be run, with all that is wrong with it. */
export class ConfigError extends Error {
  readonly code = 'invalid_configuration'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

/** What commander gives for a flag that was given no value. */
const WITHOUT_VALUE = true

/**
 * The environment variable of a flag: `kafka.group-id` is `KAFKA_GROUP_ID`. A flag of one word, such as `repair`, is about a single call and
 * has none: too many other things are named so.
 */
export function variableOf(flag: string): string | null {
  return flag.includes('.') ? flag.toUpperCase().replaceAll(/[.-]/g, '_') : null
}

/** Adds the options to a command. What is unknown is kept for `readOptions`, so that all faults come at once. */
export function addOptions(command: Command, specs: OptionSpecs): Command {
  for (const [flag, { help, placeholder, fallback }] of Object.entries(specs)) {
    const option = new Option(`--${flag} ${placeholder}`, help).default(fallback, fallback === '' ? 'none' : fallback)
    const variable = variableOf(flag)
    if (variable !== null) option.env(variable)
    command.addOption(placeholder.startsWith('[') ? option.preset('true') : option)
    // commander stops at the first option that lacks its value; `readOptions` tells of it among the others.
    Object.assign(option, { required: false, optional: true })
  }
  return command.allowUnknownOption().allowExcessArguments()
}

/** Every option's value. Throws a ConfigError that lists every fault. */
export function readOptions<S extends OptionSpecs>(
  command: Command, specs: S, rules: readonly Rule<OptionValues<S>>[] = [],
): OptionValues<S> {
  const placed = positionals(command).slice(0, command.registeredArguments.length)
  const path = pathOf({ parent: command.parent, name: command.name() })
  const unknown = command.args.filter(argument => !placed.includes(argument))
  const faults = unknown.map(argument => `${argument}: no such option or argument, see discovery-metrics ${path} --help`)
  const values: Record<string, unknown> = {}
  for (const [flag, { parse }] of Object.entries(specs)) {
    const given = givenFor(command, flag)
    try {
      if (given === WITHOUT_VALUE) throw new Error('needs a value')
      values[flag] = parse(String(given))
    } catch (error) {
      const text = given === WITHOUT_VALUE ? '' : `, not '${String(given)}'`
      const variable = variableOf(flag)
      const name = variable === null ? `--${flag}` : `--${flag} (${variable})`
      if (error instanceof ConfigError) faults.push(...error.faults.map(fault => `${name}: ${fault}`))
      else faults.push(`${name}: ${error instanceof Error ? error.message : String(error)}${text}`)
    }
  }
  const read = values as OptionValues<S>
  faults.push(...rules.filter(({ flags, holds }) => flags.every(flag => flag in values) && !holds(read)).map(({ fault }) => fault))
  if (faults.length > 0) throw new ConfigError(faults)
  return read
}

/**
 * The command line with `--json` spelt `--json=true` where neither true nor false follows and the command has arguments: commander would
 * take the first of them for its value.
 */
export function spellSwitches(program: Command, argv: readonly string[]): string[] {
  const command = program.commands.find(each => each.name() === argv[2] && each.registeredArguments.length > 0)
  const switches = new Set(command?.options.filter(({ presetArg }) => presetArg !== undefined).map(({ long }) => long))
  return argv.map((text, index) => (switches.has(text) && !['true', 'false'].includes(argv[index + 1] ?? '') ? `${text}=true` : text))
}

/** What was given beside options, in its order. More than the command has a place for is a fault that `readOptions` tells. */
export function positionals(command: Command): string[] {
  return command.args.filter(argument => !argument.startsWith('-'))
}

/** As it is called: `serve`, `agent dns`. */
function pathOf({ parent, name }: { parent: Command | null; name: string }): string {
  return parent === null || parent.parent === null ? name : `${parent.name()} ${name}`
}

function givenFor(command: Command, flag: string): unknown {
  const option = command.options.find(({ long }) => long === `--${flag}`)
  return option === undefined ? '' : command.getOptionValue(option.attributeName())
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

/** A duration within bounds, which are given as people write them. */
export function durationWithin(lowest: string, highest: string): (value: string) => number {
  return value => {
    const milliseconds = duration(value)
    if (milliseconds < duration(lowest) || milliseconds > duration(highest)) throw new Error(`must be ${lowest} to ${highest}`)
    return milliseconds
  }
}

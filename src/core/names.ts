/** A label that stands for a missing client, and for a missing namespace. */
export const UNKNOWN_CLIENT = 'unknown'
export const DEFAULT_NAMESPACE = 'default'

/** One string for several names, different for different names whatever characters they hold: their lengths, then the names. */
export function keyOf(...names: readonly string[]): string {
  return `${names.map(name => name.length).join('.')} ${names.join('')}`
}

/** The names that a key was made of. Throws a RangeError for a text that is no key. */
export function namesOf(key: string): string[] {
  const space = key.indexOf(' ')
  const names: string[] = []
  let at = space + 1
  for (let length = 0, index = 0; index <= space; index++) {
    const digit = key.charCodeAt(index) - ZERO
    if (digit >= 0 && digit <= 9) length = length * 10 + digit
    else {
      names.push(key.slice(at, at += length))
      length = 0
    }
  }
  if (at !== key.length || !LENGTHS.test(key.slice(0, Math.max(0, space)))) throw new RangeError(`no key of names: ${key}`)
  return names
}

const ZERO = 48
const LENGTHS = /^(0|[1-9]\d*)(\.(0|[1-9]\d*))*$/

/** Enum symbols as label values: lower case, in the order of the schema. */
export function labelValues<S extends string>(symbols: readonly S[]): readonly Lowercase<S>[] {
  return symbols.map(symbol => symbol.toLowerCase() as Lowercase<S>)
}

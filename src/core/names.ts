/** A label that stands for a missing client, and for a missing namespace. */
export const UNKNOWN_CLIENT = 'unknown'
export const DEFAULT_NAMESPACE = 'default'

/** One string for several names, different for different names whatever characters they hold. */
export function keyOf(...names: readonly string[]): string {
  return `${names.map(name => name.length).join('.')} ${names.join('')}`
}

/** Enum symbols as label values: lower case, in the order of the schema. */
export function labelValues<S extends string>(symbols: readonly S[]): readonly Lowercase<S>[] {
  return symbols.map(symbol => symbol.toLowerCase() as Lowercase<S>)
}

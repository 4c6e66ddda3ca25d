export type Method = (...args: unknown[]) => unknown

/** Functions that stand in the place of others, and those others. */
const originals = new WeakMap<object, Method>()

/** The function that was there before any of ours. */
export function originalOf(fn: Method): Method {
  return originals.get(fn) ?? fn
}

export function isReplacement(fn: object): boolean {
  return originals.has(fn)
}

/** Makes `stand` look like `fn`: name, length, and what `util.promisify` looks for. Trap: without it `promisify(dns.lookup)` gives less. */
export function inPlaceOf(fn: Method, stand: Method): Method {
  const original = originalOf(fn)
  const { prototype: _, ...properties } = Object.getOwnPropertyDescriptors(original) as Record<PropertyKey, PropertyDescriptor>
  originals.set(stand, original)
  return Object.defineProperties(stand, properties)
}

/**
 * Puts `value` in the place of a property. The answer takes it back: the property is as it was, unless somebody else has replaced it since.
 * Throws a TypeError where it cannot be replaced.
 */
export function replaced(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, { ...(before ?? { configurable: true, enumerable: false, writable: true }), value })
  return () => {
    if (Reflect.get(target, name) !== value) return
    if (before === undefined) Reflect.deleteProperty(target, name)
    else Object.defineProperty(target, name, before)
  }
}

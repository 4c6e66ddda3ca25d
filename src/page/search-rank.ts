/** A service, or (with null for a service) a namespace of so many services. */
export interface Found {
  namespace: string
  service: string | null
  services: number
}

const MOST_FOUND = 12

/**
 * What has the words of a query in its name, the best first: the name itself, then what begins with it, then what holds it; short names
 * before long ones. `names`: `namespace/service` of all services.
 */
export function rank(names: readonly string[], query: string): Found[] {
  const words = query.toLowerCase().split(/\s+/).filter(word => word !== '')
  const [first] = words
  if (first === undefined) return []
  const matches = everything(names).map(found => ({ found, score: score(found, words) })).filter(match => match.score < Infinity)
  return matches.toSorted((a, b) => a.score - b.score).slice(0, MOST_FOUND).map(({ found }) => found)
}

function everything(names: readonly string[]): Found[] {
  const namespaces = new Map<string, number>()
  const services = names.map((name): Found => {
    const slash = name.indexOf('/')
    const namespace = name.slice(0, slash)
    namespaces.set(namespace, (namespaces.get(namespace) ?? 0) + 1)
    return { namespace, service: name.slice(slash + 1), services: 1 }
  })
  return [...[...namespaces].map(([namespace, count]): Found => ({ namespace, service: null, services: count })), ...services]
}

/** Lower is better; infinite: no match. */
function score({ namespace, service }: Found, words: readonly string[]): number {
  const name = (service ?? namespace).toLowerCase()
  const whole = service === null ? name : `${namespace.toLowerCase()}/${name}`
  if (!words.every(word => whole.includes(word))) return Infinity
  const [word = ''] = words
  const place = name === word ? 0 : name.startsWith(word) ? 1 : name.includes(word) ? 2 : 3
  return place * 1_000 + Math.min(name.length, 999)
}

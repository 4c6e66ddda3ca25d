import type { CacheResult } from '../contract/events.ts'

/**
 * The default reading of an answer: cacheable-lookup (7) says `source: 'cache'` or `'query'` with each address, by callback as its last
 * argument. Of others it is not known; `dns.lookup` and `Resolver` themselves keep no cache.
 */
export function cacheOfAnswer(_hostname: string, answer: readonly unknown[]): CacheResult {
  const [value] = answer
  const first: unknown = Array.isArray(value) ? value[0] : value
  const source: unknown = typeof first === 'object' && first !== null && 'source' in first ? first.source : answer.at(-1)
  if (source === 'cache') return 'HIT'
  return source === 'query' ? 'MISS' : 'UNKNOWN'
}

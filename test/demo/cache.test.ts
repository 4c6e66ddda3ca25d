import { describe, expect, it } from 'vitest'
import { TtlCache } from '../../demo/cache.ts'

function cacheAt(storedAt: number): TtlCache<string> {
  const cache = new TtlCache<string>({ ttlMillis: 100, staleMillis: 1_000 })
  cache.put('cart', 'three', storedAt)
  return cache
}

describe('the cache', () => {
  it('has a fresh answer until its time to live is over', () => {
    expect(cacheAt(500).get('cart', 600)).toEqual({ state: 'fresh', value: 'three' })
  })

  it('keeps the old answer for when there is no new one', () => {
    expect(cacheAt(500).get('cart', 601)).toEqual({ state: 'stale', value: 'three' })
  })

  it('forgets an answer that is too old even for that', () => {
    const cache = cacheAt(500)
    expect(cache.get('cart', 1_601)).toBeUndefined()
    expect(cache.get('cart', 600)).toBeUndefined()
  })

  it('knows nothing that was not put', () => {
    expect(cacheAt(0).get('user', 0)).toBeUndefined()
  })
})

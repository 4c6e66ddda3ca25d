import { describe, expect, it } from 'vitest'
import { rank } from '../../src/page/search-rank.ts'

const names = ['shop/cart', 'shop/cart-history', 'shop/old-cart', 'cart/worker', 'platform/user', 'shop/a/b']
const found = (query: string) => rank(names, query).map(({ namespace, service }) => service === null ? `${namespace}:` : `${namespace}/${service}`)

describe('search', () => {
  it('puts the very name first, then what begins with it, then what holds it, then what lies in such a namespace', () => {
    expect(found('cart')).toEqual(['cart:', 'shop/cart', 'shop/cart-history', 'shop/old-cart', 'cart/worker'])
  })

  it('takes words in any order and case, of namespace and name', () => {
    expect(found('USER plat')).toEqual(['platform/user'])
    expect(found('shop/old')).toEqual(['shop/old-cart'])
    expect(found('shop/a/b')).toEqual(['shop/a/b'])
  })

  it('finds nothing for nothing, and no more than can be read', () => {
    expect([found(''), found('  '), found('xyz')]).toEqual([[], [], []])
    expect(rank(Array.from({ length: 20_000 }, (_, index) => `n/service-${index}`), 'service')).toHaveLength(12)
  })

  it('counts a namespace’s services', () => {
    expect(rank(names, 'shop')[0]).toEqual({ namespace: 'shop', service: null, services: 4 })
  })
})

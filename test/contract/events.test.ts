import { describe, expect, it } from 'vitest'
import { agentKind, messageKey } from '../../src/contract/events.ts'

describe('the kind of an agent', () => {
  it.each([
    ['dns/7d1f', 'dns'], ['consul/dc1/7d1f', 'consul'], ['sdk', 'sdk'], ['', 'unknown'], ['/7d1f', 'unknown'],
  ])('of %j is %s', (agentId, kind) => {
    expect(agentKind(agentId)).toBe(kind)
  })
})

describe('the key of a message', () => {
  it('is the namespace and the name of the service', () => {
    expect(messageKey({ namespace: 'shop', service: 'cart' })).toBe('shop/cart')
  })

  it('names the default namespace where none was given, as the fold does', () => {
    expect(messageKey({ namespace: '', service: 'cart' })).toBe('default/cart')
  })
})

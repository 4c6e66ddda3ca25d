import { describe, expect, it } from 'vitest'
import { readRuleFile, rulesOf } from '../../../src/agent/dns/rules.ts'
import { ServicePattern } from '../../../src/agent/dns/service-pattern.ts'

const { names } = rulesOf(readRuleFile(undefined), [])

describe('without rules of one’s own, a name', () => {
  it.each([
    ['cart.shop.svc.cluster.local', 'shop/cart'],
    ['_http._tcp.cart.shop.svc.cluster.local', 'shop/cart'],
    ['cart-0.cart.shop.svc.cluster.local', 'shop/cart'],
    ['cart.service.consul', '/cart'],
    ['cart.service.dc1.consul', '/cart'],
    ['cart.service.dc1.dc.consul', '/cart'],
    ['cart.service.shop.ns.dc1.dc.consul', 'shop/cart'],
    ['blue.cart.service.consul', '/cart'],
    ['blue.cart.service.dc1.consul', '/cart'],
    ['_cart._tcp.service.consul', '/cart'],
    ['_cart._blue.service.dc1.consul', '/cart'],
    ['cart.connect.consul', '/cart'],
  ])('%s is of %s', (name, service) => {
    const match = names.match(name)
    expect(`${match?.namespace}/${match?.service}`).toBe(service)
  })

  it.each([
    'www.example.com', 'cart', '', '10-0-0-1.shop.pod.cluster.local', 'shop.svc.cluster.local', 'a.b.cart.shop.svc.cluster.local',
    'node-1.node.consul', 'cart.query.consul',
  ])('%j is of none', name => {
    expect(names.match(name)).toBeNull()
  })
})

describe('a pattern', () => {
  it.each([
    ['{service}.{service}.local', '{service} twice'], ['a..b', 'label \'\''], ['{host}.local', 'label \'{host}\''],
    ['x{service}.local', 'label'], ['', 'label'],
  ])('%j is refused: it has %s', (text, fault) => {
    expect(() => new ServicePattern(text)).toThrow(fault)
  })

  it('takes labels from a name’s end, and leaves one at least', () => {
    const domain = new ServicePattern('*.svc.cluster.local')
    expect(domain.suffixLength('cart.shop.svc.cluster.local'.split('.'))).toBe(4)
    expect(domain.suffixLength('shop.svc.cluster.local'.split('.'))).toBe(0)
    expect(domain.suffixLength('cart.service.consul'.split('.'))).toBe(0)
  })
})

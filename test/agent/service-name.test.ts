import { describe, expect, it } from 'vitest'
import { serviceOfHostname } from '../../src/agent/service-name.ts'

describe('the service that a host name stands for', () => {
  it.each([
    ['cart', 'A', 'cart', ''],
    ['cart.shop.example', 'AAAA', 'cart', 'shop'],
    ['Cart.SHOP.example.', 'A', 'cart', 'shop'],
    ['_http._tcp.cart.shop.example', 'SRV', 'cart', 'shop'],
    ['cart.shop.svc.cluster.local', 'ANY', 'cart', 'shop'],
  ])('%s (%s) is service %s in namespace "%s"', (...[hostname, rrtype, service, namespace]) => {
    expect(serviceOfHostname(hostname, rrtype)).toEqual({ service, namespace })
  })

  it.each([
    ['127.0.0.1', 'A'], ['localhost', 'ANY'], ['::1', 'AAAA'],
    ['', 'A'], ['.', 'A'], ['_http._tcp', 'SRV'], ['shop.example', 'MX'], ['shop.example', 'TXT'],
  ])('there is none for %s (%s)', (hostname, rrtype) => {
    expect(serviceOfHostname(hostname, rrtype)).toBeNull()
  })
})

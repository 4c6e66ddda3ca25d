import * as fc from 'fast-check'
import { SocketAddress } from 'node:net'
import { describe, expect, it } from 'vitest'
import { addressBytes, addressText, unmapped } from '../../../src/agent/dns/address.ts'
import { NetworkMap, parseNetwork } from '../../../src/agent/dns/networks.ts'

const sixteen = fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 }).map(bytes => Buffer.from(bytes))

describe('an address', () => {
  it('is written as node writes it, and read back', () => {
    fc.assert(fc.property(sixteen.filter(bytes => bytes.readUIntBE(0, 6) !== 0), bytes => {
      const text = addressText(bytes)
      expect(new SocketAddress({ address: text, family: 'ipv6' }).address).toBe(text)
      expect(addressBytes(text)).toEqual(bytes)
    }))
    expect(['::', '::1', '10.1.2.3'].map(text => addressText(addressBytes(text) ?? Buffer.alloc(0)))).toEqual(['::', '::1', '10.1.2.3'])
  })

  it('of IPv4 that IPv6 carries is what it is', () => {
    expect(addressText(unmapped(Buffer.from('00000000000000000000ffff0a010203', 'hex')))).toBe('10.1.2.3')
    expect(addressText(addressBytes('::ffff:10.1.2.3') ?? Buffer.alloc(0))).toBe('10.1.2.3')
  })

  it.each(['', 'cart', '10.1.2', '10.1.2.3.4', 'fe80::1%eth0', '10.0.0.1/8'])('is not %j', text => {
    expect(addressBytes(text)).toBeUndefined()
  })
})

describe('networks', () => {
  const map = new NetworkMap(['10.0.0.0/8', '10.1.0.0/17', '10.1.2.3', 'fd00::/8', '0.0.0.0/0'].map(text => ({
    network: parseNetwork(text), value: text,
  })))

  it.each([
    ['10.1.2.3', '10.1.2.3'], ['10.1.2.4', '10.1.0.0/17'], ['10.1.128.1', '10.0.0.0/8'], ['11.0.0.1', '0.0.0.0/0'],
    ['fd12::1', 'fd00::/8'], ['fe80::1', undefined],
  ])('have %s in %s, the longest prefix that it is in', (address, network) => {
    expect(map.find(addressBytes(address) ?? Buffer.alloc(0))).toBe(network)
  })

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', 'fd00::/129', 'cart'])('are not %j', text => {
    expect(() => parseNetwork(text)).toThrow(`'${text}'`)
  })
})

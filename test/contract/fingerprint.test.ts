import avro, { type Schema } from 'avsc'
import { describe, expect, it } from 'vitest'
import { crc64Avro, fingerprintOf } from '../../src/contract/fingerprint.ts'

/** As the fastavro package (1.13, Python) computes them over its own canonical form: an implementation that shares nothing with ours. */
const primitives: readonly [string, string][] = [
  ['null', '8a8f25cce724dd63'], ['boolean', '64f7d4a478fc429f'], ['int', '8f5c393f1ad57572'], ['long', 'b71df49344e154d0'],
  ['float', '90d7a83ecb027c4d'], ['double', '7e95ab32c035758e'], ['bytes', '651920c3da16c04f'], ['string', 'c70345637248018f'],
]

const nested: Schema = {
  type: 'record', name: 'X', namespace: 'a.b', doc: 'd',
  fields: [
    { name: 'c', type: { type: 'enum', name: 'E', symbols: ['P', 'Q'], default: 'P' }, default: 'Q' },
    { name: 'e', type: 'E' },
    { name: 'f', type: ['null', { type: 'fixed', name: 'F', size: 3 }] },
    { name: 't', type: { type: 'long', logicalType: 'timestamp-millis' } },
  ],
}

describe('the fingerprint of a schema', () => {
  it.each(primitives)('of %s is the one that another implementation computes', (schema, hex) => {
    expect(fingerprintOf(avro.Type.forSchema(schema)).toString('hex')).toBe(hex)
  })

  it('is taken over the canonical form: full names, and neither docs nor defaults nor logical types', () => {
    expect(fingerprintOf(avro.Type.forSchema(nested)).toString('hex')).toBe('042268180ddb8f61')
  })

  it('of no bytes at all is the specification\'s EMPTY constant', () => {
    expect(crc64Avro(Buffer.alloc(0)).readBigUInt64LE()).toBe(0xc15d213aa4d7a795n)
  })

  it('of "null", read as a number, is the one that the specification\'s own test vectors hold', () => {
    expect(crc64Avro(Buffer.from('"null"')).readBigUInt64LE()).toBe(0x63dd24e7cc258f8an)
  })
})

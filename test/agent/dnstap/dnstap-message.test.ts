import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { words } from '../../../src/agent/dnstap/control-frame.ts'
import { decodeDnstap } from '../../../src/agent/dnstap/dnstap-message.ts'
import { outcomeOf } from '../dns/faults.ts'
import { bytesField, tap, varintField } from '../dns/wire.ts'

const CLIENT_RESPONSE = 6
const time = 1_795_424_140_405.5

describe('a dnstap frame', () => {
  it('tells who asked which server, when, and what was said', () => {
    const bytes = tap({
      type: CLIENT_RESPONSE, identity: 'ns1', client: Buffer.from([10, 0, 0, 7]), port: 5_353, queryTime: time, responseTime: time + 2,
      query: Buffer.from('asked'), response: Buffer.from('said'),
    })
    expect(decodeDnstap(bytes)).toEqual({
      type: 'CLIENT_RESPONSE', identity: 'ns1', clientAddress: Buffer.from([10, 0, 0, 7]), clientPort: 5_353, protocol: 1,
      queryTime: time, responseTime: time + 2, query: Buffer.from('asked'), response: Buffer.from('said'),
    })
  })

  it('may say less, and what nobody knows yet', () => {
    const known = tap({ type: 99, client: Buffer.alloc(0) })
    const bytes = Buffer.concat([known, bytesField(200, Buffer.from('new')), varintField(201, 2 ** 40), Buffer.from([0xc9, 0x0c]), words(1, 2)])
    expect(decodeDnstap(bytes)).toMatchObject({ type: 'UNKNOWN', identity: '', queryTime: 0, query: undefined, response: undefined })
  })

  it('that tells an impossible time tells none', () => {
    expect(decodeDnstap(tap({ type: CLIENT_RESPONSE, queryTime: 1e19 })).queryTime).toBe(0)
  })

  it.each([
    ['no message in it', varintField(15, 1)],
    ['another type than a message', Buffer.concat([bytesField(14, varintField(1, 5)), varintField(15, 2)])],
    ['an address of five bytes', tap({ type: CLIENT_RESPONSE, client: Buffer.alloc(5) })],
    ['a length beyond its end', Buffer.from([0x72, 0x7f])],
    ['a varint without end', Buffer.alloc(12, 0xff)],
    ['a group', Buffer.from([0x0b])],
  ])('with %s is malformed', (_, bytes) => {
    expect(() => decodeDnstap(bytes)).toThrow(expect.objectContaining({ code: 'dnstap' }))
  })

  it('of any bytes, or with any byte changed, is read or malformed and nothing else', () => {
    const whole = tap({ type: CLIENT_RESPONSE, identity: 'ns1', queryTime: time, response: Buffer.from('said') })
    const changed = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, value]) => {
      const bytes = Buffer.from(whole)
      bytes[at] = value
      return bytes
    })
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }).map(bytes => Buffer.from(bytes)), changed), bytes => {
      expect(['read', 'dnstap']).toContain(outcomeOf(() => decodeDnstap(bytes)))
    }), { numRuns: 5_000 })
  })
})

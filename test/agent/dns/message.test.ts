import { Packet } from 'dns2'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerIn } from '../../../src/agent/dns/answer.ts'
import { decodeMessage, recordsOf } from '../../../src/agent/dns/message.ts'
import { readName } from '../../../src/agent/dns/name.ts'
import { changesIn } from '../../../src/agent/dns/update.ts'
import { outcomeOf } from './faults.ts'
import { a, aaaa, classes, dns, nameBytes, srv, types, u16 } from './wire.ts'

const name = 'cart.shop.svc.cluster.local'
const question = { name, type: types.A }

describe('a name', () => {
  it('is read in lower case, without the dot at its end', () => {
    expect(readName(nameBytes('Cart.SHOP.'), 0)).toEqual({ name: 'cart.shop', next: 11 })
    expect(readName(nameBytes('.'), 0)).toEqual({ name: '', next: 1 })
  })

  it('goes on where it points to', () => {
    const bytes = Buffer.concat([nameBytes('shop.local'), Buffer.from('\u0004cart'), u16(0xc000), Buffer.from('rest')])
    expect(readName(bytes, 12)).toEqual({ name: 'cart.shop.local', next: 19 })
  })

  it('has what is no plain character as its number, so that no two names look alike', () => {
    expect(readName(Buffer.from('\u0003a.b\u0001\u00e9\u0000', 'latin1'), 0).name).toBe('a\\046b.\\233')
  })

  it.each([
    ['points to itself', u16(0xc000)],
    ['points forward', u16(0xc002, 0)],
    ['points back and forth', Buffer.concat([Buffer.from([1, 97]), u16(0xc000)])],
    ['has no end', Buffer.from([1, 97])],
    ['has a label of a reserved form', Buffer.from([0x80, 0])],
    ['is longer than 255 bytes', nameBytes(Array.from({ length: 128 }, () => 'a').join('.'))],
  ])('that %s is malformed', (_, bytes) => {
    expect(() => readName(bytes, 0)).toThrow(expect.objectContaining({ code: 'dns' }))
  })
})

describe('a response', () => {
  it('is as many instances as it has records of the type that was asked for', () => {
    const alias = { name, type: types.CNAME, data: nameBytes('cart-2.local') }
    const bytes = dns({ response: true, questions: [question], answers: [alias, a('cart-2.local', '10.0.0.1'), a('cart-2.local', '10.0.0.2')] })
    expect(answerIn(decodeMessage(bytes), types.A)).toMatchObject({ outcome: 'SUCCESS', instances: 2, errorCategory: 'NONE' })
    expect(answerIn(decodeMessage(bytes), types.AAAA)).toMatchObject({ outcome: 'EMPTY', instances: 0 })
  })

  it.each([
    [1, 'INVALID', 'FORMERR'], [2, 'INTERNAL', 'SERVFAIL'], [3, 'NOT_FOUND', 'NXDOMAIN'], [5, 'UNAUTHORIZED', 'REFUSED'],
    [9, 'UNAUTHORIZED', 'NOTAUTH'], [11, 'OTHER', 'RCODE11'],
  ])('with code %i fails as %s %s', (rcode, errorCategory, errorCode) => {
    const bytes = dns({ response: true, rcode, questions: [question] })
    expect(answerIn(decodeMessage(bytes), types.A)).toMatchObject({ outcome: 'FAILURE', instances: -1, errorCategory, errorCode })
  })

  it('has a part of its code in EDNS', () => {
    const bytes = dns({ response: true, questions: [question], additionals: [{ name: '', type: types.OPT, ttl: 2 ** 24 }] })
    expect(answerIn(decodeMessage(bytes), types.A)).toMatchObject({ outcome: 'FAILURE', errorCode: 'BADVERS' })
  })

  it('that was cut off before its first record says nothing yet', () => {
    const bytes = dns({ response: true, truncated: true, questions: [question] })
    expect(answerIn(decodeMessage(bytes), types.A)).toMatchObject({ outcome: 'UNKNOWN', instances: -1, isTruncated: true })
  })

  it('says what an independent encoder wrote, names pointing back included', () => {
    const response = new Packet()
    response.header.qr = 1
    response.header.id = 4_711
    response.questions.push({ name, type: types.A, class: 1 } as never)
    response.answers.push({ name, type: types.A, class: 1, ttl: 9, address: '10.0.0.1' } as never)
    const message = decodeMessage(response.toBuffer())
    expect(message).toMatchObject({ id: 4_711, isResponse: true, opcode: 0, rcode: 0, question, counts: [1, 0, 0] })
    expect(answerIn(message, types.A)).toMatchObject({ outcome: 'SUCCESS', instances: 1 })
  })
})

describe('an update', () => {
  it('is what it adds and deletes: a record, all of a type, all of a name', () => {
    const authorities = [
      a(name, '10.0.0.1'), srv(`_http._tcp.${name}`, 'h1.local', 8_080), { ...aaaa(name, '20010db8000000000000000000000001'), class: classes.NONE },
      { name, type: types.A, class: classes.ANY }, { name, type: types.ANY, class: classes.ANY }, { name, type: types.TXT, data: Buffer.from('\u0001x') },
    ]
    expect(changesIn(decodeMessage(dns({ opcode: 5, questions: [{ name: 'local', type: types.SOA }], authorities })))).toEqual([
      { do: 'add', name, record: { type: types.A, instance: '10.0.0.1', address: '10.0.0.1', target: '' } },
      { do: 'add', name: `_http._tcp.${name}`, record: { type: types.SRV, instance: 'h1.local:8080', address: '', target: 'h1.local' } },
      { do: 'delete', name, record: { type: types.AAAA, instance: '2001:db8::1', address: '2001:db8::1', target: '' } },
      { do: 'delete-type', name, type: types.A },
      { do: 'delete-name', name },
    ])
  })

  it.each([
    ['an address of three bytes', { name, type: types.A, data: Buffer.alloc(3) }],
    ['an SRV record without a target', { name, type: types.SRV, data: Buffer.alloc(6) }],
  ])('with %s is malformed', (_, record) => {
    expect(() => changesIn(decodeMessage(dns({ opcode: 5, authorities: [record] })))).toThrow(expect.objectContaining({ code: 'dns' }))
  })
})

describe('any bytes', () => {
  const whole = dns({
    response: true, questions: [question], answers: [a(name, '10.0.0.1')], authorities: [srv(name, 'h1.local', 80)],
    additionals: [aaaa(name, '20010db8000000000000000000000001')],
  })
  const changed = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }).map(changes => {
    const bytes = Buffer.from(whole)
    for (const [at, value] of changes) bytes[at] = value
    return bytes
  })
  const cutOff = fc.nat(whole.length).map(length => whole.subarray(0, length))
  const random = fc.uint8Array({ maxLength: 120 }).map(bytes => Buffer.from(bytes))

  it('are a message or malformed, and nothing else', () => {
    fc.assert(fc.property(fc.oneof(changed, cutOff, random), bytes => {
      const outcome = outcomeOf(() => {
        const message = decodeMessage(bytes)
        changesIn(message)
        answerIn(message, types.A)
        return [...recordsOf(message)]
      })
      expect(['read', 'dns']).toContain(outcome)
    }), { numRuns: 20_000 })
  })
})

import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundsFault, Rejection, rejectReasons } from '../../src/contract/bounds.ts'
import { createConfluentEncoder, createEncoder, Decoder } from '../../src/contract/codec.ts'
import type { EventKind } from '../../src/contract/events.ts'
import { arbitraryEvents, eventKinds } from './arbitrary-events.ts'
import { eventWith, forgedMessage, reasonOf, schemaJson, varint } from './wire.ts'

const ID = 9

/** The promise of `decode`: a reason from the closed list, or an event within the bounds, which can then be encoded again. */
function outcomeOf<K extends EventKind>(decoder: Decoder<K>, message: Buffer): string {
  const decoded = decoder.decode(message)
  if (decoded instanceof Rejection) return decoded.reason
  const again = decoder.decode(createEncoder(decoder.kind)(decoded))
  const isEvent = boundsFault(decoder.kind, decoded) === null && isDeepStrictEqual(again, decoded)
  return isEvent ? 'an event' : `no event: ${JSON.stringify(decoded)}`
}
const outcomes = ['an event', ...rejectReasons]

const damage = fc.array(
  fc.record({ at: fc.nat(), cut: fc.nat({ max: 2 }), insert: fc.uint8Array({ maxLength: 12 }) }), { minLength: 1, maxLength: 4 })

/** Takes some bytes out and puts others in, after the header. */
function damaged(message: Buffer, damages: readonly { at: number; cut: number; insert: Uint8Array }[]): Buffer {
  return damages.reduce<Buffer>((bytes, { at, cut, insert }) => {
    const place = 5 + at % Math.max(1, bytes.length - 5)
    return Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + cut)])
  }, message)
}

describe.each(eventKinds)('whatever the bytes, a decoder of kind %s gives an event or a reason', kind => {
  const decoder = new Decoder(kind, id => id === ID ? schemaJson(kind) as never : undefined)
  const headers = [createEncoder(kind), createConfluentEncoder(kind, ID)].map((encode, framing) =>
    encode(eventWith(kind, {})).subarray(0, framing === 0 ? 10 : 5))

  it('for random bytes, with and without a true header', () => {
    const bytes = fc.tuple(fc.constantFrom(Buffer.alloc(0), ...headers), fc.uint8Array({ maxLength: 300 }))
    fc.assert(fc.property(bytes, ([header, body]) => {
      expect(outcomes).toContain(outcomeOf(decoder, Buffer.concat([header, body])))
    }), { numRuns: 1_000 })
  })

  it('for true messages that were damaged', () => {
    const encoders = fc.constantFrom(createEncoder(kind), createConfluentEncoder(kind, ID))
    fc.assert(fc.property(arbitraryEvents[kind] as fc.Arbitrary<never>, encoders, damage, (event, encode, damages) => {
      expect(outcomes).toContain(outcomeOf(decoder, damaged(encode(event), damages)))
    }), { numRuns: 1_000 })
  })
})

describe('bytes made to harm', () => {
  const endless = Buffer.alloc(16_000, 0x80)
  const decoder = new Decoder('lookup')

  it.each([
    ['a string of negative length', forgedMessage('lookup', { agentId: varint(-1n) })],
    ['a string of the most negative length', forgedMessage('lookup', { agentId: varint(-(2n ** 63n)) })],
    ['a string that is longer than the message', forgedMessage('lookup', { zone: varint(1_000n) })],
    ['a string of nine million terabytes', forgedMessage('lookup', { agentId: varint(2n ** 63n - 1n) })],
    ['a length of a thousand digits', forgedMessage('lookup', { agentId: Buffer.concat([Buffer.alloc(1_000, 0xff), Buffer.from([1])]) })],
    ['a length that is not a number', forgedMessage('lookup', { agentId: Buffer.concat([Buffer.alloc(1_000, 0x80), Buffer.from([0])]) })],
    ['a number that never ends', forgedMessage('lookup', { sequence: endless })],
    ['a long that a double cannot hold', forgedMessage('lookup', { sequence: varint(2n ** 53n) })],
    ['a symbol that the enum does not have', forgedMessage('lookup', { method: varint(7n) })],
    ['a symbol before the first', forgedMessage('lookup', { method: varint(-1n) })],
    ['a symbol of an endless number', forgedMessage('lookup', { method: Buffer.concat([Buffer.alloc(1_000, 0x80), Buffer.from([0])]) })],
  ])('are malformed: %s', (_, message) => {
    expect(reasonOf(decoder.decode(message))).toBe('malformed')
  })

  it.each([
    ['beyond its 32 bits', varint(2n ** 31n)],
    ['beyond what a double holds', varint(2n ** 60n)],
    ['beyond every number', Buffer.concat([Buffer.alloc(200, 0xff), Buffer.from([0x7f])])],
    ['that is no number', Buffer.concat([Buffer.alloc(200, 0x80), Buffer.from([0])])],
  ])('are out of range: an int %s', (_, instances) => {
    expect(reasonOf(decoder.decode(forgedMessage('lookup', { instances })))).toBe('number_out_of_range')
  })

  it('are out of range where a writer sent an int for a long', () => {
    const schema = schemaJson('registration')
    for (const field of schema.fields) if (field.type === 'long') field.type = 'int'
    const writerOfInts = new Decoder('registration', () => schema as never)
    const body = forgedMessage('registration', { revision: varint(2n ** 60n) }).subarray(10)
    expect(reasonOf(writerOfInts.decode(Buffer.concat([Buffer.from([0, 0, 0, 0, ID]), body])))).toBe('number_out_of_range')
  })

  it('leave the decoder as it was', () => {
    const used = new Decoder('lookup')
    const lawful = forgedMessage('lookup', {})
    for (let byte = 0; byte < 256; byte++) used.decode(forgedMessage('lookup', { source: Buffer.alloc(300, byte) }))
    expect(used.decode(lawful)).toEqual(decoder.decode(lawful))
  })
})

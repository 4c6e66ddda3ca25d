import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rejection } from '../../src/contract/bounds.ts'
import { createConfluentEncoder, createEncoder, Decoder } from '../../src/contract/codec.ts'
import { eventDefaults, type LookupEvent } from '../../src/contract/events.ts'
import { PlainLookup } from '../../src/contract/plain-lookup.ts'
import { arbitraryEvents } from './arbitrary-events.ts'
import { eventWith, forgedMessage, schemaJson, varint } from './wire.ts'

const encode = createEncoder('lookup')
const decoder = new Decoder('lookup')

/** What is read of a look-up, as the decoder's event has it; null if it is not plain. */
function readPlainly(message: Buffer, plain = new PlainLookup(decoder)): object | null {
  const around = Buffer.concat([Buffer.from('before'), message, Buffer.from([0, 2, 4])])
  if (!plain.read(around, 6, 6 + message.length)) return null
  const { agentId, sequence, occurredAt, cache, outcome, errorCategory, errorCode, instances, durationMicros, weight, names } = plain
  const [clientNamespace, client, namespace, service] = names
  return {
    agentId, sequence, occurredAt, cache, outcome, errorCategory, errorCode, instances, durationMicros, weight, clientNamespace, client, namespace,
    service,
  }
}

function decoded(message: Buffer): object {
  const event = decoder.decode(message)
  if (event instanceof Rejection) return { reason: event.reason }
  const { source: _source, method: _method, clientInstance: _instance, zone: _zone, ...counted } = event
  return counted
}

const short = fc.string({ unit: 'binary', maxLength: 20 })
const plainEvents = fc.record({
  agentId: short, source: short, clientNamespace: short, client: short, namespace: short, service: fc.string({ minLength: 1, maxLength: 85 }),
  errorCode: short, clientInstance: short, zone: short, sequence: fc.integer({ min: -1, max: 2 ** 51 - 1 }), occurredAt: fc.nat({ max: 2 ** 45 }),
  durationMicros: fc.integer({ min: -1, max: 2 ** 40 }), instances: fc.integer({ min: -1, max: 2 ** 31 - 1 }), weight: fc.integer({ min: 1, max: 10_000 }),
}).map((fields): LookupEvent => ({ ...eventDefaults.lookup, ...fields, cache: 'STALE', outcome: 'FAILURE', errorCategory: 'OTHER', method: 'WATCH' }))

describe('a plain look-up', () => {
  it('is read as the decoder reads it, in both framings', () => {
    const confluent = new Decoder('lookup', () => schemaJson('lookup') as never)
    const framed = createConfluentEncoder('lookup', 2 ** 31 + 7)
    fc.assert(fc.property(plainEvents, event => {
      const expected = decoded(encode(event))
      expect(readPlainly(encode(event))).toEqual(expected)
      expect(confluent.decode(framed(event))).toMatchObject(expected)
      expect(readPlainly(framed(event), new PlainLookup(confluent))).toEqual(expected)
    }))
  })

  it('is every one that agents of ours send with names of up to 85 bytes', () => {
    const fields = { service: 's'.repeat(85), client: 'c'.repeat(64), occurredAt: Date.now(), sequence: 2 ** 40, weight: 10_000 }
    expect(readPlainly(encode(eventWith('lookup', fields)))).toMatchObject(fields)
  })
})

describe('whatever the bytes', () => {
  it('nothing is read as plain that the decoder reads otherwise', () => {
    fc.assert(fc.property(arbitraryEvents.lookup, event => {
      expect(readPlainly(encode(event)) ?? decoded(encode(event))).toEqual(decoded(encode(event)))
    }))
  })

  it('nothing is read as plain of a message that was damaged, unless the decoder reads the same', () => {
    const damages = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 })
    fc.assert(fc.property(plainEvents, damages, fc.nat({ max: 3 }), (event, changes, cut) => {
      const message = encode(event)
      for (const [at, byte] of changes) message[10 + at % (message.length - 10)] = byte
      const damaged = message.subarray(0, message.length - cut)
      expect(readPlainly(damaged) ?? decoded(damaged)).toEqual(decoded(damaged))
    }), { numRuns: 2_000 })
  })

  it.each<[string, Parameters<typeof forgedMessage<'lookup'>>[1]]>([
    ['no service', { service: varint(0n) }],
    ['a service whose length takes more bytes than it needs', { service: Buffer.from([0x82, 0x00, 0x61]) }],
    ['a name that is too long', { client: Buffer.concat([varint(300n), Buffer.alloc(300, 'c')]) }],
    ['a name of negative length', { client: varint(-2n) }],
    ['a weight of none', { weight: varint(0n) }],
    ['a weight beyond the most', { weight: varint(10_001n) }],
    ['more instances than an int holds', { instances: varint(2n ** 31n) }],
    ['a sequence that no number holds', { sequence: varint(2n ** 62n) }],
    ['a duration below -1', { durationMicros: varint(-2n) }],
    ['a symbol that is none', { outcome: varint(4n) }],
    ['a symbol below the first', { cache: varint(-1n) }],
  ])('is left to the decoder: %s', (_, bytes) => {
    expect(readPlainly(forgedMessage('lookup', bytes))).toBeNull()
  })

  it('is left to the decoder: another schema, or none', () => {
    const message = encode(eventWith('lookup', {}))
    message[5] = (message[5] ?? 0) ^ 1
    const unknown = createConfluentEncoder('lookup', 9)(eventWith('lookup', {}))
    expect([message, unknown, Buffer.alloc(0), Buffer.from([0]), Buffer.from('nonsense')].map(each => readPlainly(each)))
      .toEqual([null, null, null, null, null])
  })
})

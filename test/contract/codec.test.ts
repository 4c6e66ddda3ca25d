import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_EVENT_BYTES, rejectReasons } from '../../src/contract/bounds.ts'
import { confluentSchemaId, createConfluentEncoder, createEncoder, Decoder } from '../../src/contract/codec.ts'
import type { EventKind } from '../../src/contract/events.ts'
import { arbitraryEvents, eventKinds } from './arbitrary-events.ts'
import { eventWith, reasonOf, schemaJson } from './wire.ts'

const ID = 0x01020304
const registry = (kind: EventKind) => (id: number) => id === ID ? schemaJson(kind) as never : undefined

describe.each(eventKinds)('an event of kind %s', kind => {
  it('comes back from our own framing as it was sent', () => {
    const encode = createEncoder(kind)
    const decoder = new Decoder(kind)
    fc.assert(fc.property(arbitraryEvents[kind] as fc.Arbitrary<never>, event => {
      expect(decoder.decode(encode(event))).toEqual(event)
    }), { numRuns: 300 })
  })

  it('comes back from Confluent\'s framing as it was sent', () => {
    const encode = createConfluentEncoder(kind, ID)
    const decoder = new Decoder(kind, registry(kind))
    fc.assert(fc.property(arbitraryEvents[kind] as fc.Arbitrary<never>, event => {
      expect(decoder.decode(encode(event))).toEqual(event)
    }), { numRuns: 300 })
  })

  it('is far below the largest message, whatever it holds', () => {
    fc.assert(fc.property(arbitraryEvents[kind] as fc.Arbitrary<never>, event => {
      expect(createEncoder(kind)(event).length).toBeLessThan(MAX_EVENT_BYTES / 2)
    }), { numRuns: 50 })
  })

  it('is malformed wherever its bytes are cut off, and so in both framings', () => {
    const framings = [
      { message: createEncoder(kind)(eventWith(kind, { agentId: 'sdk/1', source: 'ü' })), header: 10 },
      { message: createConfluentEncoder(kind, ID)(eventWith(kind, { agentId: 'sdk/1', source: 'ü' })), header: 5 },
    ]
    for (const { message, header } of framings) {
      const decoder = new Decoder(kind, registry(kind))
      const reasons = Array.from(message, (_, length) => reasonOf(decoder.decode(message.subarray(0, length))))
      expect(reasons).toEqual(reasons.map((__, length) => length === 0 ? 'empty' : length < header ? 'unknown_framing' : 'malformed'))
    }
  })

  it('may not be followed by anything', () => {
    const decoder = new Decoder(kind, registry(kind))
    for (const message of [createEncoder(kind)(eventWith(kind, {})), createConfluentEncoder(kind, ID)(eventWith(kind, {}))]) {
      expect(reasonOf(decoder.decode(message))).toBe('accepted')
      expect(decoder.decode(Buffer.concat([message, Buffer.from([0, 0])])))
        .toMatchObject({ reason: 'trailing_bytes', detail: '2 bytes follow the event' })
    }
  })

  it('is not taken for an event of another kind', () => {
    for (const other of eventKinds.filter(each => each !== kind)) {
      const [ours, confluents] = [createEncoder(kind)(eventWith(kind, {})), createConfluentEncoder(kind, ID)(eventWith(kind, {}))]
      const decoder = new Decoder(other, registry(kind))
      expect([ours, confluents].map(message => reasonOf(decoder.decode(message)))).toEqual(['unknown_schema', 'unresolvable_schema'])
    }
  })
})

describe('our own framing', () => {
  it('is C3 01, the schema\'s fingerprint, and the event', () => {
    expect(createEncoder('agent')(eventWith('agent', {})).toString('hex')).toBe(`c3018a46c65f3b6e338f${'00'.repeat(15)}`)
  })

  it('with the fingerprint of no released schema is set aside, naming it', () => {
    const message = createEncoder('lookup')(eventWith('lookup', {}))
    message.fill(0xee, 2, 10)
    expect(new Decoder('lookup').decode(message))
      .toMatchObject({ reason: 'unknown_schema', detail: 'no released lookup schema has fingerprint eeeeeeeeeeeeeeee' })
  })
})

describe('Confluent\'s framing', () => {
  const message = createConfluentEncoder('lookup', ID)(eventWith('lookup', {}))

  it('is 00, the schema\'s id in big-endian, and the event', () => {
    expect(message.subarray(0, 5).toString('hex')).toBe('0001020304')
    expect(message.subarray(5)).toEqual(createEncoder('lookup')(eventWith('lookup', {})).subarray(10))
  })

  it('tells its id before anything is decoded, and no other bytes do', () => {
    expect(confluentSchemaId(message)).toBe(ID)
    const others = [null, Buffer.alloc(0), Buffer.alloc(4), createEncoder('lookup')(eventWith('lookup', {}))]
    expect(others.map(confluentSchemaId)).toEqual([null, null, null, null])
  })

  it('is set aside where no schema registry is configured', () => {
    expect(reasonOf(new Decoder('lookup').decode(message))).toBe('no_schema_registry')
  })

  it('is set aside while the registry has no such schema, and read once it has', () => {
    let registered = false
    const decoder = new Decoder('lookup', () => registered ? schemaJson('lookup') as never : undefined)
    expect(reasonOf(decoder.decode(message))).toBe('unknown_schema')
    registered = true
    expect(reasonOf(decoder.decode(message))).toBe('accepted')
  })

  it('asks for each schema once, be it usable or not', () => {
    const asked: number[] = []
    const decoder = new Decoder('lookup', id => {
      asked.push(id)
      return (id === ID ? schemaJson('lookup') : 'string') as never
    })
    const unusable = createConfluentEncoder('lookup', 7)(eventWith('lookup', {}))
    expect([message, message, unusable, unusable].map(value => reasonOf(decoder.decode(value))))
      .toEqual(['accepted', 'accepted', 'unresolvable_schema', 'unresolvable_schema'])
    expect(asked).toEqual([ID, 7])
  })
})

describe('a message that is no event', () => {
  const decoder = new Decoder('lookup')

  it.each([
    ['a tombstone', null, 'empty'],
    ['no bytes', Buffer.alloc(0), 'empty'],
    ['JSON', Buffer.from('{"service":"cart"}'), 'unknown_framing'],
    ['an Avro file', Buffer.from('Obj\u0001 and more than ten bytes'), 'unknown_framing'],
    ['the first bytes of ours alone', Buffer.from([0xc3, 0x01]), 'unknown_framing'],
    ['as large as may be', Buffer.alloc(MAX_EVENT_BYTES, 0xff), 'unknown_framing'],
    ['a byte too large', Buffer.alloc(MAX_EVENT_BYTES + 1, 0xff), 'too_large'],
  ])('is set aside: %s', (_, value, reason) => {
    expect(reasonOf(decoder.decode(value))).toBe(reason)
  })

  it('has its reason from the closed list, each of them once', () => {
    expect(new Set(rejectReasons).size).toBe(rejectReasons.length)
  })
})

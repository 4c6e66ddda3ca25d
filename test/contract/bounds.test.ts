import { describe, expect, it } from 'vitest'
import { boundsFault } from '../../src/contract/bounds.ts'
import { createEncoder, Decoder } from '../../src/contract/codec.ts'
import { eventDefaults, type EventKind } from '../../src/contract/events.ts'
import { eventKinds, LARGEST_INT, LARGEST_LONG } from './arbitrary-events.ts'
import { eventWith, reasonOf } from './wire.ts'

const fieldsLike = (kind: EventKind, wanted: (value: unknown, field: string) => boolean) =>
  Object.entries(eventDefaults[kind]).flatMap(([field, value]) => wanted(value, field) ? [field] : [])
const textFields = (kind: EventKind) => fieldsLike(kind, value => value === '')
const numberFields = (kind: EventKind) => fieldsLike(kind, (value, field) => typeof value === 'number' && field !== 'weight')

/** Through the encoder, which checks nothing, and the decoder. */
function sent(kind: EventKind, fields: object): string {
  return reasonOf(new Decoder(kind).decode(createEncoder(kind)(eventWith(kind, fields))))
}

describe.each(eventKinds)('the bounds of an event of kind %s', kind => {
  it.each(textFields(kind))('let %s have 256 bytes of UTF-8, and no more', field => {
    const longest = ['a'.repeat(256), 'ü'.repeat(128), `${'支'.repeat(85)}a`, '💳'.repeat(64)]
    expect(longest.map(text => sent(kind, { [field]: text }))).toEqual(longest.map(() => 'accepted'))
    expect(longest.map(text => sent(kind, { [field]: `${text}a` }))).toEqual(longest.map(() => 'string_too_long'))
  })

  it.each(numberFields(kind))('let %s be -1, and nothing lower', field => {
    expect([sent(kind, { [field]: -1 }), sent(kind, { [field]: -2 })]).toEqual(['accepted', 'number_out_of_range'])
  })

  it.each(numberFields(kind))('let %s be as large as its type holds, and whole', field => {
    const largest = field === 'instances' ? LARGEST_INT : LARGEST_LONG
    expect(sent(kind, { [field]: largest })).toBe('accepted')
    for (const wrong of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(boundsFault(kind, eventWith(kind, { [field]: wrong }))).toMatchObject({ reason: 'number_out_of_range' })
    }
  })
})

describe('the bounds of a registration or a look-up', () => {
  it('ask for a service', () => {
    expect([sent('registration', { service: '' }), sent('lookup', { service: '' })]).toEqual(['empty_service', 'empty_service'])
  })

  it('let a weight be 0 to 10,000', () => {
    expect([0, 1, 10_000].map(weight => sent('lookup', { weight }))).toEqual(['accepted', 'accepted', 'accepted'])
    const wrong = [-1, -2, 10_001, 2 ** 31 - 1]
    expect(wrong.map(weight => sent('lookup', { weight }))).toEqual(wrong.map(() => 'weight_out_of_range'))
  })

  it('let instances be an int, and no more', () => {
    expect(boundsFault('lookup', eventWith('lookup', { instances: LARGEST_INT + 1 }))).toMatchObject({ reason: 'number_out_of_range' })
  })

  it('say which field broke which bound', () => {
    const broken = [{ zone: 'z'.repeat(300) }, { sequence: -3 }, { weight: -1 }].map(fields => eventWith('lookup', fields))
    expect(broken.map(event => boundsFault('lookup', event)?.detail)).toEqual([
      'zone has 300 bytes, the most is 256', 'sequence is -3, it must be a whole number, -1 at the lowest',
      'weight is -1, it must be 0 to 10000',
    ])
  })
})

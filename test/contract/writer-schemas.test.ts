import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Decoder } from '../../src/contract/codec.ts'
import { schemaFault } from '../../src/contract/schemas.ts'
import { confluentMessage, eventWith, reasonOf, schemaJson, type RecordSchema } from './wire.ts'

const array = { type: 'array', items: 'null' }
const recordOf = (name: string, ...types: unknown[]) =>
  ({ type: 'record', name, fields: types.map((type, index) => ({ name: `f${index}`, type, default: null })) })

/** A look-up's schema with a field more, of any type. */
function lookupWith(type: unknown): RecordSchema {
  const schema = schemaJson('lookup')
  return { ...schema, fields: [...schema.fields, { name: 'added', type }] }
}

/** A message of 300 zero bytes or more, by a writer of that schema. */
function decodedBy(schema: unknown, filler = 0): string {
  const value = Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), Buffer.alloc(300, filler)])
  return reasonOf(new Decoder('lookup', () => schema as never).decode(value))
}

describe('a writer\'s schema with a collection is refused', () => {
  const map = { type: 'map', values: 'null' }

  it.each([
    ['as a field', array, 'it has a collection (array)'],
    ['a map', map, 'it has a collection (map)'],
    ['in a union', ['null', array], 'it has a collection (array)'],
    ['in a record in a field', recordOf('Inner', array), 'it has a collection (array)'],
    ['in a union in a record in a union', ['null', recordOf('Inner', ['null', map])], 'it has a collection (map)'],
    ['in an error, which is a record to avsc', { ...recordOf('Inner', array), type: 'error' }, 'it has a collection (array)'],
    ['spelt as a list, which avsc takes for the word in it', { type: ['array'], items: 'null' }, 'not an Avro schema'],
    ['spelt as a list, with fields as a record has', { type: ['array'], items: 'null', fields: [] }, 'not an Avro schema'],
    ['spelt as an object', { type: { type: 'array', items: 'null' } }, 'not an Avro schema'],
  ])('%s', (_, type, fault) => {
    expect(schemaFault(lookupWith(type))).toBe(fault)
    expect(decodedBy(lookupWith(type))).toBe('unresolvable_schema')
  })

  it('at the top, and in a union at the top', () => {
    expect(schemaFault(array)).toBe('it has a collection (array)')
    expect(schemaFault([schemaJson('lookup'), map])).toBe('it has a collection (map)')
  })
})

describe('a writer\'s schema that names a record a second time is refused', () => {
  it.each([
    ['the event itself', 'LookupEvent'],
    ['the event itself, by its full name', 'discovery.v1.LookupEvent'],
    ['the event itself, by an absolute name', '.discovery.v1.LookupEvent'],
    ['the event itself, in a union', ['null', 'LookupEvent']],
    ['a record within itself', recordOf('Node', ['null', 'Node'])],
    ['a record within itself, by way of another', recordOf('Outer', recordOf('Inner', ['null', 'Outer']))],
    ['a record of another namespace within itself', { ...recordOf('Node', ['null', 'Node']), namespace: 'other' }],
    ['a record with a dotted name within itself', recordOf('other.Node', ['null', 'other.Node'])],
    ['a record beside itself', recordOf('Pair', recordOf('Leaf', 'null'), 'Leaf')],
  ])('%s', (_, type) => {
    expect(schemaFault(lookupWith(type))).toMatch(/^it names the record \w+ a second time$/)
    expect(decodedBy(lookupWith(type))).toBe('unresolvable_schema')
  })

  it('or else a schema of a few lines would take 2^60 steps to skip, and not one byte', () => {
    let bomb: unknown = recordOf('R0', 'null')
    for (let level = 1; level <= 60; level++) bomb = recordOf(`R${level}`, bomb, `R${level - 1}`)
    expect(decodedBy(lookupWith(bomb))).toBe('unresolvable_schema')
  })
})

const many = <T>(count: number, part: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => part(index))

describe('a writer\'s schema of too many parts is refused', () => {
  it.each<[string, (count: number) => unknown]>([
    ['fields', count => recordOf('Inner', ...many(count, () => 'null'))],
    ['branches of a union', count => ['null', recordOf('Inner', ...many(count, () => 'null'))]],
    ['symbols', count => ({ type: 'enum', name: 'E', symbols: many(count, index => `S${index}`) })],
    ['aliases of a type', count => ({ type: 'enum', name: 'E', symbols: ['A'], aliases: many(count, index => `A${index}`) })],
    ['aliases of a field', count => ({ ...recordOf('Inner'), fields: [{ name: 'f', type: 'null', aliases: many(count, index => `a${index}`) }] })],
  ])('%s', (_, of) => {
    expect(schemaFault(lookupWith(of(200)))).toBeNull()
    expect(decodedBy(lookupWith(of(200)))).toBe('trailing_bytes')
    expect(schemaFault(lookupWith(of(256)))).toBe('it has more than 256 parts')
    expect(decodedBy(lookupWith(of(256)))).toBe('unresolvable_schema')
  })

  it.each<[string, (count: number) => unknown]>([
    ['records in each other', count => nested(count)],
    ['records beside each other', count => recordOf('Outer', ...many(count - 1, index => recordOf(`R${index}`, 'null')))],
  ])('and of too many records, for each of which avsc has code compiled: %s', (_, of) => {
    expect(schemaFault(lookupWith(of(15)))).toBeNull()
    expect(schemaFault(lookupWith(of(16)))).toBe('it has more than 16 records')
    expect(decodedBy(lookupWith(of(16)))).toBe('unresolvable_schema')
  })
})

describe('a writer\'s schema that avsc cannot resolve is refused', () => {
  it.each([
    ['no record', 'string'],
    ['a record of another name', { ...schemaJson('lookup'), name: 'Other' }],
    ['a record of another namespace', { ...schemaJson('lookup'), namespace: 'other' }],
    ['our record, known by an alias only', { ...schemaJson('lookup'), name: 'Other', aliases: ['LookupEvent'] }],
    ['a record whose service is a number', { ...schemaJson('lookup'), fields: [{ name: 'service', type: 'long' }] }],
    ['a record with a type that was never defined', lookupWith('Undefined')],
    ['a record with a type named like an object\'s own property', lookupWith({ type: 'constructor' })],
    ['a record that is nested deeper than the engine\'s stack', lookupWith(nested(20_000))],
  ])('%s', (_, schema) => {
    expect(decodedBy(schema)).toBe('unresolvable_schema')
  })
})

describe('a writer\'s schema that only goes beyond ours is read', () => {
  it.each([
    ['a nullable string', ['null', 'string'], null],
    ['a record', recordOf('Inner', 'null', recordOf('Innermost', 'null')), { f0: null, f1: { f0: null } }],
    ['an enum that is named twice', recordOf('Inner', { type: 'enum', name: 'E', symbols: ['A'] }, 'E'), { f0: 'A', f1: 'A' }],
    ['bytes and a fixed', recordOf('Inner', 'bytes', { type: 'fixed', name: 'F', size: 2 }), { f0: Buffer.alloc(3), f1: Buffer.alloc(2) }],
    ['a boolean, a float and a double', recordOf('Inner', 'boolean', 'float', 'double'), { f0: true, f1: 1, f2: 2 }],
  ])('and what it adds is left out: %s', (_, type, added) => {
    const schema = lookupWith(withoutDefaults(type))
    const event = eventWith('lookup', { client: 'checkout', weight: 3 })
    const decoder = new Decoder('lookup', () => schema as never)
    expect(schemaFault(schema)).toBeNull()
    expect(decoder.decode(confluentMessage(1, schema, { ...event, added }))).toEqual(event)
    for (const byte of [0x00, 0x01, 0x7f, 0x80, 0xff]) expect(decodedBy(schema, byte)).not.toBe('accepted')
  })
})

describe('the check of a writer\'s schema', () => {
  it.each([
    null, 3, true, {}, { type: 'record' }, { type: 'record', fields: {} }, { type: 'record', fields: [null] },
    { type: 'record', fields: [3] }, { type: 'record', fields: [{ name: 'service' }] }, { type: null, fields: [] }, [null], [[3]],
  ])('does not take %j for a schema', json => {
    expect(schemaFault(json)).toBe('not an Avro schema')
  })

  it('has an answer for any JSON, and the decoder for any schema', () => {
    const keys = fc.constantFrom('type', 'fields', 'name', 'items', 'values', 'symbols', 'namespace', 'aliases', 'default', 'size')
    const words = fc.constantFrom('record', 'error', 'array', 'map', 'enum', 'fixed', 'string', 'null', 'LookupEvent', 'service', 0, null)
    const { part } = fc.letrec(tie => ({
      part: fc.oneof({ maxDepth: 6 }, words, fc.array(tie('part'), { maxLength: 3 }), fc.dictionary(keys, tie('part'), { maxKeys: 5 })),
    }))
    fc.assert(fc.property(fc.oneof(part, fc.jsonValue()), json => {
      expect(schemaFault(json) ?? 'none').toMatch(/^(none|not an Avro schema|it has a collection|it names the record)/)
      const mayBeEmpty = JSON.stringify(json).includes('"fields":[]')
      expect(['unresolvable_schema', 'no_schema_registry', ...(mayBeEmpty ? ['trailing_bytes'] : [])]).toContain(decodedBy(json))
    }), { numRuns: 1_000 })
  })

  it('takes a record without fields for a schema, since every field of ours has a default: no byte is left for it to read', () => {
    expect([schemaFault({ type: 'record', fields: [] }), decodedBy({ type: 'record', fields: [] })]).toEqual([null, 'trailing_bytes'])
  })

  it('holds for JSON nested deeper than the engine\'s stack', () => {
    expect(schemaFault(nested(100_000))).toBe('it has more than 16 records')
  })
})

function nested(levels: number): unknown {
  let type: unknown = 'null'
  for (let level = 0; level < levels; level++) type = { type: 'record', name: `N${level}`, fields: [{ name: 'f', type }] }
  return type
}

/** avsc takes a default only where it fits; these types are written in full. */
function withoutDefaults(type: unknown): unknown {
  return JSON.parse(JSON.stringify(type, (key: string, value: unknown) => key === 'default' ? undefined : value))
}

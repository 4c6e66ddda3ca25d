import type { Schema } from 'avsc'
import { describe, expect, it } from 'vitest'
import { createEncoder, Decoder } from '../../src/contract/codec.ts'
import { currentSchema, parseSchema, releasedSchemas } from '../../src/contract/schemas.ts'
import { eventKinds } from './arbitrary-events.ts'
import { readingFault } from './reading-fault.ts'
import { confluentMessage, eventWith, schemaJson, type RecordSchema } from './wire.ts'

const compiled = (schema: RecordSchema) => parseSchema(JSON.parse(JSON.stringify(schema)) as Schema)

function nextLookupVersion(change: (schema: RecordSchema) => void): RecordSchema {
  const schema = schemaJson('lookup')
  change(schema)
  return schema
}

interface EnumSchema { symbols: string[] }
function isEnum(type: unknown): type is EnumSchema {
  return typeof type === 'object' && type !== null && 'symbols' in type
}

function retyped(field: string, type: string, value: unknown): RecordSchema {
  return nextLookupVersion(schema => {
    schema.fields = schema.fields.map(held => held.name === field ? { name: field, type, default: value } : held)
  })
}

function symbolsOf(schema: RecordSchema, field: string): string[] {
  const type = schema.fields.find(({ name }) => name === field)?.type
  return isEnum(type) ? type.symbols : []
}

const newer = nextLookupVersion(schema => {
  symbolsOf(schema, 'method').push('QUIC')
  symbolsOf(schema, 'cache').splice(1, 0, 'NEGATIVE')
  symbolsOf(schema, 'errorCategory').unshift('TLS')
  schema.fields.unshift({ name: 'traceId', type: 'string', default: '' })
  schema.fields.push({ name: 'attempts', type: 'int', default: 1 })
})

describe('all versions of a kind', () => {
  const pairs = eventKinds.flatMap(kind => {
    const versions = releasedSchemas(kind)
    return versions.flatMap(writer => versions.map(reader => ({ kind, writer, reader })))
  })

  it.each(pairs)('are readable by each other: $kind v$writer.version by v$reader.version', ({ writer, reader }) => {
    expect(readingFault(writer.type, reader.type)).toBeNull()
  })

  it('would have to be, if a next one added symbols and fields with defaults', () => {
    const { type } = currentSchema('lookup')
    expect([readingFault(compiled(newer), type), readingFault(type, compiled(newer))]).toEqual([null, null])
  })

  it.each<[string, RecordSchema]>([
    ['a field without a default', nextLookupVersion(schema => { schema.fields.push({ name: 'attempts', type: 'int' }) })],
    ['another type', retyped('zone', 'long', 0)],
    ['another name', { ...newer, name: 'LookupEventV2' }],
    ['a wider number, which only one side can read', retyped('weight', 'long', 1)],
  ])('would not be, if a next one had %s', (_, schema) => {
    const { type } = currentSchema('lookup')
    expect([readingFault(compiled(schema), type), readingFault(type, compiled(schema))].filter(fault => fault !== null)).not.toEqual([])
  })
})

describe('what a newer agent writes', () => {
  const event = eventWith('lookup', { client: 'checkout', method: 'DNS', outcome: 'SUCCESS', weight: 7, durationMicros: 70 })
  const decoder = new Decoder('lookup', () => newer as never)

  it('is read: a field that we do not know is left out', () => {
    expect(decoder.decode(confluentMessage(5, newer, { ...event, traceId: 'abc', attempts: 3 }))).toEqual(event)
  })

  it('is read: a symbol that we do not know becomes the enum\'s default', () => {
    const sent = { ...event, method: 'QUIC', cache: 'NEGATIVE', errorCategory: 'TLS' }
    const seen = { ...event, method: 'UNKNOWN', cache: 'UNKNOWN', errorCategory: 'OTHER' }
    expect(decoder.decode(confluentMessage(5, newer, sent))).toEqual(seen)
  })

  it('is read: a symbol that stands elsewhere in the newer list keeps its meaning', () => {
    const sent = { ...event, cache: 'STALE', errorCategory: 'TIMEOUT' }
    expect(decoder.decode(confluentMessage(5, newer, sent))).toEqual(sent)
  })
})

describe('what an older agent writes', () => {
  it('is read: a field that it lacks has its default', () => {
    const schema = schemaJson('lookup')
    const older = { ...schema, fields: schema.fields.filter(({ name }) => ['service', 'client', 'outcome'].includes(name)) }
    const message = confluentMessage(5, older, { client: 'checkout', service: 'cart', outcome: 'EMPTY' })
    const event = eventWith('lookup', { client: 'checkout', outcome: 'EMPTY' })
    expect(new Decoder('lookup', () => older as never).decode(message)).toEqual(event)
  })

  it('is read, be its fields in any order', () => {
    const schema = schemaJson('registration')
    const turned = { ...schema, fields: schema.fields.toReversed() }
    const event = eventWith('registration', { instance: 'a', operation: 'REGISTER', status: 'PASSING', revision: 12 })
    expect(new Decoder('registration', () => turned as never).decode(confluentMessage(5, turned, event))).toEqual(event)
  })
})

describe('our own encoder', () => {
  it('writes with the newest released schema', () => {
    const event = eventWith('lookup', { weight: 2 })
    const header = createEncoder('lookup')(event).toString('hex', 2, 10)
    expect(header).toBe(currentSchema('lookup').fingerprint)
  })
})

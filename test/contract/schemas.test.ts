import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  cacheResults, errorCategories, eventDefaults, instanceStatuses, lookupMethods, lookupOutcomes, registrationOperations,
  registrationOutcomes, type EventKind,
} from '../../src/contract/events.ts'
import { currentSchema, parseSchema, releasedSchemas, schemaFault } from '../../src/contract/schemas.ts'
import { eventKinds } from './arbitrary-events.ts'
import { readSchema, schemaRuleFaults, symbolsIn, type SchemaFile } from './schema-rules.ts'
import { schemaJson } from './wire.ts'

const folder = new URL('../../schemas/', import.meta.url)
const files = readdirSync(folder).filter(file => file.endsWith('.avsc'))
const fileOf = (kind: EventKind) => schemaJson(kind) as SchemaFile
const textOf = (file: string) => readFileSync(new URL(file, folder), 'utf8')

/** Every released file: its SHA-256, and its fingerprint. A release adds a line; a line that changes breaks what is in the log. */
const released: Record<string, [sha256: string, fingerprint: string]> = {
  'agent-report.v1.avsc': ['4cc51743b69dfdc4d751e602a067fb3a5a93b98912f664edda4ea5719224a372', '8a46c65f3b6e338f'],
  'lookup-event.v1.avsc': ['356cce4394c4dc80b9445b634f6b82ee70de6849b6158ad4f9f88d07da18b4fe', 'fee29ae9e2b27ccc'],
  'registration-event.v1.avsc': ['c8340a800dcc2907c14b811abba42d3d1d1696318595e0295fc2ba28884e0e20', 'd7bbfacb32674011'],
}
const schemas = eventKinds.flatMap(kind => releasedSchemas(kind))

describe('a released schema', () => {
  it('is never edited: each file is, byte for byte, the one that was released', () => {
    const hashes = files.map(file => [file, createHash('sha256').update(textOf(file)).digest('hex')])
    expect(Object.fromEntries(hashes)).toEqual(Object.fromEntries(Object.entries(released).map(([file, [hash]]) => [file, hash])))
  })

  it('is known by its fingerprint, and by no other\'s; no file of the folder is left over', () => {
    const fingerprints = Object.values(released).map(([, fingerprint]) => fingerprint)
    expect(schemas.map(({ fingerprint }) => fingerprint).toSorted()).toEqual(fingerprints.toSorted())
    expect(new Set(fingerprints).size).toBe(files.length)
  })

  it('has the name of its kind, and versions that count up from 1', () => {
    const names = { registration: 'RegistrationEvent', lookup: 'LookupEvent', agent: 'AgentReport' }
    expect(schemas.map(({ type }) => type.name)).toEqual(schemas.map(({ kind }) => `discovery.v1.${names[kind]}`))
    for (const kind of eventKinds) {
      const versions = releasedSchemas(kind).map(({ version }) => version)
      expect(versions).toEqual(Array.from(versions, (_, index) => index + 1))
    }
  })

  it.each(files)('%s keeps the contract\'s rules, and would be taken from a schema registry', file => {
    const schema = readSchema(textOf(file))
    expect(schemaRuleFaults(schema)).toEqual([])
    expect(schemaFault(schema)).toBeNull()
  })

  it('is compiled once, however often it is asked for', () => {
    expect(currentSchema('lookup').type).toBe(releasedSchemas('lookup').at(-1)?.type)
  })
})

describe('the contract\'s rules for a schema', () => {
  const lawful = { type: 'record', name: 'E', namespace: 'discovery.v1', fields: [{ name: 'service', type: 'string', default: '' }] }
  const symbols = { type: 'enum', name: 'Colour', symbols: ['RED'] }

  it.each([
    ['another namespace', { ...lawful, namespace: 'discovery.v2' }, 'namespace is discovery.v2'],
    ['a field without a default', { ...lawful, fields: [{ name: 'service', type: 'string' }] }, 'service has no default'],
    ['an enum without one', { ...lawful, fields: [{ name: 'colour', type: symbols, default: 'RED' }] }, 'Colour has no default symbol'],
    ['an array', { ...lawful, fields: [{ name: 'tags', type: { type: 'array', items: 'string' }, default: [] }] }, 'tags is an array'],
    ['a map', { ...lawful, fields: [{ name: 'tags', type: { type: 'map', values: 'string' }, default: {} }] }, 'tags is a map'],
    ['a union', { ...lawful, fields: [{ name: 'zone', type: ['null', 'string'], default: null }] }, 'zone is a union'],
  ])('do not let pass %s', (_, schema, fault) => {
    expect(schemaRuleFaults(lawful as SchemaFile)).toEqual([])
    expect(schemaRuleFaults(schema as SchemaFile)).toEqual([fault])
  })
})

describe('what TypeScript says of an event', () => {
  const lists = {
    ErrorCategory: errorCategories, RegistrationOperation: registrationOperations, RegistrationOutcome: registrationOutcomes,
    InstanceStatus: instanceStatuses, LookupMethod: lookupMethods, CacheResult: cacheResults, LookupOutcome: lookupOutcomes,
  }

  it.each(eventKinds)('of kind %s: its fields and their defaults are the newest schema\'s, in its order', kind => {
    expect(Object.entries(eventDefaults[kind])).toEqual(fileOf(kind).fields.map(({ name, default: value }) => [name, value]))
  })

  it('of every enum: its symbols are the schemas\', in their order', () => {
    expect(Object.assign({}, ...eventKinds.map(kind => symbolsIn(fileOf(kind))))).toEqual(lists)
  })

  it('of a client and a service: their four names stand side by side, so that their bytes can serve as a key', () => {
    const names = fileOf('lookup').fields.map(({ name }) => name)
    expect(names.slice(names.indexOf('clientNamespace')).slice(0, 4)).toEqual(['clientNamespace', 'client', 'namespace', 'service'])
  })

  it('of an error category that a reader does not know: OTHER, though an event without one has NONE', () => {
    const category = fileOf('lookup').fields.find(({ name }) => name === 'errorCategory')
    expect([category?.default, category?.type]).toEqual(['NONE', expect.objectContaining({ default: 'OTHER' })])
  })
})

describe('a schema\'s times', () => {
  it('stay plain numbers, although their logical type is a timestamp', () => {
    const type = parseSchema({ type: 'long', logicalType: 'timestamp-millis' })
    expect(type.fromBuffer(type.toBuffer(1_767_225_600_123))).toBe(1_767_225_600_123)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Rejection } from '../../src/contract/bounds.ts'
import { createConfluentEncoder, Decoder } from '../../src/contract/codec.ts'
import { eventDefaults } from '../../src/contract/events.ts'
import { RegistryClient } from '../../src/kafka/registry-client.ts'
import { SchemaRegistry } from '../../src/kafka/schema-registry.ts'
import { schemaJson } from '../contract/wire.ts'
import { Apicurio } from './apicurio.ts'

let apicurio: Apicurio
let registry: SchemaRegistry

beforeAll(async () => {
  apicurio = await Apicurio.start()
  registry = new SchemaRegistry(new RegistryClient({ url: apicurio.url, username: '', password: () => '', ca: '', cert: '', key: '' }))
}, 400_000)
afterAll(() => apicurio.stop())

/** What becomes of a look-up that is said to be written with that schema. */
async function decoded(id: number): Promise<string> {
  await registry.ensure(new Set([id]))
  const event = new Decoder('lookup', registry.schemaById).decode(createConfluentEncoder('lookup', id)({ ...eventDefaults.lookup, service: 'cart' }))
  return event instanceof Rejection ? event.reason : event.service
}

describe('a schema registry that is none of ours', () => {
  it('tells the schema that was registered', async () => {
    expect(await decoded(await apicurio.register('lookups-value', schemaJson('lookup')))).toBe('cart')
  })

  it('has schemas that are not read', async () => {
    const list = { type: 'record', name: 'LookupEvent', fields: [{ name: 'a', type: { type: 'array', items: 'long' } }] }
    expect(await decoded(await apicurio.register('lists-value', list))).toBe('unresolvable_schema')
    expect(await decoded(await apicurio.register('other-value', { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }, 'JSON'))).toBe('unresolvable_schema')
  })

  it('says of an id that it does not have what Confluent’s says', async () => {
    expect(await decoded(4_711)).toBe('unknown_schema')
  })

  it('settles nothing once it is gone, and what it has told stays known', async () => {
    await apicurio.stop()
    await expect(registry.ensure(new Set([815]))).rejects.toThrow('cannot be asked for schema 815')
    expect([registry.isSettled(815), registry.isSettled(1)]).toEqual([false, true])
  })
})

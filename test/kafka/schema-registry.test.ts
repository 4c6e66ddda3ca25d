import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Rejection } from '../../src/contract/bounds.ts'
import { createConfluentEncoder, Decoder } from '../../src/contract/codec.ts'
import { eventDefaults } from '../../src/contract/events.ts'
import { noSchemaRegistry, SchemaRegistry } from '../../src/kafka/schema-registry.ts'
import { schemaJson } from '../contract/wire.ts'
import { FakeRegistry } from './fake-registry.ts'

const collection = '{"type":"record","name":"E","fields":[{"name":"a","type":{"type":"array","items":"long"}}]}'

let server: FakeRegistry
let registry: SchemaRegistry

beforeEach(async () => {
  server = await new FakeRegistry().start()
  server.answers.set(1, { schema: JSON.stringify(schemaJson('lookup')) })
  registry = new SchemaRegistry(`${server.url}/`)
})
afterEach(async () => {
  vi.useRealTimers()
  await server.stop()
})

/** What becomes of a look-up that is said to be written with that schema. */
function decoded(id: number): string {
  const message = createConfluentEncoder('lookup', id)({ ...eventDefaults.lookup, service: 'cart' })
  const event = new Decoder('lookup', registry.schemaById).decode(message)
  return event instanceof Rejection ? event.reason : event.service
}

describe('a schema registry', () => {
  it('is asked once for each schema', async () => {
    await registry.ensure(new Set([1]))
    await registry.ensure(new Set([1]))
    expect(server.asked).toEqual([1])
    expect(decoded(1)).toBe('cart')
  })

  it('that has no such schema is asked again a minute later: it may have been registered since', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    await registry.ensure(new Set([2]))
    expect(decoded(2)).toBe('unknown_schema')
    vi.advanceTimersByTime(59_999)
    await registry.ensure(new Set([2]))
    expect(server.asked).toEqual([2])

    server.answers.set(2, { schema: JSON.stringify(schemaJson('lookup')) })
    vi.advanceTimersByTime(1)
    await registry.ensure(new Set([2]))
    expect(server.asked).toEqual([2, 2])
    expect(decoded(2)).toBe('cart')
  })

  it('that fails or is not there settles nothing: the asking fails, and the schema is asked for again', async () => {
    server.state = 'failing'
    await expect(registry.ensure(new Set([1]))).rejects.toThrow('the schema registry answered 500 for schema 1')
    server.state = 'up'
    await registry.ensure(new Set([1]))
    expect(decoded(1)).toBe('cart')
    await server.stop()
    await expect(registry.ensure(new Set([9]))).rejects.toThrow('fetch failed')
  })

  it.each([
    ['of another language', { schema: 'message Event {}', schemaType: 'PROTOBUF' }, 'unknown_schema'],
    ['that is not even JSON', { schema: '{"type": ' }, 'unresolvable_schema'],
    ['with a collection', { schema: collection }, 'unresolvable_schema'],
  ])('may have a schema %s: its messages are set aside and wait for nothing', async (_, answer, reason) => {
    server.answers.set(3, answer)
    await registry.ensure(new Set([3]))
    expect(decoded(3)).toBe(reason)
  })

  it('that is not configured has every message in its framing set aside', async () => {
    await noSchemaRegistry.ensure(new Set([1]))
    expect(noSchemaRegistry.schemaById(1)).toBe(null)
  })
})

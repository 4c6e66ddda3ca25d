import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Rejection } from '../../src/contract/bounds.ts'
import { createConfluentEncoder, Decoder } from '../../src/contract/codec.ts'
import { eventDefaults } from '../../src/contract/events.ts'
import { MAX_SCHEMA_BYTES, RegistryClient, RegistryError, type RegistryAccess, type RegistryAnswer } from '../../src/kafka/registry-client.ts'
import { noSchemaRegistry, SchemaRegistry } from '../../src/kafka/schema-registry.ts'
import { schemaJson } from '../contract/wire.ts'
import { FakeRegistry, type RegistryState } from './fake-registry.ts'

const collection = '{"type":"record","name":"E","fields":[{"name":"a","type":{"type":"array","items":"long"}}]}'

let server: FakeRegistry
let registry: SchemaRegistry

beforeEach(async () => {
  server = await new FakeRegistry().start()
  server.answers.set(1, { schema: JSON.stringify(schemaJson('lookup')) })
  registry = new SchemaRegistry(client())
})
afterEach(async () => {
  vi.useRealTimers()
  await server.stop()
})

function client(access: Partial<RegistryAccess> = {}, attemptMs?: number): RegistryClient {
  return new RegistryClient({ url: `${server.url}/`, username: '', password: () => '', ca: '', cert: '', key: '', ...access }, attemptMs)
}

/** What becomes of a look-up that is said to be written with that schema. */
function decoded(id: number): string {
  const message = createConfluentEncoder('lookup', id)({ ...eventDefaults.lookup, service: 'cart' })
  const event = new Decoder('lookup', registry.schemaById).decode(message)
  return event instanceof Rejection ? event.reason : event.service
}

describe('a schema registry', () => {
  it('is asked once for each schema, however many need it at the same time', async () => {
    await Promise.all([registry.ensure(new Set([1])), registry.ensure(new Set([1, 2])), registry.ensure(new Set([1]))])
    await registry.ensure(new Set([1]))
    expect(server.asked).toEqual([1, 2])
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

  it.each<[RegistryState, string, number]>([
    ['failing', 'the schema registry answered 500 for schema 1', 3],
    ['busy', 'the schema registry answered 429 for schema 1', 3],
    ['cut', 'the schema registry cannot be asked for schema 1: aborted', 3],
    ['silent', 'the schema registry cannot be asked for schema 1: no answer within 0.05 s', 3],
    ['misplaced', 'no schema registry answers at --schema-registry.url: it answered 404; is the URL right?', 1],
    ['garbage', 'no schema registry answers at --schema-registry.url: its answer is no JSON; is the URL right?', 1],
  ])('that is %s settles nothing: the asking fails after its attempts, and the schema is asked for again', async (state, said, attempts) => {
    registry = new SchemaRegistry(client({}, 50))
    server.state = state
    await expect(registry.ensure(new Set([1]))).rejects.toThrow(said)
    expect([server.asked.length, registry.isSettled(1)]).toEqual([attempts, false])
    server.state = 'up'
    await registry.ensure(new Set([1]))
    expect(decoded(1)).toBe('cart')
  })

  it('that is not there settles nothing', async () => {
    await server.stop()
    await expect(registry.ensure(new Set([9]))).rejects.toThrow(/cannot be asked for schema 9: connect ECONNREFUSED/)
    await server.start()
  })

  it('that answers at the second attempt is good enough', async () => {
    server.state = 'failing'
    const ensured = registry.ensure(new Set([1]))
    await vi.waitFor(() => expect(server.asked).toHaveLength(1), { interval: 1 })
    server.state = 'up'
    await ensured
    expect(server.asked).toEqual([1, 1])
  })

  it('that is slow holds nobody up for long, and is not asked again meanwhile', async () => {
    const answers: ((schema: RegistryAnswer) => void)[] = []
    const slow = { ask: () => new Promise<RegistryAnswer>(resolve => { answers.push(resolve) }) }
    registry = new SchemaRegistry(slow, { patienceMs: 5 })
    for (let time = 0; time < 3; time++) await expect(registry.ensure(new Set([1]))).rejects.toThrow('has not told schema 1 yet')
    const ensured = registry.ensure(new Set([1]))
    answers[0]?.({ schema: JSON.stringify(schemaJson('lookup')) })
    await ensured
    expect([answers.length, decoded(1)]).toEqual([1, 'cart'])
  })

  it.each([
    ['of another language', { schema: 'message Event {}', schemaType: 'PROTOBUF' }, 'unresolvable_schema'],
    ['that is not even JSON', { schema: '{"type": ' }, 'unresolvable_schema'],
    ['with a collection', { schema: collection }, 'unresolvable_schema'],
    ['that refers to another one', { schema: '{"type":"record","name":"E","fields":[{"name":"a","type":"Other"}]}', references: [{}] }, 'unresolvable_schema'],
    ['that is too large', { schema: JSON.stringify({ ...schemaJson('lookup'), doc: 'x'.repeat(MAX_SCHEMA_BYTES) }) }, 'unresolvable_schema'],
  ])('may have a schema %s: its messages are set aside and wait for nothing', async (_, answer, reason) => {
    server.answers.set(3, answer)
    await registry.ensure(new Set([3]))
    expect(decoded(3)).toBe(reason)
  })

  it('is remembered within bounds: what was answered first is asked for again', async () => {
    const ids: number[] = []
    const answering = (answer: RegistryAnswer) => ({ ask: async (id: number) => { ids.push(id); return answer } })
    registry = new SchemaRegistry(answering({ schema: '"string"' }))
    vi.useFakeTimers({ toFake: ['Date'] })
    for (let id = 0; id <= 1_000; id++) {
      await registry.ensure(new Set([id]))
      vi.advanceTimersByTime(100)
    }
    expect([0, 1, 1_000].map(id => registry.isSettled(id))).toEqual([false, true, true])
    expect(ids).toHaveLength(1_001)
  })

  it('is not asked for each of many ids that it does not know: an unknown one costs a second, after a hundred at once', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    let notAsked = 0
    registry = new SchemaRegistry(client(), { onNotAsked: () => { notAsked++ } })
    const flood = async (from: number, count: number) => {
      for (let id = from; id < from + count; id++) {
        await registry.ensure(new Set([id]))
        expect(decoded(id)).toBe('unknown_schema')
      }
    }
    await flood(1_000, 1_000)
    expect([server.asked.length, notAsked]).toEqual([100, 900])
    vi.advanceTimersByTime(5_000)
    await flood(2_000, 1_000)
    expect([server.asked.length, notAsked]).toEqual([105, 1_895])
    vi.advanceTimersByTime(1_000)
    await registry.ensure(new Set([1]))
    expect(decoded(1)).toBe('cart')
  })

  it('that is away for long costs nothing of that: what needs a schema goes on waiting', async () => {
    const away = { ask: () => Promise.reject(new RegistryError('registry_misplaced', 'away')) }
    registry = new SchemaRegistry(away)
    for (let id = 0; id < 3_000; id++) await expect(registry.ensure(new Set([id]))).rejects.toThrow('away')
    expect(registry.isSettled(1)).toBe(false)
  })

  it('that is not configured has every message in its framing set aside', async () => {
    await noSchemaRegistry.ensure(new Set([1]))
    expect(noSchemaRegistry.schemaById(1)).toBe(null)
  })
})

describe('a schema registry that does not let everybody in', () => {
  it('is told name and password, and what it refuses settles nothing', async () => {
    server.login = 'ann:p w'
    registry = new SchemaRegistry(client({ username: 'ann', password: () => 'p w' }))
    await registry.ensure(new Set([1]))
    expect(decoded(1)).toBe('cart')
    const stranger = new SchemaRegistry(client({ username: 'ann', password: () => 'wrong' }))
    await expect(stranger.ensure(new Set([1]))).rejects.toThrow('does not let us in (401): see --schema-registry.username and .password-file')
    expect(server.asked).toHaveLength(2)
  })

  it('is told the password as it is at the moment, and one that cannot be read settles nothing', async () => {
    server.login = 'ann:second'
    let password: string | Error = 'first'
    registry = new SchemaRegistry(client({
      username: 'ann', password: () => {
        if (password instanceof Error) throw password
        return password
      },
    }))
    await expect(registry.ensure(new Set([1]))).rejects.toThrow('does not let us in')
    password = new Error('must be a readable file')
    await expect(registry.ensure(new Set([1]))).rejects.toThrow('the file of --schema-registry.password-file must be a readable file')
    password = 'second'
    await registry.ensure(new Set([1]))
    expect(decoded(1)).toBe('cart')
  })
})

import { createConfluentEncoder, createEncoder } from '../../src/contract/codec.ts'
import { eventDefaults, type EventKind } from '../../src/contract/events.ts'
import { schemaJson, eventWith, forgedMessage, varint } from '../contract/wire.ts'

export const kinds: readonly EventKind[] = ['registration', 'lookup', 'agent']

/** Writers' schemas by the ids that the fuzzed messages name: ours, others that are read, and such as are refused. */
export function writerSchemas(kind: EventKind): ReadonlyMap<number, unknown> {
  const ours = schemaJson(kind)
  const inner = { type: 'record', name: 'Inner', fields: [{ name: 'a', type: ['null', 'bytes'] }, { name: 'b', type: { type: 'fixed', name: 'F', size: 9 } }] }
  return new Map<number, unknown>([
    [1, ours],
    [2, { ...ours, fields: ours.fields.toReversed() }],
    [3, { ...ours, fields: [...ours.fields, { name: 'added', type: inner }, { name: 'more', type: ['null', 'string', 'double'] }] }],
    [4, { ...ours, fields: ours.fields.map(field => (field.type === 'long' ? { ...field, type: 'int' } : field)) }],
    [5, { ...ours, fields: [...ours.fields, { name: 'added', type: { type: 'array', items: 'null' } }] }],
    [6, { ...ours, fields: [...ours.fields, { name: 'again', type: ['null', ours.name] }] }],
    [7, { type: 'record', name: ours.name, namespace: ours.namespace, fields: [] }],
    [8, 'string'],
    [9, { ...ours, fields: Array.from({ length: 250 }, (_, index) => ({ name: `f${index}`, type: 'long' })) }],
    [10, { ...ours, fields: [...ours.fields, ...Array.from({ length: 15 }, (_, index) => ({ name: `f${index}`, type: { ...inner, name: `R${index}`, fields: [] } }))] }],
  ])
}

/** Where mutation begins: events of all kinds of fields in both framings, and bytes that harm parsers. */
export function seedsOf(kind: EventKind): Buffer[] {
  const texts = Object.entries(eventDefaults[kind]).flatMap(([name, value]) => (typeof value === 'string' && value === '' ? [name] : []))
  const full = eventWith(kind, Object.fromEntries(texts.map(name => [name, `${name}/ü`])))
  const events = [eventWith(kind, {}), full, eventWith(kind, { agentId: 'a'.repeat(256), sequence: 2 ** 52, occurredAt: 1_700_000_000_000 })]
  const encode = createEncoder(kind)
  const framed = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99].flatMap(id => events.map(event => createConfluentEncoder(kind, id)(event)))
  const lengths = [-1n, -(2n ** 63n), 2n ** 31n, 2n ** 63n - 1n, 16_384n].map(length => forgedMessage(kind, { agentId: varint(length) }))
  return [...events.map(encode), ...framed, ...lengths, Buffer.alloc(0), Buffer.from([0]), Buffer.from('c301', 'hex'), Buffer.alloc(16_384, 0x80)]
}

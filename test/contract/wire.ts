import { readFileSync } from 'node:fs'
import type { Schema } from 'avsc'
import { Rejection } from '../../src/contract/bounds.ts'
import { createEncoder } from '../../src/contract/codec.ts'
import { eventDefaults, type EventKind, type EventOf } from '../../src/contract/events.ts'
import { currentSchema, parseSchema } from '../../src/contract/schemas.ts'

/** A schema as JSON: parsed text, so that a test may change a copy. */
export interface RecordSchema {
  type: 'record'
  name: string
  namespace: string
  fields: { name: string; type: unknown; default?: unknown }[]
}

const prefixes: Record<EventKind, string> = { registration: 'registration-event', lookup: 'lookup-event', agent: 'agent-report' }

/** The newest file of a kind as it stands in `schemas/` (what avsc exports lacks the enums' defaults): a copy, for a test to change. */
export function schemaJson(kind: EventKind): RecordSchema {
  const file = `../../schemas/${prefixes[kind]}.v${currentSchema(kind).version}.avsc`
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as RecordSchema
}

/** A message in Confluent's framing, written with any schema. */
export function confluentMessage(id: number, schema: RecordSchema, value: object): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(id, 1)
  return Buffer.concat([header, parseSchema(schema as Schema).toBuffer(value)])
}

/** An event with every field at its default, but for a service's name and the fields given. */
export function eventWith<K extends EventKind>(kind: K, fields: Partial<EventOf[K]>): EventOf[K] {
  return { ...eventDefaults[kind], ...(kind === 'agent' ? {} : { service: 'cart' }), ...fields }
}

interface FieldOf<K extends EventKind> {
  name: keyof EventOf[K]
  type: { toBuffer(value: unknown): Buffer }
}

/** A message in our own framing in which the bytes of some fields are replaced. */
export function forgedMessage<K extends EventKind>(kind: K, bytes: Partial<Record<keyof EventOf[K], Buffer>>): Buffer {
  const event = eventWith(kind, {})
  const { fields } = currentSchema(kind).type as unknown as { fields: FieldOf<K>[] }
  const header = createEncoder(kind)(event).subarray(0, 10)
  return Buffer.concat([header, ...fields.map(({ name, type }) => bytes[name] ?? type.toBuffer(event[name]))])
}

/** Avro's encoding of a whole number of any size. */
export function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = value < 0n ? -2n * value - 1n : 2n * value
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

/** The reason why a message was set aside; `accepted` if it was not. */
export function reasonOf(decoded: object): string {
  return decoded instanceof Rejection ? decoded.reason : 'accepted'
}

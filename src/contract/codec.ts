import type { Schema, Type } from 'avsc'
import { boundsFault, MAX_EVENT_BYTES, Rejection } from './bounds.ts'
import type { EventKind, EventOf } from './events.ts'
import { fingerprintOf } from './fingerprint.ts'
import { currentSchema, parseSchema, releasedSchemas, schemaFault } from './schemas.ts'

const SINGLE_OBJECT = 0xc301
export const SINGLE_OBJECT_BYTES = 10
const CONFLUENT = 0x00
export const CONFLUENT_BYTES = 5

/** Writers that are named by a schema's id are kept compiled up to this number. */
const MAX_WRITERS = 1_000

type Resolver = ReturnType<Type['createResolver']>
interface Writer {
  type: Type
  resolver: Resolver | undefined
}

/** Encodes events of one kind in Avro's single-object encoding (`C3 01`, fingerprint, body), with the newest released schema. */
export function createEncoder<K extends EventKind>(kind: K): (event: EventOf[K]) => Buffer {
  const { type, fingerprint } = currentSchema(kind)
  const header = Buffer.concat([Buffer.from([0xc3, 0x01]), Buffer.from(fingerprint, 'hex')])
  return event => Buffer.concat([header, type.toBuffer(event)])
}

/** Encodes events of one kind in Confluent's wire format: `00`, the schema's id as 4 bytes big-endian, body. */
export function createConfluentEncoder<K extends EventKind>(kind: K, schemaId: number): (event: EventOf[K]) => Buffer {
  const { type } = currentSchema(kind)
  const header = Buffer.alloc(CONFLUENT_BYTES)
  header.writeUInt32BE(schemaId, 1)
  return event => Buffer.concat([header, type.toBuffer(event)])
}

/** The schema id of a message in Confluent's framing, null for any other. */
export function confluentSchemaId(value: Buffer | null): number | null {
  return value !== null && value.length >= CONFLUENT_BYTES && value[0] === CONFLUENT ? value.readUInt32BE(1) : null
}

/** Reads a schema by its id. Undefined: there is none of that id. Null: no registry is configured. */
export type SchemaById = (id: number) => Schema | undefined | null

/**
 * Decodes messages of one kind, in both framings. A writer's schema is compiled and resolved to the newest released one once.
 * Whatever the bytes, the answer is an event within the contract's bounds or a Rejection; it never throws.
 */
export class Decoder<K extends EventKind> {
  readonly kind: K
  readonly #reader: Type
  readonly #byFingerprint = new Map<string, Writer>()
  /** The newest so many. */
  readonly #bySchemaId = new Map<number, Writer | Rejection>()
  readonly #schemaById: SchemaById

  constructor(kind: K, schemaById: SchemaById = () => null) {
    this.kind = kind
    this.#schemaById = schemaById
    this.#reader = currentSchema(kind).type
    for (const { fingerprint, type } of releasedSchemas(kind)) this.#byFingerprint.set(fingerprint, this.#writer(type))
  }

  /** `value`: a message's value as it stands in the log. */
  decode(value: Buffer | null): EventOf[K] | Rejection {
    if (value === null || value.length === 0) return new Rejection('empty', 'the message has no value')
    if (value.length > MAX_EVENT_BYTES) return new Rejection('too_large', `${value.length} bytes, the most is ${MAX_EVENT_BYTES}`)
    if (value.length >= SINGLE_OBJECT_BYTES && value.readUInt16BE(0) === SINGLE_OBJECT) {
      const fingerprint = value.toString('hex', 2, SINGLE_OBJECT_BYTES)
      const writer = this.#byFingerprint.get(fingerprint)
      if (writer === undefined) return new Rejection('unknown_schema', `no released ${this.kind} schema has fingerprint ${fingerprint}`)
      return this.#body(value, SINGLE_OBJECT_BYTES, writer)
    }
    const id = confluentSchemaId(value)
    if (id === null) return new Rejection('unknown_framing', `begins with ${value.toString('hex', 0, 2)}`)
    const writer = this.#confluentWriter(id)
    return writer instanceof Rejection ? writer : this.#body(value, CONFLUENT_BYTES, writer)
  }

  /** Whether a schema id, once a message of it has been decoded, is known to stand for the newest released schema. */
  isNewest(schemaId: number): boolean {
    const writer = this.#bySchemaId.get(schemaId)
    return writer !== undefined && !(writer instanceof Rejection) && writer.resolver === undefined
  }

  #body(value: Buffer, start: number, { type, resolver }: Writer): EventOf[K] | Rejection {
    try {
      const { value: event, offset } = type.decode(value, start, resolver)
      if (offset < 0) return new Rejection('malformed', 'the bytes end within the event')
      if (offset !== value.length) return new Rejection('trailing_bytes', `${value.length - offset} bytes follow the event`)
      return boundsFault(this.kind, event) ?? event
    } catch (error) {
      return new Rejection('malformed', String(error))
    }
  }

  #confluentWriter(id: number): Writer | Rejection {
    const known = this.#bySchemaId.get(id)
    if (known !== undefined) return known
    const schema = this.#schemaById(id)
    if (schema === null) return new Rejection('no_schema_registry', `schema id ${id}, and no schema registry is configured`)
    if (schema === undefined) return new Rejection('unknown_schema', `the schema registry has told no schema ${id}`)
    const writer = this.#confluentSchema(id, schema)
    const oldest = this.#bySchemaId.keys().next().value
    if (this.#bySchemaId.size >= MAX_WRITERS && oldest !== undefined) this.#bySchemaId.delete(oldest)
    this.#bySchemaId.set(id, writer)
    return writer
  }

  #confluentSchema(id: number, schema: Schema): Writer | Rejection {
    const fault = schemaFault(schema)
    if (fault !== null) return new Rejection('unresolvable_schema', `schema ${id} is refused: ${fault}`)
    try {
      return this.#writer(parseSchema(schema))
    } catch (error) {
      return new Rejection('unresolvable_schema', `schema ${id}: ${String(error)}`)
    }
  }

  #writer(type: Type): Writer {
    return { type: this.#reader, resolver: fingerprintOf(type).equals(fingerprintOf(this.#reader)) ? undefined : this.#reader.createResolver(type) }
  }
}

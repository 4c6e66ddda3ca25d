import type { Schema, Type } from 'avsc'
import { fingerprintOf } from '../contract/fingerprint.ts'
import { newest, parseSchema, readReleased, schemaFault, type Released } from '../contract/schemas.ts'
import type { CellKind } from '../core/cells.ts'

const MAGIC = 0xc301
/** Avro's single-object encoding: two bytes of magic, eight of fingerprint. */
export const HEADER_BYTES = 10

const fileOf: Record<CellKind | 'progress' | 'claim', string> = {
  lookups: 'lookups', lookupError: 'lookup-error', edge: 'edge', registrations: 'registrations', registrationError: 'registration-error',
  instance: 'instance', version: 'version', sequences: 'sequences', agent: 'agent', accounts: 'accounts', arrivals: 'arrivals',
  cardinality: 'cardinality', progress: 'progress', claim: 'claim',
}
export type RecordKind = keyof typeof fileOf
const recordKinds = Object.keys(fileOf) as readonly RecordKind[]

/** What a kind of record is written with: its newest schema, and the header that tells which. */
export interface Writing {
  type: Type
  header: Buffer
}

/** A field of a schema: its name and type. */
export interface SchemaField {
  name: string
  type: string
}

interface Reading {
  type: Type
  resolver: ReturnType<Type['createResolver']> | undefined
}

/** Fields as avsc has them. */
export type Fields = Readonly<Record<string, unknown>>

/** The schemas of the checkpoint topic: those released with us, and those that others left in the log. */
export class RecordSchemas {
  readonly #writings: Readonly<Record<RecordKind, Writing>>
  readonly #readings = new Map<string, Reading>()

  constructor() {
    const writings = recordKinds.map((kind): [RecordKind, Writing] => {
      const versions = readReleased(`checkpoint/${fileOf[kind]}`)
      const current = newest(versions)
      for (const { fingerprint, type } of versions) this.#readings.set(fingerprint, reading(type, current.type))
      return [kind, { type: current.type, header: headerOf(current) }]
    })
    this.#writings = Object.fromEntries(writings) as Record<RecordKind, Writing>
  }

  /** Those that we write with, by fingerprint. */
  get written(): { fingerprint: string; schema: string }[] {
    return Object.values(this.#writings).map(({ type, header }) =>
      ({ fingerprint: header.toString('hex', 2), schema: JSON.stringify(type.schema({ exportAttrs: true })) }))
  }

  writing(kind: RecordKind): Writing {
    return this.#writings[kind]
  }

  /** Takes note of a schema that somebody wrote with. Returns why it cannot be used, or null. */
  learn(fingerprint: string, text: string): string | null {
    if (this.#readings.has(fingerprint)) return null
    try {
      const schema = JSON.parse(text) as Schema
      const fault = schemaFault(schema)
      if (fault !== null) return fault
      const type = parseSchema(schema)
      if (fingerprintOf(type).toString('hex') !== fingerprint) return 'its fingerprint is another one'
      const kind = recordKinds.find(known => this.writing(known).type.name === type.name)
      if (kind !== undefined) this.#readings.set(fingerprint, reading(type, this.writing(kind).type))
      return null
    } catch (error) {
      return String(error)
    }
  }

  /** A value's fields as the newest schema has them, whichever it was written with. Throws for what is damaged or of no schema known. */
  decode(kind: RecordKind, value: Buffer): Fields {
    const fingerprint = isEnveloped(value) ? value.toString('hex', 2, HEADER_BYTES) : 'none'
    const known = this.#readings.get(fingerprint)
    if (known === undefined) throw new Error(`written with a schema that is not in the log: ${fingerprint}`)
    const { type } = this.writing(kind)
    if (known.type !== type) throw new RangeError(`no ${kind}: written with the schema of another record, ${fingerprint}`)
    const { value: fields, offset } = type.decode(value, HEADER_BYTES, known.resolver)
    if (offset !== value.length) throw new RangeError(`${kind}: damaged, ${value.length} bytes`)
    return fields as Fields
  }
}

/** Whether a value begins as the single-object encoding does. */
export function isEnveloped(value: Buffer): boolean {
  return value.length >= HEADER_BYTES && value.readUInt16BE(0) === MAGIC
}

function headerOf({ fingerprint }: Released): Buffer {
  return Buffer.concat([Buffer.from([MAGIC >>> 8, MAGIC & 0xff]), Buffer.from(fingerprint, 'hex')])
}

function reading(type: Type, into: Type): Reading {
  return { type: into, resolver: type === into ? undefined : into.createResolver(type) }
}

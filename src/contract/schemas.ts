import { readdirSync, readFileSync } from 'node:fs'
import avro, { type Schema, type Type } from 'avsc'
import type { EventKind } from './events.ts'
import { fingerprintOf } from './fingerprint.ts'

const folder = new URL('../../schemas/', import.meta.url)
const prefixes: Record<EventKind, string> = { registration: 'registration-event', lookup: 'lookup-event', agent: 'agent-report' }

/** One released file of `schemas/`. */
export interface Released {
  version: number
  type: Type
  /** CRC-64-AVRO, 16 hex digits as the bytes stand on the wire. */
  fingerprint: string
}
export interface ReleasedSchema extends Released {
  kind: EventKind
}

const known = new Map<EventKind, readonly ReleasedSchema[]>()

/** All released schemas of a kind, oldest first, read once. The last one is what we write and what we read into. */
export function releasedSchemas(kind: EventKind): readonly ReleasedSchema[] {
  const schemas = known.get(kind) ?? readReleased(prefixes[kind]).map(schema => ({ kind, ...schema }))
  known.set(kind, schemas)
  return schemas
}

/** Reads all released versions of a file, oldest first; `path` is its name without version, below `schemas/`. Throws if there is none. */
export function readReleased(path: string): Released[] {
  const directory = new URL(path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '', folder)
  const name = new RegExp(`^${path.slice(path.lastIndexOf('/') + 1)}\\.v(\\d+)\\.avsc$`)
  const found = readdirSync(directory)
    .flatMap(file => {
      const version = name.exec(file)?.[1]
      return version === undefined ? [] : [released(Number(version), readFileSync(new URL(file, directory), 'utf8'))]
    })
    .toSorted((a, b) => a.version - b.version)
  if (found.length === 0) throw new Error(`no schema ${path} in ${folder.pathname}: the package is incomplete, install it again`)
  return found
}

/** The newest released schema of a kind. */
export function currentSchema(kind: EventKind): ReleasedSchema {
  return newest(releasedSchemas(kind))
}

/** The symbols of each field of the newest schema that has an enum for its type. */
export function enumSymbols(kind: EventKind): ReadonlyMap<string, readonly string[]> {
  const { type } = currentSchema(kind)
  const fields = type instanceof avro.types.RecordType ? type.fields : []
  return new Map(fields.flatMap(field => (field.type instanceof avro.types.EnumType ? [[field.name, field.type.symbols] as const] : [])))
}

/** The last of several versions. */
export function newest<R extends Released>(schemas: readonly R[]): R {
  return schemas.reduce((last, schema) => (schema.version > last.version ? schema : last))
}

function released(version: number, text: string): Released {
  const type = parseSchema(JSON.parse(text) as Schema)
  return { version, type, fingerprint: fingerprintOf(type).toString('hex') }
}

/** Compiles a schema. Logical types stay their plain numbers: times are milliseconds since the epoch everywhere. */
export function parseSchema(schema: Schema): Type {
  return avro.Type.forSchema(schema)
}

const leaves: ReadonlySet<unknown> = new Set([
  'null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string', 'enum', 'fixed',
])

/** Types, fields, symbols and aliases of a writer's schema, and records among them; ours have about 30, and one. They bound how long avsc compiles it. */
export const MAX_SCHEMA_PARTS = 256
export const MAX_SCHEMA_RECORDS = 16

/**
 * Why a writer's schema must not be decoded with, or null; any JSON may be given. Refused are too many parts, and two things that avsc 5.7.9
 * does not survive. Collections: a block count in hostile bytes aborts the process (six bytes are enough). Records named a second time:
 * recursion has no bound, and without it thirty records that each name the one before twice take 2^30 steps to skip.
 */
export function schemaFault(schema: unknown): string | null {
  const records = new Set<string>()
  const names: string[] = []
  const open: unknown[] = [schema]
  let [parts, recordsLeft] = [1, MAX_SCHEMA_RECORDS]
  // An own stack, since JSON may be nested deeper than the engine's allows.
  while (open.length > 0) {
    const part = open.pop()
    if (typeof part === 'string') {
      names.push(unqualified(part))
      continue
    }
    const { type, name, fields, symbols, aliases } = (part ?? {}) as Readonly<Record<string, unknown>>
    const members = listOf(fields) as readonly ({ type?: unknown; aliases?: unknown } | null)[]
    const lists = [part, fields, symbols, aliases, ...members.map(field => field?.aliases)]
    parts += lists.reduce<number>((sum, list) => sum + listOf(list).length, 0)
    if (parts > MAX_SCHEMA_PARTS) return `it has more than ${MAX_SCHEMA_PARTS} parts`
    for (const branch of listOf(part)) open.push(branch)
    if (Array.isArray(part) || leaves.has(type)) continue
    if (type === 'array' || type === 'map') return `it has a collection (${type})`
    if ((type !== 'record' && type !== 'error') || !Array.isArray(fields)) return 'not an Avro schema'
    if (recordsLeft-- === 0) return `it has more than ${MAX_SCHEMA_RECORDS} records`
    if (typeof name === 'string') records.add(unqualified(name))
    for (const field of members) open.push(field?.type)
  }
  const again = names.find(name => records.has(name))
  return again === undefined ? null : `it names the record ${again} a second time`
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Names are told apart by their last part alone: stricter than Avro's namespaces, and blind to none of their spellings. */
function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

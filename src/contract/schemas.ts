import { readdirSync, readFileSync } from 'node:fs'
import avro, { type Schema, type Type } from 'avsc'
import type { EventKind } from './events.ts'
import { fingerprintOf } from './fingerprint.ts'

const folder = new URL('../../schemas/', import.meta.url)
const prefixes: Record<EventKind, string> = { registration: 'registration-event', lookup: 'lookup-event', agent: 'agent-report' }

/** One released file of `schemas/`. */
export interface ReleasedSchema {
  kind: EventKind
  version: number
  type: Type
  /** CRC-64-AVRO, 16 hex digits as the bytes stand on the wire. */
  fingerprint: string
}

/** All released schemas of a kind, oldest first. The last one is what we write and what we read into. */
export function releasedSchemas(kind: EventKind): ReleasedSchema[] {
  const name = new RegExp(`^${prefixes[kind]}\\.v(\\d+)\\.avsc$`)
  return readdirSync(folder)
    .flatMap(file => {
      const version = name.exec(file)?.[1]
      return version === undefined ? [] : [released(kind, Number(version), readFileSync(new URL(file, folder), 'utf8'))]
    })
    .toSorted((a, b) => a.version - b.version)
}

/** The newest released schema of a kind. */
export function currentSchema(kind: EventKind): ReleasedSchema {
  const newest = releasedSchemas(kind).at(-1)
  if (newest === undefined) throw new Error(`no schema of kind ${kind} in ${folder.pathname}: the package is incomplete, install it again`)
  return newest
}

function released(kind: EventKind, version: number, text: string): ReleasedSchema {
  const type = parseSchema(JSON.parse(text) as Schema)
  return { kind, version, type, fingerprint: fingerprintOf(type).toString('hex') }
}

/** Compiles a schema. Logical types stay their plain numbers: times are milliseconds since the epoch everywhere. */
export function parseSchema(schema: Schema): Type {
  return avro.Type.forSchema(schema)
}

/**
 * Why a writer's schema must not be decoded with, or null. A block count in hostile bytes makes avsc 5.7.9 abort the process on any
 * collection (six bytes are enough), and recursion has no bound either.
 */
export function schemaFault(schema: unknown, enclosing: readonly string[] = []): string | null {
  if (Array.isArray(schema)) return firstFault(schema.map(branch => schemaFault(branch, enclosing)))
  if (typeof schema === 'string') return enclosing.includes(schema) ? `${schema} contains itself` : null
  if (typeof schema !== 'object' || schema === null) return 'not an Avro schema'
  const { type, fields, name } = schema as { type?: unknown; fields?: unknown; name?: unknown }
  if (type === 'array' || type === 'map') return `it has a collection (${type})`
  if (!Array.isArray(fields)) return typeof type === 'object' ? schemaFault(type, enclosing) : null
  const names = typeof name === 'string' ? [...enclosing, name, name.split('.').at(-1) ?? name] : enclosing
  return firstFault(fields.map(field => schemaFault((field as { type?: unknown }).type, names)))
}

function firstFault(faults: readonly (string | null)[]): string | null {
  return faults.find(fault => fault !== null) ?? null
}

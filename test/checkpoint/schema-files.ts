import { readdirSync, readFileSync } from 'node:fs'
import type { RecordSchema } from '../contract/wire.ts'

const folder = new URL('../../schemas/checkpoint/', import.meta.url)

/** Every released schema of the checkpoint topic: `edge.v1.avsc`. */
export const schemaFiles: readonly string[] = readdirSync(folder)

/** A copy of a schema, for a test to change. */
export function checkpointSchema(file: string): RecordSchema {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as RecordSchema
}

/** Files by the record that they are versions of. */
export function versionsOf(files: readonly string[] = schemaFiles): Map<string, string[]> {
  const versions = new Map<string, string[]>()
  for (const file of files) {
    const [record = ''] = file.split('.v')
    versions.set(record, [...versions.get(record) ?? [], file])
  }
  return versions
}

/** The newest schema of a kind's cells: of `lookupError` that of `lookup-error`. */
export function newestSchema(kind: string): RecordSchema {
  const files = versionsOf().get(kind.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)) ?? []
  return checkpointSchema(files.toSorted().at(-1) ?? '')
}

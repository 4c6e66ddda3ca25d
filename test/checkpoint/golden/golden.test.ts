import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CheckpointCodec } from '../../../src/checkpoint/codec.ts'
import { fingerprintOf } from '../../../src/contract/fingerprint.ts'
import { parseSchema } from '../../../src/contract/schemas.ts'
import type { Schema } from 'avsc'
import { checkpointSchema, schemaFiles } from '../schema-files.ts'
import { readGolden, type Golden } from './samples.ts'
import { headOf } from '../heads.ts'

const goldenOf = (schema: string) => new URL(schema.replace('.avsc', '.json'), import.meta.url)

/** Closed lists grow at their ends: what a release counted none of, since it did not know it, is zero. */
function asLongAs(said: object, read: object): object {
  const lengths = new Map(Object.entries(said).map(([name, value]) => [name, Array.isArray(value) ? value.length : Infinity]))
  return Object.fromEntries(Object.entries(read).map(([name, value]) => [name, shortened(value, lengths.get(name))]))
}

function shortened(value: unknown, length = Infinity): unknown {
  return Array.isArray(value) && value.slice(length).every(count => count === 0) ? value.slice(0, length) : value
}

describe('what a release has written', () => {
  it('is kept for every schema of the checkpoint topic, and for nothing else (if one is missing: node test/checkpoint/golden/write.ts)', () => {
    const kept = readdirSync(new URL('.', import.meta.url)).filter(file => file.endsWith('.json'))
    expect(kept.toSorted()).toEqual(schemaFiles.map(file => file.replace('.avsc', '.json')).toSorted())
  })

  it.each(schemaFiles.filter(file => existsSync(goldenOf(file))))('by %s is read by us to what it said', file => {
    const golden = JSON.parse(readFileSync(goldenOf(file), 'utf8')) as Golden
    const [record = ''] = file.split('.v')
    const read = asLongAs(golden.says as object, readGolden(new CheckpointCodec(), record, golden) as object)
    expect(read).toMatchObject(golden.says as object) // newer fields have their defaults
    const fingerprint = fingerprintOf(parseSchema(checkpointSchema(file) as Schema)).toString('hex')
    expect(golden.value.slice(0, 20)).toBe(`c301${fingerprint}`)
    const { epoch, asOf, expiresAt } = headOf(Buffer.from(golden.value, 'hex'))
    expect(golden.says).toMatchObject(record === 'claim' ? {} : { asOf, expiresAt })
    expect(epoch).toBe({ claim: 0, progress: 5_000_000_000 }[record] ?? 77)
  })
})

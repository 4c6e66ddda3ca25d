import type { Schema } from 'avsc'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckpointCodec, type Claim, type Progress } from '../../src/checkpoint/codec.ts'
import { fingerprintOf } from '../../src/contract/fingerprint.ts'
import { parseSchema, schemaFault } from '../../src/contract/schemas.ts'
import { blankCell, cellKinds } from '../../src/core/blank-cells.ts'
import type { AnyCell } from '../../src/core/cells.ts'
import { LARGEST_LONG } from '../contract/arbitrary-events.ts'
import { readingFault } from '../contract/reading-fault.ts'
import type { RecordSchema } from '../contract/wire.ts'
import { anyCell, anyCells } from './arbitrary-cells.ts'
import { packed, recordOf } from './cell-fields.ts'
import { checkpointSchema, newestSchema, schemaFiles, versionsOf } from './schema-files.ts'
import { asRead } from './written.ts'
import { headOf } from './heads.ts'

const codec = new CheckpointCodec()
const offset = fc.oneof(fc.nat(), fc.nat({ max: LARGEST_LONG }))

const progress: Progress = {
  epoch: 5, asOf: 9, expiresAt: 0, topicId: '0c4d', streamTime: 1_700_000_000_000, atEnd: 12, lastOffset: 8, lastAppendTime: 7, lastHash: 'ab',
  policy: 'fe', policySince: 6, digests: { edge: '0123456789abcdef', lookups: '00' },
}
const claim: Claim = { owner: 'host "1"', nonce: 'n', claimedAt: 5, purpose: 'repair', holdMillis: 30_000 }

/** A value as a version of ours would write it by a schema. */
function writtenBy(schema: RecordSchema, fields: object): { value: Buffer; fingerprint: string; text: string } {
  const type = parseSchema(structuredClone(schema) as Schema)
  const fingerprint = fingerprintOf(type).toString('hex')
  return { value: Buffer.concat([Buffer.from(`c301${fingerprint}`, 'hex'), type.toBuffer(fields)]), fingerprint, text: JSON.stringify(schema) }
}

/** The schema with another field at its end. */
function withField(file: string): RecordSchema {
  const schema = checkpointSchema(file)
  schema.fields.push({ name: 'traces', type: 'long', default: 0 })
  return schema
}

describe.each(schemaFiles)('the schema %s', file => {
  const schema = checkpointSchema(file)

  it('begins with epoch, asOf and expiresAt, so that every value tells them whatever else its version has', () => {
    expect(schema.fields.slice(0, 3).map(({ name }) => name)).toEqual(['epoch', 'asOf', 'expiresAt'])
    const type = parseSchema(structuredClone(schema) as Schema)
    fc.assert(fc.property(offset, offset, offset, (epoch, asOf, expiresAt) => {
      const { value } = writtenBy(schema, { ...type.random() as unknown as object, epoch, asOf, expiresAt })
      expect(headOf(value)).toEqual({ epoch, asOf, expiresAt })
    }), { numRuns: 20 })
  })

  it('has a default for every field and no collection: it may be extended, and hostile bytes cannot harm by it', () => {
    expect(schema.fields.filter(field => !('default' in field))).toEqual([])
    expect([schemaFault(schema), schema.namespace]).toEqual([null, 'discovery.checkpoint.v1'])
  })

  it('is read by us as it is, once it is in the log or was released with us', () => {
    const { fingerprint, text } = writtenBy(schema, parseSchema(structuredClone(schema) as Schema).random())
    expect(codec.learn(fingerprint, text)).toBe(null)
  })
})

const compiled = (schema: RecordSchema) => parseSchema(structuredClone(schema) as Schema)

describe('all versions of a record', () => {
  const pairs = [...versionsOf().values()].flatMap(files => files.flatMap(writer => files.map(reader => ({ writer, reader }))))

  it.each(pairs)('are readable by each other: $writer by $reader', ({ writer, reader }) => {
    expect(readingFault(compiled(checkpointSchema(writer)), compiled(checkpointSchema(reader)))).toBe(null)
  })

  it.each(schemaFiles)('would be, if one after %s had another field', file => {
    const [now, next] = [compiled(checkpointSchema(file)), compiled(withField(file))]
    expect([readingFault(now, next), readingFault(next, now)]).toEqual([null, null])
  })

  it('would not be, if one had a field of another type, or under another name', () => {
    const retyped = checkpointSchema('version.v1.avsc')
    for (const field of retyped.fields) if (field.name === 'instances') Object.assign(field, { type: 'string', default: '' })
    const now = compiled(checkpointSchema('version.v1.avsc'))
    expect(readingFault(now, compiled(retyped))).not.toBe(null)
    expect(readingFault(now, compiled({ ...withField('version.v1.avsc'), name: 'VersionTwo' }))).not.toBe(null)
  })

  it('are those that are written with: the newest of each', () => {
    const newest = Array.from(versionsOf().values(), files => files.toSorted().at(-1) ?? '')
    expect(codec.writtenSchemas.map(({ fingerprint }) => fingerprint).toSorted())
      .toEqual(newest.map(file => fingerprintOf(compiled(checkpointSchema(file))).toString('hex')).toSorted())
  })
})

describe.each(cellKinds)('a cell of kind %s', kind => {
  const schema = newestSchema(kind)

  it('is written byte for byte as avsc writes its fields by the schema, and read from what avsc writes', () => {
    fc.assert(fc.property(anyCell(kind), offset, (cell, epoch) => {
      const { value } = writtenBy(schema, recordOf(cell, epoch))
      expect(codec.encodeCell(cell, epoch)).toEqual(value)
      expect(asRead(codec.decodeCell(kind, cell.key, value))).toEqual(asRead(cell))
    }), { numRuns: 60 })
  })

  it('of a newer version is read as one of ours, but for what we do not know', () => {
    const reader = new CheckpointCodec()
    const next = newestSchema(kind)
    next.fields.splice(5, 0, { name: 'traces', type: 'long', default: 0 })
    fc.assert(fc.property(anyCell(kind), offset, (cell, epoch) => {
      const { value, fingerprint, text } = writtenBy(next, { ...recordOf(cell, epoch), traces: 9 })
      expect(reader.learn(fingerprint, text)).toBe(null)
      expect(asRead(reader.decodeCell(kind, cell.key, value))).toEqual(asRead(cell))
    }), { numRuns: 20 })
  })
})

describe('what a newer version wrote', () => {
  const version = Object.assign(blankCell('version', ['shop', 'cart', '1']), { asOf: 7, instances: 3, firstSeen: 1, lastSeen: 2 })
  const fields = { epoch: 4, asOf: 7, expiresAt: 0, instances: 3, firstSeen: 1, lastSeen: 2, traces: 9 }

  it('is not read before its schema has been, though its head is; and then is, without what we do not know', () => {
    const reader = new CheckpointCodec()
    const { value, fingerprint, text } = writtenBy(withField('version.v1.avsc'), fields)
    expect(headOf(value)).toEqual({ epoch: 4, asOf: 7, expiresAt: 0 })
    expect(() => reader.decodeCell('version', version.key, value)).toThrow(`a schema that is not in the log: ${fingerprint}`)
    expect(reader.learn(fingerprint, text)).toBe(null)
    expect(asRead(reader.decodeCell('version', version.key, value))).toEqual(asRead(version))
  })

  it('may count what we have no name for, at the end of a list: it is kept, and written again', () => {
    const cell = blankCell('lookups', ['shop', 'cart'])
    const { value } = writtenBy(checkpointSchema('lookups.v1.avsc'), {
      epoch: 0, asOf: 0, expiresAt: 0, outcomes: packed([1, 2, 3, 4, 5]), cacheResults: packed([]), hitDuration: packed([]), otherDuration: packed([]),
      instances: packed([]),
    })
    const read = codec.decodeCell('lookups', cell.key, value)
    expect(read.outcomes).toEqual([1, 2, 3, 4, 5])
    expect(codec.decodeCell('lookups', cell.key, codec.encodeCell(read, 0)).outcomes).toEqual([1, 2, 3, 4, 5])
  })

  it('of a record that we do not know does no harm', () => {
    const { fingerprint, text } = writtenBy({ ...withField('version.v1.avsc'), name: 'Budget' }, fields)
    expect(new CheckpointCodec().learn(fingerprint, text)).toBe(null)
  })

  it('comes with its schemas: what we write, another reader learns from what we leave in the log', () => {
    const reader = new CheckpointCodec()
    for (const { fingerprint, schema } of codec.writtenSchemas) expect(reader.learn(fingerprint, schema)).toBe(null)
    for (const { schema } of codec.writtenSchemas) expect(schemaFault(JSON.parse(schema))).toBe(null)
  })
})

describe('a schema from the log is not used', () => {
  const { fingerprint } = writtenBy(withField('version.v1.avsc'), { epoch: 0, asOf: 0, expiresAt: 0, instances: 0, firstSeen: 0, lastSeen: 0, traces: 0 })
  const withArray = checkpointSchema('version.v1.avsc')
  withArray.fields.push({ name: 'tags', type: { type: 'array', items: 'string' }, default: [] })

  it.each([
    ['that has a collection', JSON.stringify(withArray), 'it has a collection (array)'],
    ['that is another one than its fingerprint says', JSON.stringify(checkpointSchema('version.v1.avsc')), 'its fingerprint is another one'],
    ['that is no JSON', '{', /JSON/],
    ['that is no schema', '{"type":"colour"}', /not an Avro schema/],
    ['that we cannot read into ours', JSON.stringify({ ...checkpointSchema('version.v1.avsc'), fields: [] }), /fingerprint/],
  ])('%s', (_, text, reason) => {
    const reader = new CheckpointCodec()
    expect(reader.learn(fingerprint, text)).toMatch(reason)
  })
})

describe('progress and claims', () => {
  it('come back as they were written', () => {
    expect(codec.decodeProgress(codec.encodeProgress(progress))).toEqual(progress)
    expect(codec.decodeClaim(codec.encodeClaim(claim))).toEqual(claim)
    expect(headOf(codec.encodeProgress(progress))).toEqual({ epoch: 5, asOf: 9, expiresAt: 0 })
  })

  it('of no digests have none', () => {
    expect(codec.decodeProgress(codec.encodeProgress({ ...progress, digests: {} })).digests).toEqual({})
  })
})

const damage = fc.array(fc.record({ at: fc.nat(), cut: fc.nat({ max: 3 }), insert: fc.uint8Array({ maxLength: 12 }) }), { minLength: 1, maxLength: 4 })

function damaged(value: Buffer, damages: readonly { at: number; cut: number; insert: Uint8Array }[], from = 10): Buffer {
  return damages.reduce<Buffer>((bytes, { at, cut, insert }) => {
    const place = from + at % Math.max(1, bytes.length - from)
    return Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + cut)])
  }, value)
}

/** What reading gives: a value or an error, and nothing else. */
function outcomeOf(read: () => object): string {
  try {
    return typeof read()
  } catch (error) {
    return error instanceof Error ? 'an error' : 'something thrown that is none'
  }
}
const outcomes = ['object', 'an error']

const readers = (key: string): ((value: Buffer) => object)[] => [
  ...cellKinds.map(kind => (value: Buffer) => codec.decodeCell(kind, key, value)),
  value => codec.decodeProgress(value), value => codec.decodeClaim(value), value => headOf(value),
]

describe('whatever the bytes, a reader gives a value or an error', () => {
  it('for random bytes, with and without a true header', () => {
    const headers = [Buffer.alloc(0), ...codec.writtenSchemas.map(({ fingerprint }) => Buffer.from(`c301${fingerprint}`, 'hex'))]
    fc.assert(fc.property(fc.constantFrom(...headers), fc.uint8Array({ maxLength: 300 }), (header, body) => {
      for (const read of readers('1.1 ab')) expect(outcomes).toContain(outcomeOf(() => read(Buffer.concat([header, body]))))
    }), { numRuns: 500 })
  })

  it.each(cellKinds)('for true cells that were damaged: %s', kind => {
    fc.assert(fc.property(anyCell(kind), damage, (cell, damages) => {
      expect(outcomes).toContain(outcomeOf(() => codec.decodeCell(kind, cell.key, damaged(codec.encodeCell(cell, 3), damages))))
    }), { numRuns: 60 })
  })

  it('for a true cell read as one of another kind, or under what is no key', () => {
    fc.assert(fc.property(anyCells, fc.constantFrom(...cellKinds), fc.string(), (cell: AnyCell, kind, key) => {
      const value = codec.encodeCell(cell, 1)
      expect(outcomes).toContain(outcomeOf(() => codec.decodeCell(kind, cell.key, value)))
      expect(outcomeOf(() => codec.decodeCell(cell.kind, `x${key}`, value))).toBe('an error')
    }), { numRuns: 100 })
  })

  it('for progress and claims that were damaged', () => {
    fc.assert(fc.property(damage, fc.boolean(), (damages, isClaim) => {
      const value = damaged(isClaim ? codec.encodeClaim(claim) : codec.encodeProgress(progress), damages)
      expect(outcomes).toContain(outcomeOf(() => (isClaim ? codec.decodeClaim(value) : codec.decodeProgress(value))))
    }), { numRuns: 500 })
  })

  it('and always an error for a value that ends too soon or goes on too long', () => {
    fc.assert(fc.property(anyCells, fc.nat(), (cell, cut) => {
      const value = codec.encodeCell(cell, 3)
      expect(outcomeOf(() => codec.decodeCell(cell.kind, cell.key, value.subarray(0, cut % value.length)))).toBe('an error')
      expect(outcomeOf(() => codec.decodeCell(cell.kind, cell.key, Buffer.concat([value, Buffer.from([0])])))).toBe('an error')
    }), { numRuns: 100 })
  })
})

import type { Schema, Type } from 'avsc'
import { fingerprintOf } from '../contract/fingerprint.ts'
import { newest, parseSchema, readReleased, schemaFault, type Released } from '../contract/schemas.ts'
import { cellKinds } from '../core/blank-cells.ts'
import type { AnyCell, CellKind, CellOf } from '../core/cells.ts'
import { cellFields, cellFrom, type Fields } from './cell-formats.ts'
import { LongReader } from './packed.ts'

const MAGIC = 0xc301
/** Avro's single-object encoding: two bytes of magic, eight of fingerprint. */
const HEADER_BYTES = 10

/** What every value begins with, in whatever version it was written. */
export interface Head {
  /** Offset of the claim under which it was written. */
  epoch: number
  /** One after the offset of the last input record folded in; of progress: the next input offset. */
  asOf: number
  /** Milliseconds since the epoch; 0: never. */
  expiresAt: number
}

/** How far the fold of a partition has come; `asOf` is the next input offset. */
export interface Progress extends Head {
  streamTime: number
  /** When the owner last stood at the partition's end. */
  atEnd: number
  /** The last record folded: its offset (-1: none), append time, and the hash of its value. */
  lastOffset: number
  lastAppendTime: number
  lastHash: string
  /** Kafka's id of the input topic; empty: not known. */
  topicId: string
  /** Digest of all live cells, by kind. */
  digests: Readonly<Record<string, string>>
}

/** Somebody takes over a partition; the claim's own offset is the epoch of all that he writes from then on. */
export interface Claim {
  /** For people: client id, host and process. */
  owner: string
  /** Different for each claim. */
  nonce: string
  claimedAt: number
  purpose: 'serve' | 'repair'
  /** How long the owner that was should wait before it claims again, in milliseconds. */
  holdMillis: number
}

const fileOf: Record<CellKind | 'progress' | 'claim', string> = {
  lookups: 'lookups', lookupError: 'lookup-error', edge: 'edge', registrations: 'registrations', registrationError: 'registration-error',
  instance: 'instance', version: 'version', agent: 'agent', accounts: 'accounts', arrivals: 'arrivals', progress: 'progress',
  claim: 'claim',
}
type RecordKind = keyof typeof fileOf
const recordKinds = Object.keys(fileOf) as readonly RecordKind[]

interface Reading {
  type: Type
  resolver: ReturnType<Type['createResolver']> | undefined
}

/**
 * Writes and reads the values of the checkpoint topic, in Avro's single-object encoding. What a version of ours wrote that is not known
 * here is read by the schema that it left in the log itself (`learn`): so a rollback reads what the newer version wrote.
 */
export class CheckpointCodec {
  readonly #writers = new Map<RecordKind, { type: Type; header: Buffer }>()
  readonly #readers = new Map<string, Reading>()

  constructor() {
    for (const kind of recordKinds) {
      const versions = readReleased(`checkpoint/${fileOf[kind]}`)
      const current = newest(versions)
      this.#writers.set(kind, { type: current.type, header: headerOf(current) })
      for (const { fingerprint, type } of versions) this.#readers.set(fingerprint, reading(type, current.type))
    }
  }

  /** The schemas that we write with, by fingerprint. */
  get writtenSchemas(): { fingerprint: string; schema: string }[] {
    return Array.from(this.#writers.values(), ({ type, header }) =>
      ({ fingerprint: header.toString('hex', 2), schema: JSON.stringify(type.schema({ exportAttrs: true })) }))
  }

  /** Takes note of a schema that somebody wrote with. Returns why it cannot be used, or null. */
  learn(fingerprint: string, text: string): string | null {
    if (this.#readers.has(fingerprint)) return null
    try {
      const schema = JSON.parse(text) as Schema
      const fault = schemaFault(schema)
      if (fault !== null) return fault
      const type = parseSchema(schema)
      if (fingerprintOf(type).toString('hex') !== fingerprint) return 'its fingerprint is another one'
      const kind = recordKinds.find(known => this.#writer(known).type.name === type.name)
      if (kind !== undefined) this.#readers.set(fingerprint, reading(type, this.#writer(kind).type))
      return null
    } catch (error) {
      return String(error)
    }
  }

  encodeCell(cell: AnyCell, epoch: number): Buffer {
    return this.#encode(cell.kind, { epoch, asOf: cell.asOf, expiresAt: cell.expiresAt, ...cellFields(cell) })
  }

  /** Throws a RangeError or an Error for what is damaged, or of a schema that nobody has left. */
  decodeCell<K extends CellKind>(kind: K, key: string, value: Buffer): CellOf[K] {
    const fields = this.#decode(kind, value)
    const cell = cellFrom(kind, key, fields)
    cell.asOf = Number(fields.asOf)
    cell.expiresAt = Number(fields.expiresAt)
    return cell
  }

  encodeProgress({ digests, ...progress }: Progress): Buffer {
    const lines = Object.entries(digests).map(([kind, digest]) => `${kind} ${digest}`)
    return this.#encode('progress', { ...progress, digests: lines.join('\n') })
  }

  decodeProgress(value: Buffer): Progress {
    const { digests, ...progress } = this.#decode('progress', value) as unknown as Omit<Progress, 'digests'> & { digests: string }
    const lines = digests.split('\n').filter(line => line !== '')
    return { ...progress, digests: Object.fromEntries(lines.map(line => line.split(' '))) as Record<string, string> }
  }

  encodeClaim(claim: Claim): Buffer {
    return this.#encode('claim', { epoch: 0, asOf: 0, expiresAt: 0, ...claim })
  }

  decodeClaim(value: Buffer): Claim {
    const { owner, nonce, claimedAt, purpose, holdMillis } = this.#decode('claim', value) as unknown as Claim
    return { owner, nonce, claimedAt, purpose: purpose === 'repair' ? 'repair' : 'serve', holdMillis }
  }

  #encode(kind: RecordKind, fields: Fields): Buffer {
    const { type, header } = this.#writer(kind)
    return Buffer.concat([header, type.toBuffer(fields)])
  }

  #decode(kind: RecordKind, value: Buffer): Fields {
    const fingerprint = value.length >= HEADER_BYTES && value.readUInt16BE(0) === MAGIC ? value.toString('hex', 2, HEADER_BYTES) : 'none'
    const known = this.#readers.get(fingerprint)
    if (known === undefined) throw new Error(`written with a schema that is not in the log: ${fingerprint}`)
    const { value: fields, offset } = this.#writer(kind).type.decode(value, HEADER_BYTES, known.resolver)
    if (offset !== value.length) throw new RangeError(`${kind}: damaged, ${value.length} bytes`)
    return fields as Fields
  }

  #writer(kind: RecordKind): { type: Type; header: Buffer } {
    const writer = this.#writers.get(kind)
    if (writer === undefined) throw new Error(`no schema for ${kind}`)
    return writer
  }
}

/** The head of a value, whatever version wrote it. Throws a RangeError for what is none. */
export function readHead(value: Buffer): Head {
  if (value.length < HEADER_BYTES || value.readUInt16BE(0) !== MAGIC) throw new RangeError('not in single-object encoding')
  const longs = new LongReader(value, HEADER_BYTES)
  return { epoch: longs.next(), asOf: longs.next(), expiresAt: longs.next() }
}

const kinds: ReadonlySet<string> = new Set(cellKinds)

export function isCellKind(kind: string): kind is CellKind {
  return kinds.has(kind)
}

function headerOf({ fingerprint }: Released): Buffer {
  return Buffer.concat([Buffer.from([0xc3, 0x01]), Buffer.from(fingerprint, 'hex')])
}

function reading(type: Type, into: Type): Reading {
  return { type: into, resolver: type === into ? undefined : into.createResolver(type) }
}

import type { Type, types } from 'avsc'
import { AvroReader } from '../contract/avro-reader.ts'
import { AvroWriter } from '../contract/avro-writer.ts'
import { cellAt, cellKinds } from '../core/blank-cells.ts'
import type { AnyCell, CellKind, CellOf } from '../core/cells.ts'
import { cellFormats, type CellFormat } from './cell-formats.ts'
import { HEADER_BYTES, RecordSchemas, type Fields, type SchemaField } from './record-schemas.ts'

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
  /** Fingerprint of the policy by which it is folded, and the offset from which on it has been; empty: from before there were any. */
  policy: string
  policySince: number
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

/** How many fields a {@link Head} has. */
const HEAD_FIELDS = 3

/**
 * Writes and reads the values of the checkpoint topic, in Avro's single-object encoding. What a version of ours wrote that is not known
 * here is read by the schema that it left in the log itself (`learn`): so a rollback reads what the newer version wrote.
 */
export class CheckpointCodec {
  readonly #schemas = new RecordSchemas()
  readonly #out = new AvroWriter()

  /** Throws where a schema has other fields than those that are written. */
  constructor() {
    for (const kind of cellKinds) {
      const fields = fieldsBehindHead(this.#schemas.writing(kind).type).map(({ name }) => name).join(' ')
      if (fields !== cellFormats[kind].fields) throw new Error(`the schema of ${kind} has the fields ${fields}: see cell-formats.ts`)
    }
  }

  /** The schemas that we write with, by fingerprint. */
  get writtenSchemas(): { fingerprint: string; schema: string }[] {
    return this.#schemas.written
  }

  /** Takes note of a schema that somebody wrote with. Returns why it cannot be used, or null. */
  learn(fingerprint: string, text: string): string | null {
    return this.#schemas.learn(fingerprint, text)
  }

  /** Byte for byte what avsc makes of the same fields, in a tenth of its time. Keep it no longer than it takes to send it. */
  encodeCell(cell: AnyCell, epoch: number): Buffer {
    const out = this.#out
    out.begin()
    out.raw(this.#schemas.writing(cell.kind).header)
    out.long(epoch)
    out.long(cell.asOf)
    out.long(cell.expiresAt)
    const { write } = cellFormats[cell.kind] as CellFormat<CellKind>
    write(out, cell)
    return out.take()
  }

  /** Throws a RangeError or an Error for what is damaged, or of a schema that nobody has left. */
  decodeCell<K extends CellKind>(kind: K, key: string, value: Buffer): CellOf[K] {
    const from = this.#readerOf(kind, value)
    from.long() // its epoch
    const asOf = from.long()
    const expiresAt = from.long()
    const { read }: CellFormat<K> = cellFormats[kind]
    const cell = cellAt(kind, key, read(from))
    if (!from.isAtEnd) throw new RangeError(`${kind}: damaged, ${value.length} bytes`)
    cell.asOf = asOf
    cell.expiresAt = expiresAt
    cell.takenBytes = value.length
    return cell
  }

  /** What values of a kind begin with that are written as we write them, and the fields behind their head. */
  layoutOf(kind: CellKind): { header: Buffer; fields: SchemaField[] } {
    const { header, type } = this.#schemas.writing(kind)
    return { header, fields: fieldsBehindHead(type) }
  }

  /** When something happens to an instance or an agent by itself, in milliseconds since the epoch; 0: never. Throws as `decodeCell` does. */
  deadlineIn(kind: 'instance' | 'agent', value: Buffer): number {
    return cellFormats[kind].readDeadline?.(this.fieldsIn(kind, value)) ?? 0
  }

  /** What is behind the head of a value, as the newest schema has it. Throws as `decodeCell` does. */
  fieldsIn(kind: CellKind, value: Buffer): AvroReader {
    const from = this.#readerOf(kind, value)
    for (let field = 0; field < HEAD_FIELDS; field++) from.long()
    return from
  }

  encodeProgress({ digests, ...progress }: Progress): Buffer {
    const lines = Object.entries(digests).map(([kind, digest]) => `${kind} ${digest}`)
    return this.#encode('progress', { ...progress, digests: lines.join('\n') })
  }

  decodeProgress(value: Buffer): Progress {
    const { digests, ...progress } = this.#schemas.decode('progress', value) as unknown as Omit<Progress, 'digests'> & { digests: string }
    const lines = digests.split('\n').filter(line => line !== '')
    return { ...progress, digests: Object.fromEntries(lines.map(line => line.split(' '))) as Record<string, string> }
  }

  encodeClaim(claim: Claim): Buffer {
    return this.#encode('claim', { epoch: 0, asOf: 0, expiresAt: 0, ...claim })
  }

  decodeClaim(value: Buffer): Claim {
    const { owner, nonce, claimedAt, purpose, holdMillis } = this.#schemas.decode('claim', value) as unknown as Claim
    return { owner, nonce, claimedAt, purpose: purpose === 'repair' ? 'repair' : 'serve', holdMillis }
  }

  /** Of the value as the newest schema has it. */
  #readerOf(kind: CellKind, value: Buffer): AvroReader {
    const { header, type } = this.#schemas.writing(kind)
    return beginsWith(value, header) ? new AvroReader(value, HEADER_BYTES) : new AvroReader(type.toBuffer(this.#schemas.decode(kind, value)))
  }

  #encode(kind: 'progress' | 'claim', fields: Fields): Buffer {
    const { type, header } = this.#schemas.writing(kind)
    return Buffer.concat([header, type.toBuffer(fields)])
  }
}

const kinds: ReadonlySet<string> = new Set(cellKinds)

export function isCellKind(kind: string): kind is CellKind {
  return kinds.has(kind)
}

function fieldsBehindHead(type: Type): SchemaField[] {
  return (type as types.RecordType).fields.slice(HEAD_FIELDS).map(field => ({ name: field.name, type: field.type.typeName }))
}

function beginsWith(value: Buffer, header: Buffer): boolean {
  if (value.length < header.length) return false
  for (let at = header.length - 1; at >= 0; at--) if (value[at] !== header[at]) return false
  return true
}

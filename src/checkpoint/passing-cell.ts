import { AvroReader } from '../contract/avro-reader.ts'
import { blankCell, nameFields } from '../core/blank-cells.ts'
import type { CellKind, CellOf } from '../core/cells.ts'
import type { Histogram } from '../core/histogram.ts'
import { namesOf } from '../core/names.ts'
import type { CheckpointCodec } from './codec.ts'
import { HEADER_BYTES, type SchemaField } from './record-schemas.ts'

const HEAD_FIELDS = 3
/** What is read of fields that nothing is to be known of. */
const passers: Readonly<Record<string, (from: AvroReader) => void>> = {
  long: from => { from.long() }, boolean: from => { from.boolean() }, string: from => { from.skipBytes() }, bytes: from => { from.skipBytes() },
}

/**
 * One cell for all values of a kind, read one after the other: for pages, where each would be made only to be written. It has what a cell
 * counts, and its names; strings beside them, and what an edge was five minutes ago, are passed over.
 */
export class PassingCell<K extends CellKind> {
  readonly cell: CellOf[K]
  readonly #names: readonly string[]
  readonly #header: Buffer
  readonly #fields: readonly ((from: AvroReader) => void)[]
  readonly #from = new AvroReader(NOTHING)

  constructor(kind: K, codec: CheckpointCodec) {
    this.#names = nameFields[kind].map(String)
    this.cell = blankCell(kind, this.#names)
    const { header, fields } = codec.layoutOf(kind)
    this.#header = header
    this.#fields = fields.map(field => readerInto(this.cell, field))
  }

  /** Takes the names of a key. Throws a RangeError for a text that is no key. */
  setKey(key: string): CellOf[K] {
    const cell = this.cell as unknown as Record<string, unknown>
    const names = namesOf(key)
    cell['key'] = key
    for (let index = 0; index < names.length; index++) cell[this.#names[index] as string] = names[index]
    return this.cell
  }

  /** Takes what is counted in the value that is `bytes` from `start` to `end`. False for one of another version. Throws for a damaged one. */
  readonly read = (bytes: Buffer, start: number, end: number): boolean => {
    const header = this.#header
    for (let at = HEADER_BYTES - 1; at >= 0; at--) if (bytes[start + at] !== header[at]) return false
    const from = this.#from
    from.begin(bytes, start + HEADER_BYTES, end)
    for (let field = 0; field < HEAD_FIELDS; field++) from.long()
    for (const read of this.#fields) read(from)
    if (!from.isAtEnd) throw new RangeError(`damaged: ${end - start} bytes`)
    return true
  }
}

const NOTHING = Buffer.alloc(0)

/** What reads a field into the place of the same name: in the cell, or in an edge's totals. The place tells how. */
function readerInto(cell: object, { name, type }: SchemaField): (from: AvroReader) => void {
  const holder = ('totals' in cell && name in (cell.totals as object) ? cell.totals : cell) as Record<string, unknown>
  const held = holder[name]
  if (type === 'long' && typeof held === 'number') return from => { holder[name] = from.long() }
  if (type === 'bytes' && isTable(held)) return from => { from.tableInto(held) }
  if (type === 'bytes' && Array.isArray(held)) return from => { from.countsInto(held as number[]) }
  if (type === 'bytes' && isHistogram(held)) return from => { from.histogramInto(held) }
  const pass = passers[type]
  if (pass === undefined) throw new Error(`a field ${name} of type ${type} cannot be passed over`)
  return pass
}

function isHistogram(held: unknown): held is Histogram {
  return typeof held === 'object' && held !== null && 'counts' in held && 'sum' in held
}

function isTable(held: unknown): held is number[][] {
  return Array.isArray(held) && Array.isArray(held[0])
}

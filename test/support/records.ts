import type { KeyedRecord, RecordCursor, RecordHeaders, Records } from '../../src/checkpoint/log.ts'

type AnyRecord = Pick<KeyedRecord, 'offset' | 'appendTime' | 'value'> & Partial<KeyedRecord>

/** Records that were never in a batch, to be read as if they had been. */
export function recordsOf(some: readonly AnyRecord[]): Records {
  const all = some.map((record): KeyedRecord => ({ key: null, headers: [], ...record }))
  return { count: all.length, cursor: () => new ListCursor(all), [Symbol.iterator]: () => all[Symbol.iterator]() }
}

class ListCursor implements RecordCursor {
  offset = -1
  appendTime = 0
  bytes = Buffer.alloc(0)
  keyStart = -1
  keyEnd = -1
  valueStart = -1
  valueEnd = -1
  readonly #all: readonly KeyedRecord[]
  #next = 0

  constructor(all: readonly KeyedRecord[]) {
    this.#all = all
  }

  advance(): boolean {
    const record = this.#all[this.#next++]
    if (record === undefined) return false
    const { offset, appendTime, key, value } = record
    Object.assign(this, { offset, appendTime })
    this.bytes = Buffer.concat([key ?? Buffer.alloc(0), value ?? Buffer.alloc(0)])
    const keyLength = key?.length ?? 0
    this.keyStart = key === null ? -1 : 0
    this.keyEnd = key === null ? -1 : keyLength
    this.valueStart = value === null ? -1 : keyLength
    this.valueEnd = value === null ? -1 : this.bytes.length
    return true
  }

  headers(): RecordHeaders {
    return this.#all[this.#next - 1]?.headers ?? []
  }
}

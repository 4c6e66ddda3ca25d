import type { KeyedRecord, RecordCursor, Records } from '../../src/checkpoint/log.ts'
import type { RecordHeaders } from '../../src/contract/dead-letters.ts'

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
  headersStart = 0
  headersEnd = 0
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
    const named = record.headers.flatMap(([name, text]) => [Buffer.from(name), text ?? Buffer.alloc(0)])
    this.bytes = Buffer.concat([key ?? Buffer.alloc(0), value ?? Buffer.alloc(0), Buffer.from([named.length]), ...named])
    const keyLength = key?.length ?? 0
    this.keyStart = key === null ? -1 : 0
    this.keyEnd = key === null ? -1 : keyLength
    this.valueStart = value === null ? -1 : keyLength
    this.valueEnd = value === null ? -1 : keyLength + value.length
    this.headersStart = keyLength + (value?.length ?? 0)
    this.headersEnd = this.bytes.length
    return true
  }

  headers(): RecordHeaders {
    return this.#all[this.#next - 1]?.headers ?? []
  }
}

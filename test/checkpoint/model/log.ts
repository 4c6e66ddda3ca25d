import type { KeyedRecord, NewRecord } from '../../../src/checkpoint/log.ts'
import { CHECKPOINT_MIN_COMPACTION_LAG_MS } from '../../../src/contract/topics.ts'

/** As in the contract; the topic keeps tombstones far longer, so a shorter time is the harder one. Milliseconds. */
export const COMPACTION_LAG_MS = CHECKPOINT_MIN_COMPACTION_LAG_MS
const TOMBSTONE_RETENTION_MS = 300_000

interface Stored extends KeyedRecord {
  text: string
  batch: number
}

/** One partition of the checkpoint topic, in memory. Batches are appended whole; compaction leaves gaps in them. */
export class MemoryLog {
  #records: Stored[] = []
  #end = 0
  #batches = 0

  get end(): number {
    return this.#end
  }

  append(batch: readonly NewRecord[], now: number): void {
    this.#batches++
    for (const { key, value, headers = {} } of batch) {
      this.#records.push({
        offset: this.#end++, appendTime: now, key: Buffer.from(key), value: value === null ? null : Buffer.from(value), text: key,
        batch: this.#batches, headers: Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const),
      })
    }
  }

  /** At most so many batches from an offset on, whole as far as compaction has left them. */
  read(from: number, batches = Infinity): readonly KeyedRecord[] {
    let first = this.#records.findIndex(({ offset }) => offset >= from)
    if (first < 0) return []
    const begin = first
    for (let count = 0; count < batches && first < this.#records.length; count++) {
      const batch = this.#records[first]?.batch
      while (this.#records[first]?.batch === batch) first++
    }
    return this.#records.slice(begin, first)
  }

  /** What Kafka's log cleaner does with records older than the lag: the last one of each key stays, a tombstone for some time. */
  compact(now: number): void {
    const isCleanable = ({ appendTime }: Stored) => appendTime < now - COMPACTION_LAG_MS
    const last = new Map<string, number>()
    for (const record of this.#records) if (isCleanable(record)) last.set(record.text, record.offset)
    this.#records = this.#records.filter(record => !isCleanable(record) ||
      (last.get(record.text) === record.offset && !(record.value === null && record.appendTime < now - TOMBSTONE_RETENTION_MS)))
  }
}

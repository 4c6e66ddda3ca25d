import { ByteTable } from '../core/byte-table.ts'

/** What a record of the checkpoint topic is about. */
export interface CheckpointName {
  /** The input partition: `lookups-3`. */
  shard: string
  /** A kind of cell, `claim`, `progress` or `schema`. A newer version may write others. */
  kind: string
  /** The cell's key; of a schema its fingerprint; otherwise empty. */
  key: string
}

/** The record's key: `lookups-3 edge 7.4.7.3 defaultcartdefaultpay`. Its first words tell people and compaction which shard it is of. */
export function checkpointKey({ shard, kind, key }: CheckpointName): string {
  return key === '' ? `${shard} ${kind}` : `${shard} ${kind} ${key}`
}

const SPACE = 0x20
/** Shards and kinds that are found by their bytes; far more than there are. */
const MOST_PREFIXES = 4_096

/** Null for what is no key of ours. */
export function parseCheckpointKey(bytes: Buffer): CheckpointName | null {
  const reader = new KeyReader((shard, kind) => ({ shard, kind }))
  const found = reader.read(bytes, 0, bytes.length)
  return found === null ? null : { ...found, key: bytes.toString('utf8', reader.keyStart) }
}

interface Prefix<T> {
  bytes: Buffer
  place: T
}

/** Reads keys one after the other: finds what the shard and the kind in them stand for by their bytes, without making anything for each. */
export class KeyReader<T> {
  /** Where, in what was last read, the cell's key begins. */
  keyStart = 0
  readonly #placeOf: (shard: string, kind: string) => T
  /** By `lookups-3 edge `. */
  readonly #prefixes = new ByteTable<Prefix<T>>(MOST_PREFIXES)
  /** Of the bytes in which the last prefix was looked for. */
  #view: DataView = new DataView(new ArrayBuffer(0))
  /** Of the key before; most begin like it. */
  #last: Prefix<T> | null = null

  /** `placeOf`: what a shard and a kind stand for; asked when they are first met, and perhaps later again. */
  constructor(placeOf: (shard: string, kind: string) => T) {
    this.#placeOf = placeOf
  }

  /** What the key that is `bytes` from `start` to `end` begins with; null for what is no key of ours. */
  read(bytes: Buffer, start: number, end: number): T | null {
    if (this.#last === null || !beginsWith(this.#last.bytes, bytes, { start, end })) {
      const prefixEnd = endOfPrefix(bytes, start, end)
      if (prefixEnd < 0) return null
      this.#look(bytes)
      this.#last = this.#prefixes.find(this.#view, start, prefixEnd) ?? this.#meet(bytes, start, prefixEnd)
      this.keyStart = prefixEnd
    } else {
      this.keyStart = start + this.#last.bytes.length
    }
    return this.#last.place
  }

  #look(bytes: Buffer): void {
    const { buffer, byteOffset, length } = bytes
    const { buffer: seen, byteOffset: at, byteLength } = this.#view
    if (buffer !== seen || byteOffset !== at || length !== byteLength) this.#view = new DataView(buffer, byteOffset, length)
  }

  #meet(bytes: Buffer, start: number, end: number): Prefix<T> {
    const [shard = '', kind = ''] = bytes.toString('latin1', start, end).split(' ')
    const prefix = { bytes: Buffer.from(bytes.subarray(start, end)), place: this.#placeOf(shard, kind) }
    this.#prefixes.add(this.#view, { start, end }, prefix)
    return prefix
  }
}

/** Behind the second space, or the end; -1 where two words are not there. */
function endOfPrefix(bytes: Buffer, start: number, end: number): number {
  const afterShard = indexOfSpace(bytes, start, end)
  const afterKind = indexOfSpace(bytes, afterShard + 1, end)
  return afterShard === start || afterKind <= afterShard + 1 ? -1 : Math.min(end, afterKind + 1)
}

function indexOfSpace(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== SPACE) at++
  return at
}

/** Only for a prefix that ends with a space, or is all of the key: otherwise another kind may begin with the same letters. */
function beginsWith(prefix: Buffer, bytes: Buffer, { start, end }: { start: number; end: number }): boolean {
  const last = prefix.length - 1
  if (end - start !== prefix.length && (end - start < prefix.length || prefix[last] !== SPACE)) return false
  // Backwards: kinds differ more often than shards.
  for (let at = last; at >= 0; at--) if (bytes[start + at] !== prefix[at]) return false
  return true
}

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

/** Null for what is no key of ours. */
export function parseCheckpointKey(bytes: Buffer): CheckpointName | null {
  return new KeyReader().read(bytes)
}

/** Reads keys one after the other; records of one shard and kind mostly stand together, so what their keys begin with is read once. */
export class KeyReader {
  /** `lookups-3 edge `, of the key before. */
  #prefix = Buffer.alloc(0)
  #shard = ''
  #kind = ''

  /** Null for what is no key of ours. */
  read(bytes: Buffer): CheckpointName | null {
    if (!this.#beginsLikeTheLast(bytes)) {
      const afterShard = bytes.indexOf(SPACE)
      if (afterShard <= 0) return null
      const afterKind = bytes.indexOf(SPACE, afterShard + 1)
      const shard = bytes.toString('latin1', 0, afterShard)
      if (afterKind < 0) return { shard, kind: bytes.toString('latin1', afterShard + 1), key: '' }
      this.#prefix = Buffer.from(bytes.subarray(0, afterKind + 1))
      this.#shard = shard
      this.#kind = bytes.toString('latin1', afterShard + 1, afterKind)
    }
    return { shard: this.#shard, kind: this.#kind, key: bytes.toString('utf8', this.#prefix.length) }
  }

  #beginsLikeTheLast(bytes: Buffer): boolean {
    const { length } = this.#prefix
    if (length === 0 || bytes.length < length) return false
    // Backwards: kinds differ more often than shards.
    for (let at = length - 1; at >= 0; at--) if (bytes[at] !== this.#prefix[at]) return false
    return true
  }
}

import type { AbortedTransaction } from './record-batch.ts'

/** What a broker answers of one partition. */
export interface FetchedPartition {
  partition: number
  /** Kafka's error code; 0 for none. */
  errorCode: number
  /** High watermark, and how far committed data goes; -1 with an error. */
  high: number
  stable: number
  /** The earliest offset; -1 with an error. */
  low: number
  aborted: AbortedTransaction[]
  /** The raw record set: whole batches, and perhaps the beginning of one. A view into the answer. */
  records: Buffer
}

export interface FetchAnswer {
  errorCode: number
  /** Milliseconds for which the broker wants to be left alone (KIP-219). */
  clientSideThrottleTime: number
  partitions: FetchedPartition[]
}

/** Reads a Fetch answer, version 11 (kafka.apache.org/protocol), about one topic. Throws a RangeError if it is cut off. */
export function readFetchAnswer(bytes: Buffer): FetchAnswer {
  const reader = new AnswerReader(bytes)
  const clientSideThrottleTime = reader.int32()
  const errorCode = reader.int16()
  reader.int32() // fetch session
  const partitions = reader.list(() => {
    reader.skip(reader.int16()) // the topic
    return reader.list(() => partitionOf(reader))
  })
  return { errorCode, clientSideThrottleTime, partitions: partitions.flat() }
}

function partitionOf(reader: AnswerReader): FetchedPartition {
  const partition = reader.int32()
  const errorCode = reader.int16()
  const [high, stable, low] = [reader.int64(), reader.int64(), reader.int64()]
  const aborted = reader.list(() => ({ producerId: reader.int64(), firstOffset: reader.int64() }))
  reader.int32() // preferred read replica
  return { partition, errorCode, high, stable, low, aborted, records: reader.bytes(reader.int32()) }
}

class AnswerReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.skip(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.skip(4))
  }

  int64(): number {
    const at = this.skip(8)
    return this.#bytes.readInt32BE(at) * 2 ** 32 + this.#bytes.readUInt32BE(at + 4)
  }

  /** A length of -1 is null, which Kafka writes for none. */
  list<T>(item: () => T): T[] {
    const items: T[] = []
    for (let left = this.int32(); left > 0; left--) items.push(item())
    return items
  }

  bytes(length: number): Buffer {
    const at = this.skip(Math.max(0, length))
    return this.#bytes.subarray(at, this.#at)
  }

  /** Gives where it was. */
  skip(length: number): number {
    const at = this.#at
    this.#at += length
    if (length < 0 || this.#at > this.#bytes.length) throw new RangeError('a Fetch answer is cut off')
    return at
  }
}

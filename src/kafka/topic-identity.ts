import type { Kafka } from 'kafkajs'
import { TopicCluster } from './cluster.ts'

const TIMEOUT_MS = 5_000
const UUID_BYTES = 16

/**
 * Tells a topic from another of the same name, made after the first was deleted: by the id that Kafka gives each (KIP-516, Kafka 2.8 or
 * newer). kafkajs does not ask for it.
 */
export class TopicIdentity {
  readonly #kafka: Kafka
  #cluster: Promise<TopicCluster> | null = null
  #attempts = 0

  constructor(kafka: Kafka) {
    this.#kafka = kafka
  }

  /** The topics' ids, in hexadecimal; a topic that is not there has none, nor has any with a broker that knows no ids. */
  async idsOf(topics: readonly string[]): Promise<Map<string, string>> {
    const [first = ''] = topics
    const { signal } = new AbortController()
    this.#cluster ??= TopicCluster.open(this.#kafka, first, { signal, timeoutMs: TIMEOUT_MS, attempt: this.#attempts++ })
    try {
      const cluster = await this.#cluster
      return readMetadata(await cluster.askMetadata(metadataRequest(topics), TIMEOUT_MS))
    } catch (error) {
      this.close()
      throw error
    }
  }

  close(): void {
    this.#cluster?.then(cluster => cluster.close(), () => {})
    this.#cluster = null
  }
}

/** The body of a Metadata request, version 10, behind the tag that ends a flexible header (KIP-482). */
export function metadataRequest(topics: readonly string[]): Buffer {
  const names = topics.map(topic => {
    const name = Buffer.from(topic)
    return Buffer.concat([Buffer.alloc(UUID_BYTES), Buffer.from(unsigned(name.length + 1)), name, NO_TAGS])
  })
  const options = Buffer.alloc(3) // create none, and tell of no operations that we may do
  return Buffer.concat([NO_TAGS, Buffer.from(unsigned(topics.length + 1)), ...names, options, NO_TAGS])
}

/** The ids in the answer to `metadataRequest`. Throws a RangeError where the bytes end too soon. */
export function readMetadata(answer: Buffer): Map<string, string> {
  const reader = new FlexibleReader(answer)
  reader.tags()
  reader.skip(4) // throttle time
  reader.each(() => { // brokers
    reader.skip(4)
    reader.bytes()
    reader.skip(4)
    reader.bytes()
    reader.tags()
  })
  reader.bytes() // cluster
  reader.skip(4) // controller
  const ids = new Map<string, string>()
  reader.each(() => {
    const error = reader.skip(2).readInt16BE()
    const name = reader.bytes().toString()
    const id = reader.skip(UUID_BYTES).toString('hex')
    reader.skip(1) // internal
    reader.each(() => {
      reader.skip(14) // error, partition, leader, its epoch
      for (let list = 0; list < 3; list++) reader.each(() => { reader.skip(4) })
      reader.tags()
    })
    reader.skip(4)
    reader.tags()
    if (error === 0 && /[^0]/.test(id)) ids.set(name, id)
  })
  return ids
}

const NO_TAGS = Buffer.from([0])

/** Reads the flexible encoding of Kafka's protocol: lengths as unsigned varints, one more than they are; tagged fields at each end. */
class FlexibleReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  skip(length: number): Buffer {
    this.#at += length
    if (this.#at > this.#bytes.length) throw new RangeError('the answer ends too soon')
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** A compact string or bytes; null reads as empty. */
  bytes(): Buffer {
    return this.skip(Math.max(0, this.#varint() - 1))
  }

  each(read: () => void): void {
    for (let left = this.#varint() - 1; left > 0; left--) read()
  }

  tags(): void {
    for (let left = this.#varint(); left > 0; left--) {
      this.#varint()
      this.skip(this.#varint())
    }
  }

  #varint(): number {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = this.skip(1)[0] ?? 0
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }
}

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

/** Kafka's number for the request, and the version in which it is written here (Kafka 2.3 or newer). */
export const FETCH = { apiKey: 1, apiVersion: 11, apiName: 'Fetch' } as const

const [NO_REPLICA, NO_EPOCH, NO_SESSION, NOT_KNOWN] = [-1, -1, 0, -1n]
const READ_COMMITTED = 1
/** Of each partition, and of all else but the topic's name. */
const [PARTITION_BYTES, OTHER_BYTES] = [28, 41]

export interface FetchRequest {
  topic: string
  partitions: readonly { partition: number; offset: number }[]
  maxWaitMs: number
  maxBytes: number
  maxBytesPerPartition: number
}

/**
 * The body of a Fetch request for committed data of one topic. kafkajs allocates a buffer of its own for every list in it, outside of the
 * heap, and hundreds of those a second make V8 collect garbage all the time.
 */
export function fetchRequest({ topic, partitions, maxWaitMs, maxBytes, maxBytesPerPartition }: FetchRequest): Buffer {
  const name = Buffer.byteLength(topic)
  const body = Buffer.allocUnsafe(OTHER_BYTES + name + partitions.length * PARTITION_BYTES)
  let at = body.writeInt32BE(NO_REPLICA, 0)
  at = body.writeInt32BE(maxWaitMs, at)
  at = body.writeInt32BE(1, at) // byte at least
  at = body.writeInt32BE(maxBytes, at)
  at = body.writeInt8(READ_COMMITTED, at)
  at = body.writeInt32BE(NO_SESSION, at)
  at = body.writeInt32BE(NO_EPOCH, at)
  at = body.writeInt32BE(1, at) // topic
  at = body.writeInt16BE(name, at)
  at += body.write(topic, at)
  at = body.writeInt32BE(partitions.length, at)
  for (const { partition, offset } of partitions) {
    at = body.writeInt32BE(partition, at)
    at = body.writeInt32BE(NO_EPOCH, at)
    at = body.writeBigInt64BE(BigInt(offset), at)
    at = body.writeBigInt64BE(NOT_KNOWN, at) // where the log begins
    at = body.writeInt32BE(maxBytesPerPartition, at)
  }
  at = body.writeInt32BE(0, at) // forgotten topics
  body.writeInt16BE(0, at) // no rack
  return body
}

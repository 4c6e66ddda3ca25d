/** Kafka's number for the request, and the version in which it is written here (Kafka 2.1 or newer). */
export const PRODUCE = { apiKey: 0, apiVersion: 7, apiName: 'Produce' } as const

const ACKS_OF_ALL = -1

export interface ProducedBatch {
  topic: string
  partition: number
  /** For which the broker may wait for its replicas. */
  timeoutMs: number
  /** One whole record batch. */
  batch: Buffer
}

/** The body of a Produce request that every in-sync replica has to acknowledge, in its parts. */
export function produceRequest({ topic, partition, timeoutMs, batch }: ProducedBatch): Buffer[] {
  const name = Buffer.from(topic)
  const head = Buffer.alloc(26)
  head.writeInt16BE(-1, 0) // no transaction
  head.writeInt16BE(ACKS_OF_ALL, 2)
  head.writeInt32BE(timeoutMs, 4)
  head.writeInt32BE(1, 8) // topic
  head.writeInt16BE(name.length, 12)
  head.writeInt32BE(1, 14) // partition
  head.writeInt32BE(partition, 18)
  head.writeInt32BE(batch.length, 22)
  return [head.subarray(0, 14), name, head.subarray(14), batch]
}

export interface ProduceAnswer {
  /** Kafka's; 0 for none. */
  errorCode: number
  /** Milliseconds for which the broker wants to be left alone (KIP-219). */
  clientSideThrottleTime: number
}

/** Reads the answer about the one partition. Throws a RangeError if it is cut off. */
export function readProduceAnswer(bytes: Buffer): ProduceAnswer {
  const partition = 4 + 2 + bytes.readInt16BE(4) + 4 // behind the number of topics, the topic's name, and the number of partitions
  return { errorCode: bytes.readInt16BE(partition + 4), clientSideThrottleTime: bytes.readInt32BE(partition + 30) }
}

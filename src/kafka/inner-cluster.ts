import { createRequire } from 'node:module'
import type { Kafka } from 'kafkajs'
import { KafkaError } from './errors.ts'

// The only file that reaches into kafkajs, but for request-queues.ts. Its public API reads in groups only and retries by itself; inside is
// what serves us. The version is pinned exactly; a contract test on a real broker fails if the inside changes.

const require = createRequire(import.meta.url)

export interface WireRequest {
  apiKey: number
  apiVersion?: number
  apiName?: string
  encode: () => Promise<unknown>
}

export interface InnerConnection {
  socket?: { destroy: () => void; cork: () => void; write: (bytes: Buffer) => void; uncork: () => void }
  clientId: string
  isConnected: () => boolean
  isAuthenticated: () => boolean
  nextCorrelationId: () => number
  requestQueue: { push: (request: object) => void; maybeThrottle: (milliseconds: number) => void }
  rejectRequests: (error: Error) => void
  disconnect: () => Promise<unknown>
}

export interface InnerBroker {
  connectionPool: {
    send: <T>(exchange: {
      request: WireRequest
      response: { decode: (bytes: Buffer) => Promise<T>; parse: (answer: T) => Promise<T> }
      requestTimeout: number
    }) => Promise<T>
    pool: readonly InnerConnection[]
    getConnection: (index: number) => Promise<InnerConnection>
  }
}

/** `bail` rejects for good. */
export type Attempt<T> = (bail: (error: Error) => void, count: number, pauseMs: number) => Promise<T>
type Retrier = <T>(attempt: Attempt<T>) => Promise<T>

export interface InnerCluster {
  connect: () => Promise<void>
  addMultipleTargetTopics: (topics: readonly string[]) => Promise<void>
  refreshMetadata: () => Promise<void>
  findTopicPartitionMetadata: (topic: string) => readonly { partitionId: number; leader: number }[]
  findBroker: (node: { nodeId: string }) => Promise<InnerBroker>
  fetchTopicsOffset: (
    topics: readonly { topic: string; partitions: readonly { partition: number }[]; fromBeginning: boolean }[],
  ) => Promise<readonly { partitions: readonly { partition: number; offset: string }[] }[]>
  brokerPool: {
    retrier: Retrier
    /** The next of the first addresses; it is connected to later. */
    createSeedBroker: () => Promise<void>
    seedBroker?: InnerBroker
    brokers: Readonly<Record<string, InnerBroker>>
  }
}

const METADATA_MAX_AGE_MS = 300_000
const methods = ['connect', 'addMultipleTargetTopics', 'refreshMetadata', 'findTopicPartitionMetadata', 'findBroker', 'fetchTopicsOffset'] as const

/** A kafkajs cluster of our own, not connected yet. Throws `library_changed`. */
export function innerCluster(kafka: Kafka): InnerCluster {
  const inside = kafka as unknown as Record<symbol, ((options: object) => InnerCluster) | undefined>
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === 'private:Kafka:createCluster')
  const create = symbol === undefined ? undefined : inside[symbol]
  if (create === undefined) throw changed('createCluster')
  // 0: offsets are asked for as they are, whatever transactions are open.
  const cluster = create({ metadataMaxAge: METADATA_MAX_AGE_MS, allowAutoTopicCreation: false, isolationLevel: 0 })
  for (const name of methods) if (typeof cluster[name] !== 'function') throw changed(`Cluster.${name}`)
  for (const name of ['retrier', 'createSeedBroker'] as const) {
    if (typeof cluster.brokerPool[name] !== 'function') throw changed(`BrokerPool.${name}`)
  }
  return cluster
}

/** A broker that can do what we ask of it. Throws `library_changed`. */
export function checkedBroker(broker: InnerBroker): InnerBroker {
  if (typeof broker.connectionPool.send !== 'function') throw changed('ConnectionPool.send')
  if (!Array.isArray(broker.connectionPool.pool)) throw changed('ConnectionPool.pool')
  if (typeof broker.connectionPool.getConnection !== 'function') throw changed('ConnectionPool.getConnection')
  return broker
}

/** Every socket, at once, whatever is under way: `Cluster.disconnect` would wait for a broker that hangs. */
export function destroySockets({ brokerPool: { seedBroker, brokers } }: InnerCluster, reason: Error): void {
  const known = [...(seedBroker === undefined ? [] : [seedBroker]), ...Object.values(brokers)]
  for (const connection of known.flatMap(broker => broker.connectionPool.pool)) {
    connection.rejectRequests(reason)
    connection.disconnect().catch(() => {}) // ends its timers
    connection.socket?.destroy()
  }
}

/** A Metadata request, version 10, from the bytes of its body. */
export function metadataRequest(body: Buffer): WireRequest {
  const Encoder = require('kafkajs/src/protocol/encoder') as (new (size: number) => { writeBuffer: (bytes: Buffer) => unknown }) | undefined
  if (typeof Encoder !== 'function') throw changed('Encoder')
  return { apiKey: 3, apiVersion: 10, apiName: 'Metadata', encode: async () => new Encoder(1).writeBuffer(body) }
}

/** Kafka's name for a partition's error: `NOT_LEADER_FOR_PARTITION`. */
export function errorName(code: number): string {
  return brokerError(code).type ?? `error ${code}`
}

/** What a broker's error code says, and Kafka's name for it as its `type`. */
export function brokerError(code: number): Error & { type?: string } {
  const { createErrorFromCode } = require('kafkajs/src/protocol/error') as { createErrorFromCode: (code: number) => Error & { type?: string } }
  return createErrorFromCode(code)
}

/** For what is not inside any more as we know it. */
export function changed(what: string): KafkaError {
  return new KafkaError('library_changed', `kafkajs has no ${what} as version 2.2.4 has it: pin that version again, or mend inner-cluster.ts`)
}

import { setTimeout as pause } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Kafka, logLevel, Partitioners, type Message, type Producer } from 'kafkajs'
import { createRandom } from '../../demo/random.ts'
import { hideTimerWarnings } from '../../demo/kafka.ts'
import type { EventKind } from '../../src/contract/events.ts'
import type { ProducerSettings, SentAll } from './producer.ts'
import { shardName, Truth } from './truth.ts'
import { Stream, type OutgoingRecord } from './stream.ts'
import { SharedTotals } from './totals.ts'

const TICK_MS = 100
/** Catching up after an outage goes at this many times the rate at most. */
const HASTE = 4
const MAX_BATCH = 4_000
const RETRY_MS = 200

const settings = workerData as ProducerSettings
const totals = new SharedTotals(settings.totals)
const truth = new Truth()
const records = new Map<string, number>()
const partitionOf = partitioner(settings.partitions)
const stream = new Stream({ random: createRandom(settings.seed), truth, partitionOf, now: Date.now })
const stopping = new AbortController()
let sent = 0

hideTimerWarnings(process)
parentPort?.on('message', () => stopping.abort())
const producer = await connected()
parentPort?.postMessage('sending', [])
await run(producer)
parentPort?.postMessage({ series: truth.series(), records, sent, totals: truth.totals } satisfies SentAll, [])
await producer.disconnect()
parentPort?.close()

async function run(to: Producer): Promise<void> {
  const started = performance.now()
  const most = Math.min(MAX_BATCH, Math.max(1, Math.ceil((settings.rate * HASTE * TICK_MS) / 1_000)))
  while (!stopping.signal.aborted) {
    const tick = performance.now()
    const due = Math.floor(((tick - started) / 1_000) * settings.rate) - sent
    if (due > 0) await sendUntilTaken(to, Array.from({ length: Math.min(due, most) }, () => stream.next()))
    await pause(Math.max(0, TICK_MS - (performance.now() - tick)))
  }
}

/**
 * One batch at a time, sent again in the same parts until it is taken: the broker knows what it has of it by the idempotent producer's
 * numbers, so nothing stands in the log twice and nothing is missing.
 */
async function sendUntilTaken(to: Producer, batch: readonly OutgoingRecord[]): Promise<void> {
  sent += batch.length
  for (const { kind, partition } of batch) {
    const shard = shardName(kind, partition)
    records.set(shard, (records.get(shard) ?? 0) + 1)
  }
  totals.begin(sent, truth.totals)
  const topicMessages = byTopic(batch)
  for (;;) {
    try {
      await to.sendBatch({ acks: -1, topicMessages })
      break
    } catch {
      await pause(RETRY_MS)
    }
  }
  totals.acknowledge(sent)
}

function byTopic(batch: readonly OutgoingRecord[]): { topic: string; messages: Message[] }[] {
  const messages: Record<EventKind, Message[]> = { registration: [], lookup: [], agent: [] }
  for (const { kind, key, partition, value } of batch) messages[kind].push({ key, partition, value })
  return Object.entries(settings.topics)
    .map(([kind, topic]) => ({ topic, messages: messages[kind as EventKind] }))
    .filter(({ messages: some }) => some.length > 0)
}

async function connected(): Promise<Producer> {
  const kafka = new Kafka({
    clientId: 'chaos-producer', brokers: [...settings.brokers], logLevel: logLevel.NOTHING, connectionTimeout: 1_000, requestTimeout: 5_000,
    // What is under way when a broker dies must be asked again with the same numbers, for as long as it takes.
    retry: { initialRetryTime: 100, maxRetryTime: 500, retries: Number.MAX_SAFE_INTEGER },
  })
  const made = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })
  await made.connect()
  return made
}

/** Kafka's default partitioner, each key asked once. */
function partitioner(partitions: number): (key: string) => number {
  const known = new Map<string, number>()
  const choose = Partitioners.DefaultPartitioner()
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) =>
    ({ partitionErrorCode: 0, partitionId, leader: 1, replicas: [1], isr: [1] }))
  return key => {
    const partition = known.get(key) ?? choose({ topic: '', partitionMetadata, message: { key, value: null } })
    known.set(key, partition)
    return partition
  }
}

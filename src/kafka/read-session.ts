import type { ReadStretch } from '../checkpoint/log.ts'
import type { TopicCluster } from './cluster.ts'
import { KafkaError } from './errors.ts'
import type { FetchedPartition } from './fetch-response.ts'
import { errorName } from './inner-cluster.ts'
import { batchesOf } from './record-batch.ts'
import { endOf, tellAnswer, type PartitionAnswer, type Position } from './tell-answer.ts'

const OFFSET_OUT_OF_RANGE = 1
const MAX_WAIT_MS = 250

/** Records between two offsets that were deleted before they were read. */
export interface Gap {
  partition: number
  from: number
  to: number
}

export interface SessionOptions {
  take: (stretch: ReadStretch) => void | Promise<void>
  onGap: (gap: Gap) => void
  /** The first answer is there. */
  onAnswer: () => void
  stallAfterMs: number
  maxBytes: number
  maxBytesPerPartition: number
}

/** What a session needs of its connection. */
export type SessionCluster = Pick<TopicCluster, 'topic' | 'leaders' | 'bounds' | 'fetch' | 'close' | 'throwIfClosed'>

/** A partition in one session. */
interface Reading {
  readonly position: Position
  /** Where to fetch next: beyond `position.next` while a stretch is being told. */
  ahead: number
  /** When it last got further, by the monotonic clock in milliseconds. */
  movedAt: number
}

interface Answer extends PartitionAnswer {
  reading: Reading
}

/**
 * Reads partitions over one connection until the ends of their positions: one loop per leader, whose next fetch is under way while the last
 * is told. Rejects at the first trouble, once nothing is being told any more; the positions then say where to go on.
 */
export async function runSession(cluster: SessionCluster, positions: readonly Position[], options: SessionOptions): Promise<void> {
  const loops = byLeader(cluster, positions).map(([node, led]) => new LeaderLoop(cluster, node, options).run(led))
  try {
    await Promise.all(loops)
  } finally {
    cluster.close()
    await Promise.allSettled(loops)
  }
}

function byLeader(cluster: SessionCluster, positions: readonly Position[]): [string, Position[]][] {
  const leaders = cluster.leaders()
  const led = new Set([...leaders.values()].flat())
  const missing = positions.find(({ partition }) => !led.has(partition))
  if (missing !== undefined) throw new KafkaError('topic_refused', `topic ${cluster.topic} has no partition ${missing.partition}: was it made anew?`)
  return [...leaders].map(([node, partitions]) => [node, positions.filter(({ partition }) => partitions.includes(partition))])
}

class LeaderLoop {
  readonly #cluster: SessionCluster
  readonly #node: string
  readonly #options: SessionOptions
  #fetches = 0

  constructor(cluster: SessionCluster, node: string, options: SessionOptions) {
    this.#cluster = cluster
    this.#node = node
    this.#options = options
  }

  async run(positions: readonly Position[]): Promise<void> {
    const readings = positions.map((position): Reading => ({ position, ahead: position.next, movedAt: performance.now() }))
    let coming = this.#fetch(readings)
    for (;;) {
      const fetched = await coming
      if (fetched === null) return
      const failed = await this.#settleErrors(readings, fetched)
      const answers = fetched.filter(({ errorCode }) => errorCode === 0).map(each => this.#advance(readings, each))
      coming = failed === null ? this.#fetch(readings) : Promise.reject(failed)
      coming.catch(() => {}) // it is looked at when this is told
      const began = performance.now()
      for (const { reading, ...answer } of answers) await tellAnswer(reading.position, answer, { take: this.#options.take, cluster: this.#cluster })
      const spent = performance.now() - began
      for (const reading of readings) reading.movedAt += spent
    }
  }

  /** Null if nothing more is wanted. */
  async #fetch(readings: readonly Reading[]): Promise<FetchedPartition[] | null> {
    const wanted = readings.filter(({ ahead, position }) => ahead < position.end)
    if (wanted.length === 0) return null
    // A batch larger than asked for comes only in the first place, so all take turns there.
    const first = this.#fetches++ % wanted.length
    const partitions = [...wanted.slice(first), ...wanted.slice(0, first)].map(({ position: { partition }, ahead: offset }) => ({ partition, offset }))
    const { maxBytes, maxBytesPerPartition, stallAfterMs } = this.#options
    const request = { partitions, maxBytes, maxBytesPerPartition, maxWaitMs: MAX_WAIT_MS }
    const answer = await this.#cluster.fetch(this.#node, request, stallAfterMs + MAX_WAIT_MS)
    if (answer.errorCode !== 0) throw fetchError(this.#cluster.topic, answer.errorCode)
    if (this.#fetches === 1) this.#options.onAnswer()
    return answer.partitions
  }

  /** Gives the error that only another connection can help with, if there is one. */
  async #settleErrors(readings: readonly Reading[], fetched: readonly FetchedPartition[]): Promise<KafkaError | null> {
    let failed: KafkaError | null = null
    for (const { partition, errorCode } of fetched) {
      if (errorCode === OFFSET_OUT_OF_RANGE) await this.#settleRange(readingOf(readings, partition))
      else if (errorCode !== 0) failed = fetchError(`${this.#cluster.topic}, partition ${partition}`, errorCode)
    }
    return failed
  }

  async #settleRange(reading: Reading): Promise<void> {
    const { partition, next } = reading.position
    const { low, high } = (await this.#cluster.bounds([partition])).get(partition) ?? { low: next, high: next }
    if (next > high) {
      throw new KafkaError('log_truncated', `topic ${this.#cluster.topic}, partition ${partition} ends at offset ${high}, and had been read up to `
        + `${next}: the topic was deleted and made anew, or its log has lost records`)
    }
    if (next >= low) return // it was so for a moment
    this.#options.onGap({ partition, from: next, to: low })
    reading.position.next = low
    reading.ahead = low
  }

  #advance(readings: readonly Reading[], fetched: FetchedPartition): Answer {
    const reading = readingOf(readings, fetched.partition)
    const batches = batchesOf(fetched.records)
    const next = Math.max(reading.ahead, batches.at(-1)?.next ?? 0)
    const now = performance.now()
    if (next > reading.ahead) reading.movedAt = now
    else if (reading.ahead < endOf(fetched) && now - reading.movedAt > this.#options.stallAfterMs) {
      throw new KafkaError('stalled', `topic ${this.#cluster.topic}, partition ${fetched.partition} stands at offset ${next} and goes on to `
        + `${endOf(fetched)}, but nothing came for ${this.#options.stallAfterMs / 1_000} s: connecting anew`)
    }
    reading.ahead = next
    return { reading, fetched, batches }
  }
}

function readingOf(readings: readonly Reading[], partition: number): Reading {
  const reading = readings.find(({ position }) => position.partition === partition)
  if (reading === undefined) throw new KafkaError('unreachable', `a broker answered for partition ${partition}, which it was not asked about`)
  return reading
}

function fetchError(what: string, code: number): KafkaError {
  return new KafkaError('unreachable', `topic ${what} cannot be fetched: ${errorName(code)}; trying again`)
}

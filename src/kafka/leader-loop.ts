import { setImmediate } from 'node:timers/promises'
import type { TopicCluster } from './cluster.ts'
import { KafkaError } from './errors.ts'
import type { FetchedPartition } from './fetch-response.ts'
import { errorName } from './inner-cluster.ts'
import type { Position, Positions } from './positions.ts'
import { batchesOf } from './record-batch.ts'
import { endOf, settleFault, tellAnswer, type PartitionAnswer, type Teller } from './tell-answer.ts'

const OFFSET_OUT_OF_RANGE = 1
const TOPIC_AUTHORIZATION_FAILED = 29
const MAX_WAIT_MS = 250

/** What is needed of a connection. */
export type SessionCluster = Pick<TopicCluster, 'topic' | 'leaders' | 'bounds' | 'fetch' | 'close' | 'closed'>

/** Records between two offsets that were deleted before they were read. */
export interface Gap {
  partition: number
  from: number
  to: number
}

export interface SessionOptions extends Pick<Teller, 'take' | 'onFault'> {
  onGap: (gap: Gap) => void
  /** Where a partition ends that was asked for what lies outside, as answered to a question sent at `askedAt` (milliseconds since the epoch). */
  onEnds: (ends: { partition: number; low: number; high: number }, askedAt: number) => void
  /** The first answer is there, and does not say that we may not read. */
  onAnswer: () => void
  stallAfterMs: number
  maxBytes: number
  maxBytesPerPartition: number
}

export interface LeaderLoopOptions extends SessionOptions {
  node: string
  /** The partitions that the node leads. */
  led: ReadonlySet<number>
}

/** A position in one session. */
interface Reading {
  readonly position: Position
  /** Where to fetch next: beyond `position.next` while a stretch is being told. */
  ahead: number
  /** When it last got further, by the monotonic clock in milliseconds. */
  movedAt: number
}

interface Answered {
  reading: Reading
  fetched: FetchedPartition
}

/** Reads from one leader what there is to read of it. */
export class LeaderLoop {
  readonly #cluster: SessionCluster
  readonly #positions: Positions
  readonly #options: LeaderLoopOptions
  readonly #teller: Teller
  /** By partition. */
  readonly #readings = new Map<number, Reading>()
  #fetches = 0
  #isAnswered = false

  constructor(cluster: SessionCluster, positions: Positions, options: LeaderLoopOptions) {
    this.#cluster = cluster
    this.#positions = positions
    this.#options = options
    this.#teller = { take: options.take, onFault: options.onFault, positions, closed: cluster.closed }
  }

  async run(): Promise<void> {
    let coming = this.#fetch()
    for (;;) {
      const answered = await coming
      if (answered === null) return
      const failed = await this.#settleErrors(answered)
      const answers = answered.filter(({ fetched }) => fetched.errorCode === 0).flatMap(each => this.#advance(each))
      coming = failed === null ? this.#fetch() : Promise.reject(failed)
      coming.catch(() => {}) // it is looked at when this is told
      await setImmediate() // the request is sent before the taker holds the loop
      const began = performance.now()
      for (const { reading, ...answer } of answers) await tellAnswer(reading.position, answer, this.#teller)
      const spent = performance.now() - began
      for (const reading of this.#readings.values()) reading.movedAt += spent
    }
  }

  /** What came of those asked for. Null if all is read. */
  async #fetch(): Promise<Answered[] | null> {
    const wanted = await this.#untilWanted()
    if (wanted === null) return null
    // A batch larger than asked for comes only in the first place, so all take turns there.
    const first = this.#fetches++ % wanted.length
    const partitions = [...wanted.slice(first), ...wanted.slice(0, first)].map(({ position: { partition }, ahead: offset }) => ({ partition, offset }))
    const { node, maxBytes, maxBytesPerPartition, stallAfterMs } = this.#options
    const request = { partitions, maxBytes, maxBytesPerPartition, maxWaitMs: MAX_WAIT_MS }
    const answer = await this.#cluster.fetch(node, request, stallAfterMs + MAX_WAIT_MS)
    if (answer.errorCode !== 0) throw fetchError(this.#cluster.topic, answer.errorCode)
    if (!this.#isAnswered && !answer.partitions.some(({ errorCode }) => errorCode === TOPIC_AUTHORIZATION_FAILED)) {
      this.#isAnswered = true
      this.#options.onAnswer()
    }
    return answer.partitions.map(fetched => ({ reading: readingOf(wanted, fetched.partition), fetched }))
  }

  /** What is to be fetched, once there is something. Null if all is read. */
  async #untilWanted(): Promise<Reading[] | null> {
    while (!this.#positions.isFinished) {
      const now = performance.now()
      const led = [...this.#positions].filter(({ partition }) => this.#options.led.has(partition))
      const wanted = led.filter(({ restsUntil }) => restsUntil <= now).map(each => this.#reading(each)).filter(({ ahead, position }) => ahead < position.end)
      if (wanted.length > 0) return wanted
      await this.#positions.change(this.#cluster.closed, Math.min(...led.map(({ restsUntil }) => (restsUntil <= now ? Infinity : restsUntil - now))))
    }
    return null
  }

  #reading(position: Position): Reading {
    const known = this.#readings.get(position.partition)
    if (known?.position === position) return known
    const reading = { position, ahead: position.next, movedAt: performance.now() }
    this.#readings.set(position.partition, reading)
    return reading
  }

  /** Gives the error that only another connection can help with, if there is one. */
  async #settleErrors(answered: readonly Answered[]): Promise<KafkaError | null> {
    let failed: KafkaError | null = null
    for (const { reading, fetched: { partition, errorCode } } of answered) {
      if (errorCode === OFFSET_OUT_OF_RANGE) await this.#settleRange(reading)
      else if (errorCode !== 0) failed = fetchError(`${this.#cluster.topic}, partition ${partition}`, errorCode)
    }
    return failed
  }

  async #settleRange(reading: Reading): Promise<void> {
    const { position } = reading
    const { partition, next } = position
    const askedAt = Date.now()
    const { low, high } = (await this.#cluster.bounds([partition])).get(partition) ?? { low: next, high: next }
    if (!this.#positions.has(position)) return
    if (next < low || next > high) this.#options.onEnds({ partition, low, high }, askedAt)
    if (next > high) {
      settleFault(position, new KafkaError('log_truncated', `topic ${this.#cluster.topic}, partition ${partition} ends at offset ${high}, and had been `
        + `read up to ${next}: the topic was deleted and made anew, or its log has lost records`), this.#teller)
    } else if (next < low) { // otherwise it was so for a moment
      this.#options.onGap({ partition, from: next, to: low })
      position.next = low
      reading.ahead = low
      if (low >= position.end) this.#positions.finish(position)
    }
  }

  #advance({ reading, fetched }: Answered): (PartitionAnswer & { reading: Reading })[] {
    let batches
    try {
      batches = batchesOf(fetched.records)
    } catch (error) {
      settleFault(reading.position, error, this.#teller)
      return []
    }
    const next = Math.max(reading.ahead, batches.at(-1)?.next ?? 0)
    const now = performance.now()
    if (next > reading.ahead) reading.movedAt = now
    else if (reading.ahead < endOf(fetched) && now - reading.movedAt > this.#options.stallAfterMs) {
      throw new KafkaError('stalled', `topic ${this.#cluster.topic}, partition ${fetched.partition} stands at offset ${next} and goes on to `
        + `${endOf(fetched)}, but nothing came for ${this.#options.stallAfterMs / 1_000} s: connecting anew`)
    }
    reading.ahead = next
    return [{ reading, fetched, batches }]
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

import type { Logger } from 'pino'
import type { Partition } from '../aggregator/records.ts'
import type { ReadStretch } from '../checkpoint/log.ts'
import type { Availability } from './availability.ts'
import type { OpenOptions } from './cluster.ts'
import type { SessionCluster } from './leader-loop.ts'
import { STALL_MS } from './log-reader.ts'
import { Positions, type Position } from './positions.ts'
import { readPositions } from './read-positions.ts'
import type { RecordSink } from './sink.ts'
import { StuckPartitions } from './stuck-partitions.ts'

/** Twice this is in memory, by leader and topic: what is told, and what comes next. */
const MAX_BYTES = 4 * 1024 * 1024
const MAX_BYTES_PER_PARTITION = 1024 * 1024
const REST_MS = 1_000

export interface InputReaderOptions {
  open: (topic: string, options: OpenOptions) => Promise<SessionCluster>
  topics: readonly string[]
  availability: Availability
  log: Logger
  random: () => number
  /** After which a partition that cannot be read on is tried again, in milliseconds. */
  restMs?: number
}

type InputSink = Pick<RecordSink, 'ingest' | 'noteBounds'>

/** Reads those partitions of the inputs that it is told to, each from where it is told to, without a group and without a loss. */
export class InputReader {
  readonly #options: InputReaderOptions
  readonly #positions: ReadonlyMap<string, Positions>
  readonly #stuck: StuckPartitions

  constructor(options: InputReaderOptions) {
    this.#options = options
    this.#positions = new Map(options.topics.map(topic => [topic, new Positions()]))
    this.#stuck = new StuckPartitions(options.log)
  }

  /** Hands over nothing more of a partition, nor what is being fetched. */
  hold({ topic, partition }: Partition): void {
    this.#positions.get(topic)?.hold(partition)
  }

  holdAll(): void {
    for (const positions of this.#positions.values()) positions.holdAll()
  }

  /** Hands over the records of a partition from that offset on, and nothing of where it was before. */
  readFrom({ topic, partition }: Partition, offset: number): void {
    this.#positions.get(topic)?.readFrom(partition, offset)
  }

  /** Reads until the signal aborts. Rejects with `library_changed`. */
  async run(sink: InputSink, signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from(this.#positions, ([topic, positions]) => this.#read(topic, positions, { sink, signal })))
  }

  #read(topic: string, positions: Positions, { sink, signal }: { sink: InputSink; signal: AbortSignal }): Promise<void> {
    const { open, availability, random, restMs = REST_MS } = this.#options
    const side = `records of ${topic}` as const
    return readPositions(positions, {
      open: options => open(topic, options),
      signal, random, stallAfterMs: STALL_MS, maxBytes: MAX_BYTES, maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
      onFailure: error => availability.away(side, error),
      onAnswer: () => availability.back(side),
      take: (stretch, position) => this.#take({ topic, positions, sink }, stretch, position),
      onFault: (error, { partition }) => {
        this.#stuck.stands({ topic, partition }, error)
        return restMs
      },
      onGap: () => {}, // the sink finds out by the bounds what it has lost
      onEnds: (ends, askedAt) => sink.noteBounds([{ topic, ...ends }], askedAt),
    })
  }

  async #take(
    { topic, positions, sink }: { topic: string; positions: Positions; sink: InputSink }, { partition, records, next, high }: ReadStretch, position: Position,
  ): Promise<void> {
    if (next > position.next) {
      const ingested = await sink.ingest({ topic, partition, fetchedOffset: position.next, next, high, records })
      if ('seek' in ingested && positions.has(position)) positions.readFrom(partition, ingested.seek)
    }
    this.#stuck.moves({ topic, partition })
  }
}

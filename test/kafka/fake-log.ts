import type { FetchAnswer, FetchedPartition } from '../../src/kafka/fetch-response.ts'
import type { SessionCluster, SessionOptions } from '../../src/kafka/leader-loop.ts'
import { Positions } from '../../src/kafka/positions.ts'
import { runSession } from '../../src/kafka/read-session.ts'
import { encodeBatch } from './record-sets.ts'

type Asked = readonly { partition: number; offset: number }[]

/** A connection whose broker answers as it is told to. */
export class FakeCluster implements SessionCluster {
  readonly topic = 'topic'
  readonly asked: Asked[] = []
  /** How many of those. */
  answered = 0
  readonly #closing = new AbortController()
  led: Map<string, number[]>
  ends = new Map<number, { low: number; high: number }>()
  readonly #answer: (asked: Asked, count: number) => Partial<FetchedPartition>[] | Promise<Partial<FetchedPartition>[]>

  constructor(led: number[], answer: (asked: Asked, count: number) => Partial<FetchedPartition>[] | Promise<Partial<FetchedPartition>[]>) {
    this.led = new Map([['1', led]])
    this.#answer = answer
  }

  leaders(): Map<string, number[]> {
    return this.led
  }

  async bounds(): Promise<Map<number, { low: number; high: number }>> {
    return this.ends
  }

  async fetch(_node: string, { partitions }: { partitions: Asked }): Promise<FetchAnswer> {
    this.closed.throwIfAborted()
    this.asked.push(partitions)
    const none = { partition: 0, errorCode: 0, high: 0, stable: 0, low: 0, aborted: [], records: Buffer.alloc(0) }
    const answered = (await this.#answer(partitions, this.asked.length)).map(each => ({ ...none, stable: each.high ?? 0, ...each }))
    this.answered += 1
    this.closed.throwIfAborted()
    return { errorCode: 0, clientSideThrottleTime: 0, partitions: answered }
  }

  get closed(): AbortSignal {
    return this.#closing.signal
  }

  close(): void {
    this.#closing.abort(new Error('closed'))
  }
}

type At = { partition: number; next: number; end?: number }

/** Positions of which each has its own end, or none. */
export function positionsAt(...all: readonly At[]): Positions {
  const positions = new Positions()
  for (const { partition, next, end } of all) positions.readFrom(partition, next, { end })
  return positions
}

function onFault(error: unknown): never {
  throw error
}

/** Runs a session; gives how it ended, and what was told: `partition: offsets > next of high`. */
export async function session(cluster: FakeCluster, positions: Positions, options: Partial<SessionOptions> = {}): Promise<{ told: string[]; error: unknown }> {
  const told: string[] = []
  const take: SessionOptions['take'] = async (stretch, position) => {
    await options.take?.(stretch, position)
    told.push(`${stretch.partition}: ${Array.from(stretch.records, ({ offset }) => offset).join(' ')} > ${stretch.next} of ${stretch.high}`)
  }
  const defaults = { onGap: () => {}, onEnds: () => {}, onAnswer: () => {}, onFault, stallAfterMs: 60_000, maxBytes: 1_000, maxBytesPerPartition: 1_000 }
  const error: unknown = await runSession(cluster, positions, { ...defaults, ...options, take }).then(() => null, (thrown: unknown) => thrown)
  return { told, error }
}

/** A batch of so many records. */
export function batchAt(firstOffset: number, count: number, lastOffsetDelta = count - 1): Promise<Buffer> {
  const records = Array.from({ length: count }, () => ({ key: null, value: Buffer.from('v') }))
  return encodeBatch({ firstOffset, lastOffsetDelta, records })
}

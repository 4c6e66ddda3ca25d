import type { ReadStretch } from '../../src/checkpoint/log.ts'
import type { FetchAnswer, FetchedPartition } from '../../src/kafka/fetch-response.ts'
import { runSession, type SessionCluster, type SessionOptions } from '../../src/kafka/read-session.ts'
import type { Position } from '../../src/kafka/tell-answer.ts'
import { encodeBatch } from './record-sets.ts'

type Asked = readonly { partition: number; offset: number }[]

/** A connection whose broker answers as it is told to. */
export class FakeCluster implements SessionCluster {
  readonly topic = 'topic'
  readonly asked: Asked[] = []
  closed = false
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
    this.throwIfClosed()
    this.asked.push(partitions)
    const none = { partition: 0, errorCode: 0, high: 0, stable: 0, low: 0, aborted: [], records: Buffer.alloc(0) }
    const answered = (await this.#answer(partitions, this.asked.length)).map(each => ({ ...none, stable: each.high ?? 0, ...each }))
    this.throwIfClosed()
    return { errorCode: 0, clientSideThrottleTime: 0, partitions: answered }
  }

  close(): void {
    this.closed = true
  }

  throwIfClosed(): void {
    if (this.closed) throw new Error('closed')
  }
}

/** Runs a session; gives how it ended, and what was told: `partition: offsets > next of high`. */
export async function session(cluster: FakeCluster, positions: Position[], options: Partial<SessionOptions> = {}): Promise<{ told: string[]; error: unknown }> {
  const told: string[] = []
  const take = async (stretch: ReadStretch): Promise<void> => {
    await options.take?.(stretch)
    told.push(`${stretch.partition}: ${stretch.records.map(({ offset }) => offset).join(' ')} > ${stretch.next} of ${stretch.high}`)
  }
  const defaults = { onGap: () => {}, onAnswer: () => {}, stallAfterMs: 60_000, maxBytes: 1_000, maxBytesPerPartition: 1_000 }
  const error: unknown = await runSession(cluster, positions, { ...defaults, ...options, take }).then(() => null, (thrown: unknown) => thrown)
  return { told, error }
}

/** A batch of so many records. */
export function batchAt(firstOffset: number, count: number, lastOffsetDelta = count - 1): Promise<Buffer> {
  const records = Array.from({ length: count }, () => ({ key: null, value: Buffer.from('v') }))
  return encodeBatch({ firstOffset, lastOffsetDelta, records })
}

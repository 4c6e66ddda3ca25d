import type { Kafka } from 'kafkajs'
import type { ReadStretch } from '../checkpoint/log.ts'
import { TopicCluster } from './cluster.ts'
import type { Gap } from './leader-loop.ts'
import { Positions } from './positions.ts'
import { connected, readPositions, type Reach } from './read-positions.ts'

export const STALL_MS = 30_000
const MAX_BYTES = 4 * 1024 * 1024
const MAX_BYTES_PER_PARTITION = 1 * 1024 * 1024

export interface ReadLogOptions extends Pick<Reach<TopicCluster>, 'signal' | 'random' | 'onFailure'> {
  kafka: Kafka
  topic: string
  /** The next offset of each partition to read; or all partitions that there are, from their earliest record. */
  from: ReadonlyMap<number, number> | 'earliest'
  /** Stops before these offsets, for partitions that are in it. */
  until?: ReadonlyMap<number, number>
  /**
   * Told each record that counts (none of a transaction that was aborted or is open) once and in order, and several times a second where
   * the log ends, if there is nothing new as well. Until it resolves, its partition's next stretch waits. What it throws ends the reading.
   */
  take: (stretch: ReadStretch) => void | Promise<void>
  /** Each connection's first answer: what failed before is over. */
  onAnswer?: () => void
  onGap?: (gap: Gap) => void
  /** Milliseconds. */
  stallAfterMs?: number
  maxBytes?: number
  maxBytesPerPartition?: number
}

/**
 * Reads a topic without a consumer group, whatever happens to its brokers. Resolves at the ends of `until`, or soon after the signal aborts,
 * when nothing is being told any more. Rejects with what `take` threw, and with a {@link KafkaError}: `log_truncated` (the topic ends below
 * a position), `bad_batch`, `library_changed`.
 */
export async function readLog({ kafka, topic, from, until, ...options }: ReadLogOptions): Promise<void> {
  const reach: Reach<TopicCluster> = { open: open => TopicCluster.open(kafka, topic, open), stallAfterMs: STALL_MS, ...options }
  const positions = new Positions()
  for (const [partition, next] of from === 'earliest' ? await earliest(reach) : from) {
    const end = until?.get(partition) ?? Infinity
    if (next < end) positions.readFrom(partition, next, { end })
  }
  if (positions.size === 0) return
  await readPositions(positions, {
    maxBytes: MAX_BYTES, maxBytesPerPartition: MAX_BYTES_PER_PARTITION, onAnswer: () => {}, onGap: () => {}, onEnds: () => {}, ...reach, ...options,
    onFault: error => { throw error },
  })
}

async function earliest(reach: Reach<TopicCluster>): Promise<[partition: number, low: number][]> {
  let found: [number, number][] = []
  await connected(reach, async cluster => {
    const bounds = await cluster.bounds([...cluster.leaders().values()].flat())
    found = Array.from(bounds, ([partition, { low }]) => [partition, low])
  })
  return found
}

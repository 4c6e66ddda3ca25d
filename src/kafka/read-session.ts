import { setTimeout as delay } from 'node:timers/promises'
import { KafkaError } from './errors.ts'
import { LeaderLoop, type SessionCluster, type SessionOptions } from './leader-loop.ts'
import type { Positions } from './positions.ts'

/** As Kafka names the leader of a partition that has none. */
const NOBODY = '-1'
/** What nobody leads is left to the next connection, so much later that the others have been read. Milliseconds. */
const UNLED_MS = 5_000

/**
 * Reads partitions over one connection until each is read to its end, if it has one; they may change meanwhile. One loop per leader, whose
 * next fetch is under way while the last is told. Rejects at the first trouble of the connection, once nothing is being told any more; the
 * positions then say where to go on.
 */
export async function runSession(cluster: SessionCluster, positions: Positions, options: SessionOptions): Promise<void> {
  const leaders = [...cluster.leaders()].filter(([node]) => node !== NOBODY)
  const led = new Set(leaders.flatMap(([, partitions]) => partitions))
  const loops = leaders.map(([node, partitions]) => new LeaderLoop(cluster, positions, { ...options, node, led: new Set(partitions) }).run())
  loops.push(untilUnled(cluster, positions, { led, patienceMs: Math.min(UNLED_MS, options.stallAfterMs) }))
  try {
    await Promise.all(loops)
  } finally {
    cluster.close()
    await Promise.allSettled(loops)
  }
}

/** Rejects when a partition is to be read that nobody leads, as far as this connection knows. */
async function untilUnled(
  { topic, closed }: SessionCluster, positions: Positions, { led, patienceMs }: { led: ReadonlySet<number>; patienceMs: number },
): Promise<void> {
  const unled = () => [...positions].find(({ partition }) => !led.has(partition))
  while (!positions.isFinished) {
    if (unled() === undefined) {
      await positions.change(closed)
      continue
    }
    await delay(patienceMs, undefined, { signal: closed })
    const lost = unled()
    if (lost !== undefined) {
      throw new KafkaError('topic_refused', `topic ${topic} has no partition ${lost.partition} that a broker leads: is one down, or was it made anew?`)
    }
  }
}

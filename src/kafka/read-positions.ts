import { retryForever } from './backoff.ts'
import type { OpenOptions } from './cluster.ts'
import { KafkaError } from './errors.ts'
import type { SessionCluster, SessionOptions } from './leader-loop.ts'
import type { Positions } from './positions.ts'
import { runSession } from './read-session.ts'

/** A connection that served for so long had no lasting trouble: the next may be tried at once. */
const SETTLED_MS = 5_000

/** How brokers are reached, again and again. */
export interface Reach<Cluster> {
  open: (options: OpenOptions) => Promise<Cluster>
  signal: AbortSignal
  random: () => number
  /** Each failure that it goes on after, connected anew; code `stalled`: there was more, or an answer due, and nothing came. */
  onFailure: (error: unknown) => void
  stallAfterMs: number
}

/** Trying again would end the same. */
class FinalError extends Error {}

/**
 * Reads a topic's positions, whatever happens to its brokers; no position costs no request. Resolves when all are read to their ends, or soon
 * after the signal aborts, when nothing is being told any more. Rejects with what `onFault` threw, and with `library_changed`.
 */
export async function readPositions(positions: Positions, options: Reach<SessionCluster> & SessionOptions): Promise<void> {
  const onFault: SessionOptions['onFault'] = (error, position) => {
    try {
      return options.onFault(error, position)
    } catch (cause) {
      throw new FinalError('not to be read on', { cause })
    }
  }
  const whenWanted = async (): Promise<void> => {
    for (; positions.size === 0 && !positions.isFinished; await positions.change(options.signal)) options.onAnswer()
  }
  await connected({ ...options, whenWanted }, cluster => runSession(cluster, positions, { ...options, onFault }))
}

type Closable = Pick<SessionCluster, 'close'>

interface Connecting<Cluster> extends Reach<Cluster> {
  /** Resolves when there is a use for a connection. */
  whenWanted?: () => Promise<void>
}

/** Uses one connection after the other until a use of one resolves, or the signal aborts. */
export async function connected<Cluster extends Closable>(options: Connecting<Cluster>, use: (cluster: Cluster) => Promise<void>): Promise<void> {
  const { open, signal, random, stallAfterMs: timeoutMs, whenWanted } = options
  const onFailure = (error: unknown): void => { if (!signal.aborted) options.onFailure(error) }
  let attempts = 0
  const attempt = async (): Promise<{ final: unknown } | 'done' | 'again'> => {
    await whenWanted?.()
    const began = performance.now()
    try {
      await closedWith(signal, await open({ signal, timeoutMs, attempt: attempts++ }), use)
      return 'done'
    } catch (error) {
      if (error instanceof FinalError) return { final: error.cause }
      if (error instanceof KafkaError && error.code === 'library_changed') return { final: error }
      if (performance.now() - began < SETTLED_MS) throw error
      onFailure(error)
      return 'again'
    }
  }
  let ended: Awaited<ReturnType<typeof attempt>> = 'again'
  try {
    while (ended === 'again') ended = await retryForever(attempt, { signal, random, onFailure })
  } catch (error) {
    if (!signal.aborted) throw error
  }
  if (typeof ended !== 'string') throw ended.final
}

async function closedWith<Cluster extends Closable>(signal: AbortSignal, cluster: Cluster, use: (cluster: Cluster) => Promise<void>): Promise<void> {
  const abort = (): void => { cluster.close(signal.reason as Error) }
  signal.addEventListener('abort', abort, { once: true })
  try {
    await use(cluster)
  } finally {
    signal.removeEventListener('abort', abort)
    cluster.close()
  }
}

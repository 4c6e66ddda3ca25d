import { setTimeout as delay } from 'node:timers/promises'

const FIRST_MS = 200
const LONGEST_MS = 5_000

export interface RetryOptions {
  signal: AbortSignal
  /** Told of each failure. */
  onFailure: (error: unknown) => void
  /** 0 to 1; spreads the retries of many replicas. */
  random: () => number
}

/** Calls `attempt` until it succeeds, with exponential backoff and full jitter in between. Rejects only when the signal aborts. */
export async function retryForever<T>(attempt: () => Promise<T>, { signal, onFailure, random }: RetryOptions): Promise<T> {
  for (let pause = FIRST_MS; ; pause = Math.min(LONGEST_MS, pause * 2)) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      onFailure(error)
    }
    await delay(FIRST_MS / 2 + random() * pause, undefined, { signal })
  }
}

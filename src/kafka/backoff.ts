import { setTimeout as delay } from 'node:timers/promises'

const FIRST_MS = 200
const LONGEST_MS = 5_000

export interface RetryOptions {
  signal: AbortSignal
  /** Told of each failure. */
  onFailure: (error: unknown) => void
  /** 0 to 1; spreads the retries of many replicas. */
  random: () => number
  /** Resolves after that many milliseconds; rejects when the signal aborts. */
  pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/** Calls `attempt` until it succeeds, with exponential backoff and full jitter in between. Rejects only when the signal aborts. */
export async function retryForever<T>(attempt: () => Promise<T>, { signal, onFailure, random, pause = rest }: RetryOptions): Promise<T> {
  for (let longest = FIRST_MS; ; longest = Math.min(LONGEST_MS, longest * 2)) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      onFailure(error)
    }
    await pause(FIRST_MS / 2 + random() * longest, signal)
  }
}

function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return delay(milliseconds, undefined, { signal })
}

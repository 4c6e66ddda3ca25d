/** Resolves after `ms` or as soon as the signal aborts. Keeps no process alive. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) {
      resolve()
      return
    }
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    timer.unref()
    signal.addEventListener('abort', end)
  })
}

/** Beyond it, node's timers fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Resolves with the promise or after `ms`, whichever is first, and never rejects. Keeps the process alive: somebody waits for it. */
export function within(promise: Promise<unknown>, ms: number): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, Math.min(ms, LONGEST_TIMER_MS))
    const end = (): void => {
      clearTimeout(timer)
      resolve()
    }
    promise.then(end, end)
  })
}

const FIRST_MS = 100
const LONGEST_MS = 10_000

/** Milliseconds to wait before attempt `attempt` + 1 (0: after the first failure): doubling up to 10 s, half of it random. */
export function backoff(attempt: number, random: () => number): number {
  const longest = Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS)
  return longest / 2 + random() * (longest / 2)
}

import { vi } from 'vitest'

/** Lets fake time pass until the promise resolves, a minute and a half at most, and says how many milliseconds it took. */
export async function passed(promise: Promise<unknown>): Promise<number> {
  const start = Date.now()
  const ends: number[] = []
  void promise.then(() => ends.push(Date.now()))
  while (ends.length === 0 && Date.now() - start < 90_000) await vi.advanceTimersByTimeAsync(10)
  return (ends[0] ?? Infinity) - start
}

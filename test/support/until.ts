import { setTimeout } from 'node:timers/promises'

export interface UntilOptions {
  /** Default: 15,000. */
  readonly timeoutMs?: number
  /** Between two looks. Default: 50. */
  readonly intervalMs?: number
  /** What is waited for, as the error says it. */
  readonly message: string
}

/**
 * Asks again until the condition holds, and gives what it gave. A condition that throws does not hold yet; what it threw last is the cause
 * of the error at the end.
 */
export async function until<T>(condition: () => T | Promise<T>, options: UntilOptions): Promise<Exclude<T, false | undefined | null>> {
  const { timeoutMs = 15_000, intervalMs = 50, message } = options
  const end = performance.now() + timeoutMs
  for (;;) {
    const { value, error } = await attempt(condition)
    if (holds(value)) return value
    if (performance.now() > end) throw new Error(`not within ${timeoutMs / 1000} s: ${message}${said(error)}`, { cause: error })
    await setTimeout(intervalMs)
  }
}

async function attempt<T>(condition: () => T | Promise<T>): Promise<{ value?: T; error?: unknown }> {
  try {
    return { value: await condition() }
  } catch (error) {
    return { error }
  }
}

function holds<T>(value: T): value is Exclude<T, false | undefined | null> {
  return value !== false && value !== undefined && value !== null
}

function said(error: unknown): string {
  return error instanceof Error ? ` (${error.message})` : ''
}

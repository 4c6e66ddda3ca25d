import type { AgentClock } from './clock.ts'

/** What came of a call. `micros`: how long it took. */
export type Observed<R> = { micros: number } & ({ ok: true; value: R } | { ok: false; error: unknown })

export type AsyncFunction<A extends unknown[], R> = (...args: A) => Promise<R>

/** The same function, and its ending told to `tell` (which must not throw). Result, rejection, throw and `this` stay as they are. */
export function observed<A extends unknown[], R>(
  fn: AsyncFunction<A, R>,
  clock: AgentClock,
  tell: (args: A, observed: Observed<R>) => void,
): AsyncFunction<A, R> {
  return function (this: unknown, ...args: A): Promise<R> {
    const start = clock.micros()
    const failed = (error: unknown): never => {
      tell(args, { ok: false, error, micros: clock.micros() - start })
      throw error
    }
    const succeeded = (value: R): R => {
      tell(args, { ok: true, value, micros: clock.micros() - start })
      return value
    }
    return settled(() => Reflect.apply(fn, this, args), succeeded, failed)
  }
}

/** Trap: a lazy thenable (a query builder) runs once per `then`, so it is asked once, and the host gets what that gave. */
function settled<R>(call: () => Promise<R>, succeeded: (value: R) => R, failed: (error: unknown) => never): Promise<R> {
  let answer: Promise<R> | R
  try {
    answer = call()
  } catch (error) {
    return failed(error)
  }
  if (isThenable(answer)) return answer.then(succeeded, failed)
  // Not what the type promises, but a host without types keeps its plain value.
  return succeeded(answer) as Promise<R> & R
}

function isThenable<R>(value: Promise<R> | R): value is Promise<R> {
  return typeof value === 'object' && value !== null && 'then' in value
}

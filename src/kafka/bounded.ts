/** What `work` gives, or the signal's reason once it aborts. Nothing is kept of work that is done (`Promise.race` would keep it all). */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => { reject(signal.reason as Error) }
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => { signal.removeEventListener('abort', abort) })
  })
}

/** What `work` gives, or the error after `milliseconds`. */
export function within<T>(work: Promise<T>, milliseconds: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => { reject(late()) }, milliseconds)
    work.then(resolve, reject).finally(() => { clearTimeout(timer) })
  })
}

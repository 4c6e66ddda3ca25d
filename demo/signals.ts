/** Signals this close together are one: npm passes on the Ctrl-C that the terminal has sent to its whole process group already. */
const ONE_PRESS_MILLIS = 500

export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
}

/** The first signal calls `stop`, the next one `exit`. `now`: milliseconds that never step back. */
export function onSignals(source: SignalSource, now: () => number, { stop, exit }: { stop: () => void; exit: () => void }): void {
  let first: number | undefined
  const listener = (): void => {
    if (first === undefined) {
      first = now()
      stop()
    } else if (now() - first > ONE_PRESS_MILLIS) exit()
  }
  source.on('SIGINT', listener)
  source.on('SIGTERM', listener)
}

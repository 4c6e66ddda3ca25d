import { AsyncLocalStorage } from 'node:async_hooks'

const own = new AsyncLocalStorage<true>()
let isWatched = false

/**
 * From here on own work is marked. Not before: on Node 20 the first mark makes every promise of the process dearer. What the producer began before
 * that is taken for the host's.
 */
export function watchOwnWork(): void {
  isWatched = true
}

/** Runs what the agent does for itself, and all that comes of it: the look-ups of its producer's sockets are nobody's. */
export function asOwnWork<R>(work: () => R): R {
  return isWatched ? own.run(true, work) : work()
}

export function isOwnWork(): boolean {
  return isWatched && own.getStore() === true
}

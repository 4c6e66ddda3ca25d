import type { ReadStretch } from '../checkpoint/log.ts'
import { KafkaError } from '../kafka/errors.ts'
import type { ReadLogOptions } from '../kafka/log-reader.ts'

/** A command gives up after so long without an answer, in milliseconds. */
const PATIENCE_MS = 25_000
const LOOK_MS = 500

type Told = Pick<ReadLogOptions, 'take' | 'signal' | 'random' | 'onFailure' | 'onAnswer' | 'stallAfterMs'>

/**
 * Reads as `read` does, which alone would try for ever, and gives up once nothing has come for half a minute: rejects with `unreachable`.
 * `signal` ends it before.
 */
export async function readPatiently(
  read: (told: Told) => Promise<void>, { topic, take, signal }: { topic: string; take: (stretch: ReadStretch) => void | Promise<void>; signal?: AbortSignal },
): Promise<void> {
  const givenUp = new AbortController()
  let heard = performance.now()
  let failure: unknown = null
  const hear = () => { heard = performance.now() }
  const timer = setInterval(() => { if (failure !== null && performance.now() - heard > PATIENCE_MS) givenUp.abort() }, LOOK_MS)
  try {
    await read({
      random: Math.random, stallAfterMs: PATIENCE_MS / 2, onAnswer: hear,
      signal: signal === undefined ? givenUp.signal : AbortSignal.any([givenUp.signal, signal]),
      onFailure: error => { failure = error },
      take: async stretch => {
        failure = null
        await take(stretch)
        hear()
      },
    })
  } finally {
    clearInterval(timer)
  }
  if (!givenUp.signal.aborted) return
  const reason = failure instanceof Error ? failure.message : String(failure)
  throw new KafkaError('unreachable', `topic ${topic} could not be read for ${PATIENCE_MS / 1_000} s: ${reason}; are the brokers well?`, { cause: failure })
}

/** Tells how far something is, every two seconds for as long as it takes. */
export class Ticker {
  readonly #tell: (text: string) => void
  #told = performance.now()

  constructor(tell: (text: string) => void) {
    this.#tell = tell
  }

  tick(text: () => string): void {
    if (performance.now() - this.#told < TELL_EVERY_MS) return
    this.#told = performance.now()
    this.#tell(text())
  }
}
const TELL_EVERY_MS = 2_000

import { Rejection } from '../contract/bounds.ts'
import type { Counters } from './counters.ts'
import type { Delivery } from './delivery.ts'
import type { EventEncoder, Outgoing } from './encoder.ts'
import type { ErrorOutlet } from './error-outlet.ts'
import type { Entry } from './fields.ts'
import type { Settings } from './options.ts'
import type { BoundedQueue } from './queue.ts'

/** A batch ends once its values have this many bytes, well below what a topic of the contract takes at once. */
const BATCH_BYTES = 524_288

export interface SenderParts {
  settings: Settings
  queue: BoundedQueue<Entry>
  encoder: EventEncoder
  delivery: Delivery
  counters: Counters
  errors: ErrorOutlet
}

/** Empties the queue, one batch at a time: when a batch is full, when its first event has waited long enough, or when flushed. */
export class Sender {
  readonly #parts: SenderParts
  #timer: NodeJS.Timeout | undefined
  #soon = false
  #sending = false
  #stopped = false
  #waiters: { upTo: number; resolve: () => void }[] = []

  constructor(parts: SenderParts) {
    this.#parts = parts
  }

  /** To be called after every push. Never sends within the call. */
  wake(): void {
    if (this.#sending || this.#stopped || this.#soon) return
    const { queue, settings } = this.#parts
    if (queue.waiting >= settings.batchSize || this.#waiters.length > 0) this.#schedule(0)
    else if (this.#timer === undefined) this.#schedule(settings.lingerMs)
  }

  /** Resolves once all that was pushed before the call is released. Keeps the process alive until then. */
  flush(): Promise<void> {
    const { queue } = this.#parts
    const upTo = queue.accepted
    if (queue.released >= upTo || this.#stopped) return Promise.resolve()
    return new Promise(resolve => {
      // All else is unref'd, so without this a host that only awaits the flush would exit in the middle of it.
      const alive = setInterval(() => undefined, 60_000)
      this.#waiters.push({ upTo, resolve: () => resolve(clearInterval(alive)) })
      this.wake()
    })
  }

  /** Sends nothing more and lets the flushes go. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#settle(Infinity)
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer)
    this.#soon = ms === 0
    this.#timer = setTimeout(() => void this.#sendBatch(), ms)
    this.#timer.unref()
  }

  async #sendBatch(): Promise<void> {
    const { queue, delivery } = this.#parts
    this.#timer = undefined
    this.#soon = false
    this.#sending = true
    const { batch, taken } = this.#nextBatch()
    if (batch.length > 0) await delivery.deliver(batch)
    queue.release(taken)
    this.#sending = false
    this.#settle(queue.released)
    if (queue.waiting > 0) this.wake()
  }

  #nextBatch(): { batch: Outgoing[]; taken: number } {
    const { queue, settings, encoder } = this.#parts
    const batch: Outgoing[] = []
    let taken = 0
    for (let bytes = 0; taken < settings.batchSize && bytes < BATCH_BYTES; taken++) {
      const entry = queue.take()
      if (entry === undefined) break
      const outgoing = encoder.event(entry)
      if (outgoing instanceof Rejection) {
        this.#reject(entry, outgoing)
        continue
      }
      batch.push(outgoing)
      bytes += outgoing.value.length
    }
    return { batch, taken }
  }

  #reject({ kind, units }: Entry, { reason, detail }: Rejection): void {
    this.#parts.counters.drop('droppedEncode', units)
    this.#parts.errors.tell('EVENT_INVALID', () => `a ${kind} is dropped (${reason}): ${detail}. Correct what is recorded`)
  }

  #settle(released: number): void {
    const done = this.#waiters.filter(({ upTo }) => upTo <= released)
    this.#waiters = this.#waiters.filter(({ upTo }) => upTo > released)
    for (const { resolve } of done) resolve()
  }
}

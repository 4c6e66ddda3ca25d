import type { EventOf } from '../contract/events.ts'
import type { AgentClock } from './clock.ts'
import { unitsOf, type Counters } from './counters.ts'
import type { ErrorOutlet } from './error-outlet.ts'
import type { Entry, Loose } from './fields.ts'
import type { BoundedQueue } from './queue.ts'
import type { Sender } from './sender.ts'

export interface RecorderParts {
  queue: BoundedQueue<Entry>
  sender: Sender
  counters: Counters
  errors: ErrorOutlet
  clock: AgentClock
}

/** The host's side of the queue: all that happens within its call is a copy, a count and a push. Encoding waits for the batch. */
export class Recorder {
  readonly #parts: RecorderParts
  #closed = false

  constructor(parts: RecorderParts) {
    this.#parts = parts
  }

  lookup(lookup: Loose<EventOf['lookup']>): void {
    const fields = this.#copy(lookup)
    if (fields !== undefined) this.#accept({ kind: 'lookup', fields, units: unitsOf(fields.weight ?? 1) })
  }

  registration(registration: Loose<EventOf['registration']>): void {
    const fields = this.#copy(registration)
    if (fields !== undefined) this.#accept({ kind: 'registration', fields, units: 1 })
  }

  /** From here on all is counted as droppedShutdown. */
  close(): void {
    this.#closed = true
  }

  #copy<T extends { occurredAt?: number | undefined }>(told: T): T | undefined {
    try {
      return { ...told, occurredAt: told.occurredAt ?? this.#parts.clock.now() }
    } catch (cause) {
      const { counters, errors } = this.#parts
      counters.record(1)
      counters.drop('droppedEncode', 1)
      const say = (): string => `an event is dropped: its fields cannot be read (${String(cause)}). Correct what is recorded`
      errors.tell('EVENT_INVALID', say, cause)
      return undefined
    }
  }

  #accept(entry: Entry): void {
    const { queue, sender, counters, errors } = this.#parts
    counters.record(entry.units)
    if (this.#closed) counters.drop('droppedShutdown', entry.units)
    else if (queue.push(entry)) sender.wake()
    else {
      counters.drop('droppedQueueFull', entry.units)
      errors.tell('QUEUE_FULL', () => 'the queue is full of events Kafka has not taken, more are dropped: see to Kafka or raise queueLimit')
    }
  }
}

import type { EventOf } from '../contract/events.ts'
import type { Circuit } from './circuit.ts'
import { unitsOf, type Counters } from './counters.ts'
import type { ErrorOutlet } from './error-outlet.ts'
import type { Entry, Loose } from './fields.ts'
import { HotEdges } from './hot-edges.ts'
import type { Settings } from './options.ts'
import type { BoundedQueue } from './queue.ts'
import type { Sender } from './sender.ts'

export interface RecorderParts {
  queue: BoundedQueue<Entry>
  sender: Sender
  counters: Counters
  errors: ErrorOutlet
  circuit: Circuit
  settings: Settings
}

/** The host's side of the queue: all that happens within its call is a copy, a count and a push. Encoding waits for the batch. */
export class Recorder {
  readonly #parts: RecorderParts
  readonly #hotEdges = new HotEdges()
  #closed = false

  constructor(parts: RecorderParts) {
    this.#parts = parts
  }

  lookup(lookup: Loose<EventOf['lookup']>): void {
    if (this.#isShed()) return this.#drop(weightOf(lookup))
    const fields = this.#copy(lookup)
    if (fields !== undefined) this.ownLookup(fields)
  }

  /** As `lookup`, of an object that is the recorder's from here on. */
  ownLookup(fields: Loose<EventOf['lookup']>): void {
    const { queue, counters, settings: { clock, timestampStepMs: step } } = this.#parts
    fields.occurredAt ??= Math.floor(clock.now() / step) * step
    // Whole, as it will be sent: so that the bucket it is seen in is the one it is told in.
    if (typeof fields.durationMicros === 'number') fields.durationMicros = Math.round(fields.durationMicros)
    const entry = { kind: 'lookup', fields, units: unitsOf(fields.weight ?? 1) } as const
    if (!this.#closed && this.#hotEdges.join(entry, queue.taken)) counters.record(entry.units)
    else if (this.#accept(entry)) this.#hotEdges.add(entry)
  }

  registration(registration: Loose<EventOf['registration']>): void {
    if (this.#isShed()) return this.#drop(1)
    const fields = this.#copy(registration)
    if (fields === undefined) return
    fields.occurredAt ??= this.#parts.settings.clock.now()
    this.#accept({ kind: 'registration', fields, units: 1 })
  }

  /** From here on all is counted as droppedShutdown. */
  close(): void {
    this.#closed = true
  }

  /** With Kafka away and the queue full there is nothing to be done with an event, so it is not even copied. */
  #isShed(): boolean {
    const { queue, circuit } = this.#parts
    return circuit.isOpen && queue.isFull && !this.#closed
  }

  #copy<T>(told: T): T | undefined {
    try {
      return { ...told }
    } catch (cause) {
      const { counters, errors } = this.#parts
      counters.record(1)
      counters.drop('droppedEncode', 1)
      const say = (): string => `an event is dropped: its fields cannot be read (${String(cause)}). Correct what is recorded`
      errors.tell('EVENT_INVALID', say, cause)
      return undefined
    }
  }

  /** False: it is dropped, and counted. */
  #accept(entry: Entry): boolean {
    const { queue, sender, counters } = this.#parts
    if (this.#closed) {
      counters.record(entry.units)
      counters.drop('droppedShutdown', entry.units)
      return false
    }
    if (!queue.push(entry)) {
      this.#drop(entry.units)
      return false
    }
    counters.record(entry.units)
    sender.wake()
    return true
  }

  #drop(units: number): void {
    const { counters, errors } = this.#parts
    counters.record(units)
    counters.drop('droppedQueueFull', units)
    errors.tell('QUEUE_FULL', () => 'the queue is full of events Kafka has not taken, more are dropped: see to Kafka or raise queueLimit')
  }
}

/** What a look-up stands for, unless it cannot be read at all. */
function weightOf(lookup: Loose<EventOf['lookup']>): number {
  try {
    return unitsOf(lookup.weight ?? 1)
  } catch {
    return 1
  }
}

import { byTopic, halves, producerBatch, unitsIn } from './batch.ts'
import type { Circuit } from './circuit.ts'
import type { Connection } from './connection.ts'
import type { Counters } from './counters.ts'
import type { Outgoing } from './encoder.ts'
import type { ErrorOutlet } from './error-outlet.ts'
import { backoff, pause } from './pause.ts'
import { sendVerdict } from './producer.ts'

export interface DeliveryParts {
  connection: Connection
  circuit: Circuit
  counters: Counters
  errors: ErrorOutlet
  random: () => number
  /** Once aborted, nothing more is sent or counted. */
  stop: AbortSignal
}

/** Brings one batch to Kafka. While it tries, nothing else is sent: so a partition's events never change their order. */
export class Delivery {
  readonly #parts: DeliveryParts

  constructor(parts: DeliveryParts) {
    this.#parts = parts
  }

  /**
   * Resolves once every event is acknowledged or dropped, and counted; or, with the rest uncounted, when stopped. An attempt whose answer
   * was lost is repeated with the same sequences, which is how readers know a repetition. Never rejects.
   */
  async deliver(batch: readonly Outgoing[]): Promise<void> {
    const { connection, circuit, counters, errors, random, stop } = this.#parts
    await connection.opened
    for (let attempt = 0; !stop.aborted; attempt++) {
      const failure = await this.#failure(batch)
      if (stop.aborted) return
      const verdict = failure === undefined ? 'taken' : sendVerdict(failure.cause)
      // A refusal is an answer, too.
      if (verdict === 'retry') circuit.failed()
      else circuit.succeeded()
      if (failure === undefined) return counters.acknowledge(unitsIn(batch))
      const { cause } = failure
      if (verdict === 'refused' || verdict === 'too-large') return await this.#refused(batch, verdict, cause)
      errors.tell('SEND_RETRIED', () => `Kafka did not take ${batch.length} events (${String(cause)}): they wait and are sent again`, cause)
      await pause(backoff(attempt, random), stop)
    }
  }

  async #failure(batch: readonly Outgoing[]): Promise<{ cause: unknown } | undefined> {
    try {
      await this.#parts.connection.send(producerBatch(batch))
      return undefined
    } catch (cause) {
      return { cause }
    }
  }

  /** Narrows a refusal down, so that it costs only what caused it: a topic's events, or the one event that is too large. */
  async #refused(batch: readonly Outgoing[], verdict: 'too-large' | 'refused', cause: unknown): Promise<void> {
    const parts = verdict === 'too-large' ? halves(batch) : byTopic(batch)
    if (parts.length > 1) {
      for (const part of parts) await this.deliver(part)
      return
    }
    const { counters, errors } = this.#parts
    const topic = batch[0]?.topic ?? ''
    if (verdict === 'too-large') {
      counters.drop('droppedTooLarge', unitsIn(batch))
      errors.tell('EVENT_TOO_LARGE', () => `an event is too large for ${topic} and is dropped: raise its max.message.bytes`, cause)
    } else {
      counters.drop('droppedSend', unitsIn(batch))
      const say = (): string => `${topic} refuses ${batch.length} events (${String(cause)}), they are dropped: see to it and its ACLs`
      errors.tell('SEND_REFUSED', say, cause)
    }
  }
}

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ProducerBatch } from 'kafkajs'
import type { Circuit } from './circuit.ts'
import type { ErrorOutlet } from './error-outlet.ts'
import { asOwnWork } from './own-work.ts'
import { backoff, pause } from './pause.ts'
import type { EventProducer } from './producer.ts'

export interface ConnectionParts {
  errors: ErrorOutlet
  circuit: Circuit
  random: () => number
}

/** A producer's life: connects for as long as it takes, and once closed stays closed. */
export class Connection {
  readonly #producer: EventProducer
  readonly #errors: ErrorOutlet
  readonly #circuit: Circuit
  readonly #random: () => number
  readonly #closing = new AbortController()
  readonly #opened: Promise<boolean>
  #isOpen = false

  constructor(producer: EventProducer, { errors, random, circuit }: ConnectionParts) {
    this.#producer = producer
    this.#errors = errors
    this.#circuit = circuit
    this.#random = random
    this.#opened = this.#open()
  }

  /** Resolves to true once connected, to false if it was closed before. Never rejects. */
  get opened(): Promise<boolean> {
    return this.#opened
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Aborts when the connection begins to close. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** Rejects as kafkajs does. */
  async send(batch: ProducerBatch): Promise<void> {
    try {
      await asOwnWork(() => this.#producer.sendBatch(batch))
    } finally {
      // Trap: a kafkajs send that fails after its producer was disconnected connects it again.
      if (this.#closing.signal.aborted) void this.#disconnect()
    }
  }

  /** Ends all pauses. What is under way is left to itself. Never rejects. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#isOpen = false
    await this.#disconnect()
  }

  async #open(): Promise<boolean> {
    const { signal } = this.#closing
    await nextTurn() // by then the host has instrumented what it instruments at its start: see own-work.ts
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await asOwnWork(() => this.#producer.connect())
        if (signal.aborted) break
        this.#circuit.succeeded()
        this.#isOpen = true
        return true
      } catch (cause) {
        this.#circuit.failed()
        const say = (): string => `Kafka cannot be reached (${String(cause)}): events wait, and the agent goes on trying`
        this.#errors.tell('KAFKA_UNREACHABLE', say, cause)
        await pause(backoff(attempt, this.#random), signal)
      }
    }
    void this.#disconnect()
    return false
  }

  async #disconnect(): Promise<void> {
    try {
      await asOwnWork(() => this.#producer.disconnect())
    } catch {
      // It is gone either way.
    }
  }
}

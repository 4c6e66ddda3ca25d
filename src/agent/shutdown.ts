import type { Connection } from './connection.ts'
import type { Counters } from './counters.ts'
import type { ErrorOutlet } from './error-outlet.ts'
import { within } from './pause.ts'
import type { Recorder } from './recorder.ts'
import type { Reporter } from './reporter.ts'
import type { Sender } from './sender.ts'

const DEADLINE_MS = 5_000
/** After the deadline, the last report and the disconnect have this long. */
const LAST_WORDS_MS = 1_000

export interface ShutdownParts {
  recorder: Recorder
  sender: Sender
  reporter: Reporter
  connection: Connection
  counters: Counters
  errors: ErrorOutlet
  /** Puts back what was instrumented. */
  restore: () => void
  /** Aborted once nothing more may be sent or counted as sent. */
  stop: AbortController
}

/** Ends an agent, once. */
export class Shutdown {
  readonly #parts: ShutdownParts
  #closing: Promise<void> | undefined

  constructor(parts: ShutdownParts) {
    this.#parts = parts
  }

  close(deadlineMs = DEADLINE_MS): Promise<void> {
    this.#closing ??= this.#close(deadlineMs)
    return this.#closing
  }

  async #close(deadlineMs: number): Promise<void> {
    const { recorder, sender, reporter, connection, restore } = this.#parts
    restore()
    recorder.close()
    reporter.stop()
    await within(sender.flush(), deadlineMs)
    this.#dropRest(deadlineMs)
    await within(reporter.publish().then(() => connection.close()), LAST_WORDS_MS)
    // If the report got stuck, the connection has not been told yet.
    if (!connection.closing.aborted) void connection.close()
  }

  #dropRest(deadlineMs: number): void {
    const { sender, counters, errors, stop } = this.#parts
    stop.abort()
    sender.stop()
    const rest = counters.pending
    if (rest === 0) return
    counters.drop('droppedShutdown', rest)
    errors.tell('SHUTDOWN_INCOMPLETE', () => `${rest} events are dropped, Kafka did not take them in ${deadlineMs} ms: give close() longer`)
  }
}

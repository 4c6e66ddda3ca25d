import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { AgentReport } from '../contract/events.ts'
import { producerBatch } from './batch.ts'
import type { Connection } from './connection.ts'
import type { Counters } from './counters.ts'
import type { EventEncoder } from './encoder.ts'
import type { ErrorOutlet } from './error-outlet.ts'
import type { Settings } from './options.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

export interface ReporterParts {
  settings: Settings
  encoder: EventEncoder
  connection: Connection
  counters: Counters
  errors: ErrorOutlet
}

/** Publishes the agent's own account. A lost report costs nothing: the numbers are cumulative. */
export class Reporter {
  readonly #parts: ReporterParts
  readonly #startedAt: number
  #timer: NodeJS.Timeout | undefined
  #last: Promise<void> = Promise.resolve()
  #underWay = 0

  constructor(parts: ReporterParts) {
    this.#parts = parts
    this.#startedAt = parts.settings.clock.now()
  }

  /** The account as it stands; `sequence` is 0, since this copy goes nowhere. */
  report(): AgentReport {
    const { settings, encoder, counters } = this.#parts
    return {
      agentId: encoder.agentId, sequence: 0, occurredAt: settings.clock.now(), source: settings.identity.source, version, host: hostname(),
      startedAt: this.#startedAt, ...counters.snapshot(), sampledOut: 0,
    }
  }

  start(): void {
    const { reportIntervalMs } = this.#parts.settings
    if (reportIntervalMs === 0) return
    this.#timer = setInterval(() => {
      if (this.#underWay === 0) void this.publish()
    }, reportIntervalMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Sends a report after those under way, if Kafka is connected. Never rejects. */
  publish(): Promise<void> {
    this.#underWay += 1
    this.#last = this.#last.then(() => this.#send())
    return this.#last
  }

  async #send(): Promise<void> {
    const { connection, encoder, errors } = this.#parts
    try {
      if (connection.isOpen) await connection.send(producerBatch([encoder.report(this.report())]))
    } catch (cause) {
      errors.tell('REPORT_FAILED', () => `a report was not published (${String(cause)}): the next one covers it`, cause)
    }
    this.#underWay -= 1
  }
}

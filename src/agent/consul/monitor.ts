import { LineSplitter } from '../line-splitter.ts'
import { backoff, pause } from '../pause.ts'
import { consulErrorOf, type ConsulConnection } from './consul-connection.ts'
import { ConsulError } from './consul-error.ts'
import type { WatchSurroundings } from './watch.ts'

const PATH = '/v1/agent/monitor'
const MAX_LINE_BYTES = 65_536
/** Our own questions alone make a line a minute. */
const SILENT_MS = 180_000

export interface MonitorParts {
  connection: ConsulConnection
  /** A line as it is; undefined: it is too long. */
  take: (line: string | undefined) => void
  surroundings: Pick<WatchSurroundings, 'failed' | 'random'>
}

/** Reads the log of the Consul agent that is asked, as it comes; after a failure it backs off. What was logged meanwhile is lost. */
export class Monitor {
  readonly #parts: MonitorParts
  readonly #stop = new AbortController()
  #failures = 0

  constructor(parts: MonitorParts) {
    this.#parts = parts
  }

  /** Resolves when it is stopped. Rejects with faults of our own alone. */
  async run(): Promise<void> {
    const { failed, random } = this.#parts.surroundings
    while (!this.#stop.signal.aborted) {
      const error = await this.#read()
      if (this.#stop.signal.aborted) return
      failed(error)
      await pause(backoff(this.#failures, random), this.#stop.signal)
      this.#failures += 1
    }
  }

  stop(): void {
    this.#stop.abort()
  }

  /** Resolves with why it ended. */
  async #read(): Promise<ConsulError> {
    const { connection, take } = this.#parts
    const silence = new Silence(SILENT_MS)
    const splitter = new LineSplitter(MAX_LINE_BYTES)
    try {
      const parameters = { loglevel: 'debug', logjson: 'true' }
      const signal = AbortSignal.any([this.#stop.signal, silence.signal])
      for await (const chunk of await connection.open(PATH, { parameters, needed: 'agent:read', signal }) as AsyncIterable<Buffer>) {
        silence.broken()
        this.#failures = 0
        for (const { bytes } of splitter.push(chunk)) if (bytes?.length !== 0) take(bytes?.toString())
      }
      return new ConsulError('unreachable', 'Consul has ended its log')
    } catch (cause) {
      return silence.signal.aborted ? new ConsulError('timeout', `Consul has logged nothing for ${SILENT_MS / 1_000} s`, { cause }) : consulErrorOf(cause, PATH)
    } finally {
      silence.end()
    }
  }
}

/** Aborts once nothing has broken it for so long. */
class Silence {
  readonly #abort = new AbortController()
  readonly #timer: NodeJS.Timeout

  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#abort.abort(), ms).unref()
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  broken(): void {
    this.#timer.refresh()
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}

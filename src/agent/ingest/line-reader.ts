import type { Readable } from 'node:stream'
import type { Intake, NumberedFault } from './intake.ts'
import { LineSplitter, type Line } from '../line-splitter.ts'

export interface LineReaderParts {
  input: Readable
  intake: Intake
  maxLineBytes: number
  /** Told of each thing that is wrong with a line. */
  onFault: (fault: NumberedFault) => void
}

/** Reads lines from a stream, no faster than Kafka takes their events. */
export class LineReader {
  readonly #parts: LineReaderParts
  #isStopped = false

  constructor(parts: LineReaderParts) {
    this.#parts = parts
  }

  /** Resolves at the input's end or, with the line under way, once it is stopped; rejects where the input cannot be read. */
  async read(): Promise<void> {
    const { input, maxLineBytes } = this.#parts
    const splitter = new LineSplitter(maxLineBytes)
    try {
      for await (const chunk of input) await this.#take(splitter.push(chunk as Buffer))
      await this.#take(splitter.end())
    } catch (error) {
      if (!this.#isStopped) throw error
    }
  }

  stop(): void {
    this.#isStopped = true
    this.#parts.input.destroy()
  }

  async #take(lines: Iterable<Line>): Promise<void> {
    const { intake, onFault } = this.#parts
    for (const line of lines) {
      if (this.#isStopped) return
      for (const fault of await intake.line(line)) onFault({ line: line.number, ...fault })
    }
  }
}

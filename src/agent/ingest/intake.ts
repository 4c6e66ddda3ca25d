import type { DiscoveryAgent } from '../agent.ts'
import { readEventLine, tooLong, type LineFault, type ReadEvent, type ReadLine } from './event-line.ts'
import { LINE_FEED, LineSplitter, type Line } from '../line-splitter.ts'
import { Room } from './room.ts'

/** What became of a line. Those of a body that is not taken were not looked at: `full`, the queue had no room, or `too_many` of them. */
export const lineResults = ['accepted', 'blank', 'faulty', 'full', 'too_many'] as const
export type LineResult = (typeof lineResults)[number]

/** Something that is wrong with a line of a body or a stream; lines count from 1. */
export interface NumberedFault extends LineFault {
  line: number
}

export interface BodyTaken {
  /** Lines that are events, and recorded. */
  accepted: number
  /** Lines that are none. */
  rejected: number
  /** Of the first of these. */
  faults: NumberedFault[]
}

export interface IntakeOptions {
  maxLineBytes: number
  /** Which registry events speak of that do not say so. */
  source: string
  /** Of the agent's queue. */
  queueLimit: number
}

export type IntakeAgent = Pick<DiscoveryAgent, 'recordLookup' | 'recordRegistration' | 'flush'>

const MAX_TOLD_FAULTS = 100
/** What one body may keep the event loop busy with. */
const MAX_BODY_LINES = 10_000

/** Takes events as lines of JSON and records them. Each line counts once. */
export class Intake {
  readonly #options: IntakeOptions
  readonly #agent: IntakeAgent
  readonly #room: Room
  readonly #counts: Record<LineResult, number> = { accepted: 0, blank: 0, faulty: 0, full: 0, too_many: 0 }

  constructor(options: IntakeOptions, agent: IntakeAgent) {
    this.#options = options
    this.#agent = agent
    this.#room = new Room(options.queueLimit, agent.flush)
  }

  count(result: LineResult): number {
    return this.#counts[result]
  }

  /** Takes a body as a whole, or nothing of it: there is no room in the queue now, or never is for so many lines. */
  body(bytes: Buffer): BodyTaken | 'full' | 'too_many_lines' {
    const lines = linesIn(bytes)
    if (lines > Math.min(MAX_BODY_LINES, this.#options.queueLimit)) {
      this.#counts.too_many += lines
      return 'too_many_lines'
    }
    if (!this.#room.has(lines)) {
      this.#counts.full += lines
      return 'full'
    }
    const taken: BodyTaken = { accepted: 0, rejected: 0, faults: [] }
    const splitter = new LineSplitter(this.#options.maxLineBytes)
    for (const line of [...splitter.push(bytes), ...splitter.end()]) {
      const faults = this.#take(this.#read(line))
      if (faults === null) taken.accepted += 1
      else if (faults.length > 0) taken.rejected += 1
      taken.faults.push(...(faults ?? []).slice(0, MAX_TOLD_FAULTS - taken.faults.length).map(fault => ({ line: line.number, ...fault })))
    }
    return taken
  }

  /** Takes one line; waits until there is room for it. Resolves with what is wrong with it. */
  async line(line: Line): Promise<LineFault[]> {
    const read = this.#read(line)
    if (read !== null && 'event' in read && !this.#room.has(1)) await this.#room.free()
    return this.#take(read) ?? []
  }

  /** Null: it was an event. */
  #take(read: ReadLine | null): LineFault[] | null {
    if (read === null) {
      this.#counts.blank += 1
      return []
    }
    if ('faults' in read) {
      this.#counts.faulty += 1
      return read.faults
    }
    this.#counts.accepted += 1
    this.#record(read.event)
    return null
  }

  /** Null: there is nothing in it. */
  #read({ bytes }: Line): ReadLine | null {
    if (bytes === undefined) return { faults: [tooLong(this.#options.maxLineBytes)] }
    return isBlank(bytes) ? null : readEventLine(bytes)
  }

  #record({ kind, fields }: ReadEvent): void {
    const source = fields.source ?? this.#options.source
    this.#room.take()
    if (kind === 'lookup') this.#agent.recordLookup({ ...fields, source })
    else this.#agent.recordRegistration({ ...fields, source })
  }
}

function linesIn(bytes: Buffer): number {
  let lines = bytes.length > 0 && bytes.at(-1) !== LINE_FEED ? 1 : 0
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) lines += 1
  return lines
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every(byte => byte === 0x20 || byte === 0x09 || byte === 0x0d)
}

import { MAX_EVENT_BYTES, type Rejection } from '../contract/bounds.ts'
import { cutLetter, isReplayed, REPLAYED_HEADER, sizeOfRecord, type DeadLetter } from '../contract/dead-letters.ts'
import { INPUT_MAX_MESSAGE_BYTES } from '../contract/topics.ts'
import { recordAt, type RecordCursor, type UnreadableBatch } from '../checkpoint/log.ts'
import type { Partition } from './records.ts'
import type { Telemetry } from './telemetry.ts'

/** Appends to the dead-letter topic. It always settles within seconds. */
export interface DeadLetterLog {
  /**
   * Resolves once every letter is acknowledged that the topic takes, with these; those that it does not take in any form are left out.
   * Rejects if it cannot tell. `partition`: the one that they came from.
   */
  append: (partition: number, letters: readonly DeadLetter[]) => Promise<readonly DeadLetter[]>
}

/** A letter holds no more of a record. A batch of that size takes up more only where it was compressed, or its topic takes more. */
export const MOST_LETTER_BYTES = 16 * INPUT_MAX_MESSAGE_BYTES
/** Letters that wait for their checkpoint are at most so many bytes, and one letter more. */
const MOST_WAITING_BYTES = 4 * INPUT_MAX_MESSAGE_BYTES
/** What a letter is reckoned to take beside the record's bytes: our headers, and what holds them. */
const OVERHEAD_BYTES = 512
/** How much may be stored at once after a quiet time: so many seconds' worth. */
const BURST_SECONDS = 10

const REPLAYED = Buffer.from(REPLAYED_HEADER)

/** Whether the record was a dead letter before. Costs nearly nothing where there are no headers, and little where there are others. */
export function isReplay(cursor: RecordCursor): boolean {
  const { bytes, headersStart, headersEnd } = cursor
  if (headersEnd - headersStart <= REPLAYED.length) return false
  return bytes.subarray(headersStart, headersEnd).includes(REPLAYED) && isReplayed(cursor.headers())
}

/**
 * A token bucket. Its clock is the append time of the records: what it lets through does not depend on how fast they are read, and nothing
 * below its rate is held back while a backlog is caught up with.
 */
export class Allowance {
  readonly #perSecond: number
  /** In thousandths, so that nothing is lost to fractions. */
  readonly #most: number
  #left: number
  #time = 0

  constructor(perSecond: number) {
    this.#perSecond = perSecond
    this.#most = this.#left = perSecond * BURST_SECONDS * 1_000
  }

  /** Whether so much may be spent at that time (milliseconds; an earlier one counts as the latest). More than it can ever hold takes all. */
  spend(cost: number, time: number): boolean {
    const passed = Math.max(0, time - this.#time)
    this.#left = Math.min(this.#most, this.#left + passed * this.#perSecond)
    this.#time += passed
    const due = Math.min(cost * 1_000, this.#most)
    if (due > this.#left) return false
    this.#left -= due
    return true
  }
}

/** The dead letters of a partition that wait for the checkpoint that passes them. */
export class LetterBox {
  readonly #partition: Partition
  readonly #allowance: Allowance
  readonly #telemetry: Pick<Telemetry, 'lettersDropped'>
  #waiting: DeadLetter[] = []
  #bytes = 0

  /** `rate`: letters a second that are stored in the long run. */
  constructor({ topic, partition }: Partition, rate: number, telemetry: Pick<Telemetry, 'lettersDropped'>) {
    this.#partition = { topic, partition }
    this.#allowance = new Allowance(rate)
    this.#telemetry = telemetry
  }

  /** A checkpoint had better be taken before there are more. */
  get isFull(): boolean {
    return this.#bytes >= MOST_WAITING_BYTES
  }

  /** Keeps a copy of the record that the cursor stands on, if the rate allows it. */
  put({ reason, detail }: Rejection, cursor: RecordCursor): void {
    const { keyStart, keyEnd, valueStart, valueEnd, headersStart, headersEnd, offset, appendTime: timestamp } = cursor
    const size = keyEnd - keyStart + valueEnd - valueStart + headersEnd - headersStart
    if (!this.#isAllowed(size, { time: timestamp, records: 1 })) return
    const { key, value, headers } = recordAt(cursor)
    this.#keep({ ...this.#partition, offset, timestamp, reason, detail, key, value, headers, batchOf: 0, cutFrom: 0 })
  }

  /** Keeps a copy of the batch, if the rate allows it: so many records of it, from the offset on, are lost. */
  putBatch(
    { code: reason, message: detail, appendTime: timestamp, bytes: value }: UnreadableBatch, { offset, records }: { offset: number; records: number },
  ): void {
    if (!this.#isAllowed(value.length, { time: timestamp, records })) return
    this.#keep({ ...this.#partition, offset, timestamp, reason, detail, key: null, value, headers: [], batchOf: records, cutFrom: 0 })
  }

  #isAllowed(size: number, { time, records }: { time: number; records: number }): boolean {
    const isAllowed = this.#allowance.spend(1 + Math.floor(size / MAX_EVENT_BYTES), time)
    if (!isAllowed) this.#telemetry.lettersDropped(this.#partition.topic, records)
    return isAllowed
  }

  #keep(whole: DeadLetter): void {
    const letter = copied(cutLetter(whole, MOST_LETTER_BYTES))
    this.#waiting.push(letter)
    this.#bytes += weightOf(letter)
  }

  /** All that wait, in their order, as they fit into a batch each. */
  take(): DeadLetter[][] {
    const batches: DeadLetter[][] = []
    let room = 0
    for (const letter of this.#waiting) {
      room -= weightOf(letter)
      if (room < 0) {
        batches.push([])
        room = INPUT_MAX_MESSAGE_BYTES - weightOf(letter)
      }
      batches.at(-1)?.push(letter)
    }
    this.#waiting = []
    this.#bytes = 0
    return batches
  }
}

function weightOf(letter: DeadLetter): number {
  return sizeOfRecord(letter) + OVERHEAD_BYTES
}

/** The fetched bytes are not kept for the sake of a letter. */
function copied(letter: DeadLetter): DeadLetter {
  const headers = letter.headers.map(([name, value]) => [name, copyOf(value)] as const)
  return { ...letter, key: copyOf(letter.key), value: copyOf(letter.value), headers }
}

function copyOf(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes)
}

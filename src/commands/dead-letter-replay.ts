import { REPLAYED_HEADER, sizeOfRecord, type LetterRecord } from '../contract/dead-letters.ts'
import { KafkaError } from '../kafka/errors.ts'
import type { StoredLetter } from './dead-letter-report.ts'
import { CommandError } from './errors.ts'

/** Records are sent together up to this, in bytes. */
const BATCH_BYTES = 524_288
const BATCH_RECORDS = 500
/** Input records that are kept in mind, lest one of which there are two letters be sent twice. */
const MOST_SEEN = 1_000_000

/** Why a letter was not replayed. A closed list. */
export const skipReasons = {
  batch: 'a batch that nobody can read, so there is no record to send',
  cut: 'cut to fit, so not all of the record is there',
  twice: 'a second letter of the same record',
  otherTopic: 'not of an input of this deployment',
  refused: 'would be set aside again (--force sends it all the same)',
  tooLarge: 'too large for its topic with one header more',
} as const
export type SkipReason = keyof typeof skipReasons

export interface ReplayOptions {
  append: (topic: string, partition: number, records: readonly LetterRecord[]) => Promise<void>
  inputs: ReadonlySet<string>
  /** Why the record would be set aside again; null if it would not. */
  faultOf: (letter: StoredLetter) => Promise<string | null>
  force: boolean
  dryRun: boolean
}

/** Sends the records of letters again to where they came from, in the letters' order. */
export class Replay {
  sent = 0
  readonly skipped = new Map<SkipReason, number>()
  readonly #options: ReplayOptions
  readonly #seen = new Set<string>()
  #batch: StoredLetter[] = []
  #bytes = 0

  constructor(options: ReplayOptions) {
    this.#options = options
  }

  /** Rejects with `replay_stopped` where Kafka does not say whether it has them. */
  async put(letter: StoredLetter): Promise<void> {
    const reason = await this.#skipReason(letter)
    if (reason !== null) return this.#skip(reason)
    const [first = letter] = this.#batch
    const isElsewhere = first.topic !== letter.topic || first.partition !== letter.partition
    const size = sizeOfRecord(letter)
    if (isElsewhere || this.#bytes + size > BATCH_BYTES || this.#batch.length === BATCH_RECORDS) await this.flush()
    this.#batch.push(letter)
    this.#bytes += size
  }

  /** Sends what waits. */
  async flush(): Promise<void> {
    const letters = this.#batch
    this.#batch = []
    this.#bytes = 0
    if (letters.length === 0 || await this.#isSent(letters)) return
    for (const letter of letters) if (letters.length === 1 || !await this.#isSent([letter])) this.#skip('tooLarge')
  }

  async #skipReason(letter: StoredLetter): Promise<SkipReason | null> {
    const { inputs, force, faultOf } = this.#options
    if (!inputs.has(letter.topic)) return 'otherTopic'
    if (letter.batchOf > 0) return 'batch'
    if (letter.cutFrom > 0) return 'cut'
    const place = `${letter.topic}/${letter.partition}@${letter.offset}`
    if (this.#seen.has(place)) return 'twice'
    if (this.#seen.size === MOST_SEEN) throw this.#stopped(letter, `more than ${MOST_SEEN} letters at once; go on with --since`)
    this.#seen.add(place)
    return force || await faultOf(letter) === null ? null : 'refused'
  }

  /** False if it is too large. */
  async #isSent(letters: readonly StoredLetter[]): Promise<boolean> {
    const [first] = letters
    if (first === undefined) return true
    try {
      if (!this.#options.dryRun) await this.#options.append(first.topic, first.partition, letters.map(recordOf))
      this.sent += letters.length
      return true
    } catch (error) {
      if (error instanceof KafkaError && error.code === 'batch_too_large') return false
      throw this.#stopped(first, error instanceof Error ? error.message : String(error))
    }
  }

  #skip(reason: SkipReason): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1)
  }

  #stopped({ at, topic, partition, offset }: StoredLetter, cause: string): CommandError {
    return new CommandError('replay_stopped', `stopped at letter ${at.partition}/${at.offset} (${topic}/${partition}@${offset}), after ` +
      `${this.sent} records were sent: ${cause}; look whether it arrived before you go on behind it, or it may count twice`)
  }
}

/** The record as it was, and that it comes from a letter. */
function recordOf({ at, key, value, headers }: StoredLetter): LetterRecord {
  const own = headers.filter(([name]) => name !== REPLAYED_HEADER)
  return { key, value, headers: [...own, [REPLAYED_HEADER, Buffer.from(`${at.partition}/${at.offset}`)]] }
}

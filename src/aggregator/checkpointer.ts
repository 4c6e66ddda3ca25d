import { checkpointBatch, type Standing } from '../checkpoint/batch.ts'
import type { CheckpointCodec } from '../checkpoint/codec.ts'
import type { CheckpointLog, NewRecord } from '../checkpoint/log.ts'
import type { ShardView } from '../checkpoint/shard-view.ts'
import type { ShardState } from '../core/state.ts'
import { recordsIn, type DeadLetter } from '../contract/dead-letters.ts'
import type { DeadLetterLog, LetterBox } from './dead-letters.ts'
import type { Partition } from './records.ts'
import type { Telemetry } from './telemetry.ts'

/** Changes that may take this many bytes are written at once. With what is written again, a batch stays below the topic's bound. */
export const MOST_CHANGED_BYTES = 5_242_880
/** Checkpoints are at least this many times as far apart as taking one took. */
const STRETCH = 25
/** Progress is written again after this, if only to say that the owner stands at the partition's end. Milliseconds. */
const REFRESH_MS = 10_000
const RETRY_MS = 250
/** Records that are made before it is asked whether others should have their turn: half a millisecond. */
const AT_ONCE = 64
/** What is not acknowledged for so long is worth somebody's attention. Milliseconds. */
const PATIENCE_MS = 60_000

export interface CheckpointerOptions extends Partition {
  state: ShardState
  /** What was set aside and waits for a checkpoint. */
  letters: Pick<LetterBox, 'take'>
  view: ShardView
  /** The claim's offset, that the records carry. */
  epoch: number
  codec: CheckpointCodec
  log: CheckpointLog
  deadLetters: DeadLetterLog
  standing: () => Standing
  /** Whether the group session lives. */
  sessionLives: () => boolean
  /** How far checkpoints are apart, in milliseconds, unless one takes long. */
  checkpointInterval: number
  telemetry: Telemetry
  tell: (level: 'error', message: string) => void
  /** Aborts when the partition is no longer ours. */
  signal: AbortSignal
  /** Resolves after that many milliseconds; rejects when the signal aborts. */
  pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** Lets others work. */
  turn: () => Promise<void>
  /** Milliseconds, monotonic. */
  now: () => number
}

interface Taken {
  /** When, by the monotonic clock. */
  taken: number
  next: number
  letters: readonly (readonly DeadLetter[])[]
}

/** Writes a partition's checkpoints under one claim: one at a time, each sent until it is acknowledged or the claim is lost (rule 2). */
export class Checkpointer {
  readonly #options: CheckpointerOptions
  #underWay: Promise<void> = Promise.resolve()
  #taking: Promise<unknown> | null = null
  /** As last acknowledged: the next input offset, and when the owner stood at the end. */
  #written: { next: number; atEnd: number }
  #acknowledged: number
  #hasten = () => {}

  constructor(options: CheckpointerOptions) {
    this.#options = options
    const { progress } = options.view
    this.#written = { next: progress?.asOf ?? -1, atEnd: progress?.atEnd ?? 0 }
    this.#acknowledged = this.#written.next
  }

  /** The next input offset as last acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  /** Writes now and then what has changed. Rejects when the signal aborts. `onTaken`: called after each time. */
  async run(onTaken: () => void): Promise<void> {
    const { checkpointInterval, pause, signal } = this.#options
    for (let wait = checkpointInterval; ;) {
      await Promise.race([pause(wait, signal), new Promise<void>(resolve => { this.#hasten = resolve })])
      wait = Math.max(checkpointInterval, STRETCH * await this.take())
      onTaken()
    }
  }

  /** Writes soon what has changed, and not only when it is time. */
  hasten(): void {
    this.#hasten()
  }

  /** While this is not null, a checkpoint is being taken, and nothing may be folded until it resolves. */
  get taking(): Promise<unknown> | null {
    return this.#taking
  }

  /**
   * Once the checkpoint under way is acknowledged, takes what has changed and sends it. Resolves when it is taken, for then the fold may go
   * on, with the milliseconds that it took.
   */
  async take(): Promise<number> {
    for (let awaited: unknown; awaited !== this.#underWay;) { // others may wait, too: one at a time
      await (awaited = this.#underWay)
      await this.#options.turn()
    }
    if (!this.isNeeded() || this.#isLost()) return 0
    const { state, standing, now } = this.#options
    const began = now()
    const stands = standing()
    const next = state.next
    const letters = this.#options.letters.take()
    this.#written = { next, atEnd: stands.atEnd }
    const taking = this.#taking = this.#take(stands)
    this.#underWay = taking.then(records => this.#deliver(records, { taken: began, next, letters }), () => {}) // the taker is told
    await taking
    return now() - began
  }

  async #take(standing: Standing): Promise<NewRecord[]> {
    const { state, view, codec, epoch, turn } = this.#options
    const records: NewRecord[] = []
    try {
      for (const record of checkpointBatch(state, view, { codec, epoch, standing })) {
        if (records.push(record) % AT_ONCE === 0) await turn()
      }
      return records
    } finally {
      this.#taking = null
    }
  }

  /** Takes what has changed; resolves when it is acknowledged, or the claim is lost. */
  async write(): Promise<void> {
    await this.take()
    await this.#underWay
  }

  /** Whether there is anything to write. */
  isNeeded(): boolean {
    const { state, view, standing } = this.#options
    if (!state.changes.isEmpty || state.next !== this.#written.next || view.stale.size > 0) return true
    const { atEnd, policy } = standing()
    return atEnd - this.#written.atEnd >= REFRESH_MS || (view.progress?.policy ?? policy) !== policy
  }

  /** Dead letters are acknowledged before the checkpoint that passes them: no record is passed that is neither counted nor stored. */
  async #deliver(records: readonly NewRecord[], { taken, next, letters }: Taken): Promise<void> {
    const { log, deadLetters, topic, partition, telemetry, now } = this.#options
    for (const batch of letters) {
      const sent = await this.#send(async () => {
        const stored = await deadLetters.append(partition, batch)
        telemetry.lettersStored(topic, stored)
        telemetry.lettersDropped(topic, recordsIn(batch) - recordsIn(stored))
      }, taken)
      if (!sent) return
    }
    if (!await this.#send(() => log.append(partition, records), taken)) return
    const bytes = records.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0)
    telemetry.checkpointed({ topic, partition, records: records.length, bytes, seconds: (now() - taken) / 1_000 })
    this.#acknowledged = next
  }

  /** Tries until it is acknowledged; false if the claim is lost before. */
  async #send(append: () => Promise<void>, taken: number): Promise<boolean> {
    const { topic, partition, telemetry, now, tell } = this.#options
    for (let told = false; await this.#mayWrite();) {
      try {
        await append()
        return true
      } catch (error) {
        telemetry.checkpointFailed(topic)
        if (!told && now() - taken > PATIENCE_MS) {
          told = true
          tell('error', `no checkpoint of ${topic}/${partition} has been acknowledged for a minute, so what is counted is not shown: ` +
            (error instanceof Error ? error.message : String(error)))
        }
        await this.#rest()
      }
    }
    return false
  }

  /** Asked before every attempt. Waits while the group session may have ended; false if the claim is lost for good. */
  async #mayWrite(): Promise<boolean> {
    while (!this.#isLost() && !this.#options.sessionLives()) await this.#rest()
    return !this.#isLost()
  }

  #isLost(): boolean {
    const { signal, view, epoch } = this.#options
    return signal.aborted || view.claim?.epoch !== epoch
  }

  async #rest(): Promise<void> {
    const { pause, signal } = this.#options
    await pause(RETRY_MS, signal).catch(() => {}) // an abort is found by who asks next
  }
}

import { noLetters } from '../../aggregator/fake-letters.ts'
import { Aggregator } from '../../../src/aggregator/aggregator.ts'
import { Ownership } from '../../../src/aggregator/ownership.ts'
import type { Partition, RecordBatch } from '../../../src/aggregator/records.ts'
import type { CheckpointCodec } from '../../../src/checkpoint/codec.ts'
import type { NewRecord } from '../../../src/checkpoint/log.ts'
import type { ShardView } from '../../../src/checkpoint/shard-view.ts'
import { View } from '../../../src/checkpoint/view.ts'
import type { Retention } from '../../../src/core/retention.ts'
import type { VisibleShard } from '../../../src/views/shard.ts'
import type { Input } from './input.ts'
import type { MemoryLog } from './log.ts'
import { silent } from './silent.ts'
import { recordsOf } from '../../support/records.ts'

export const SESSION_TIMEOUT_MS = 10_000
export const SHARD = 'input-0'
const PARTITION: Partition = { topic: 'input', partition: 0 }

/** A batch on its way to the log. Its sender waits for an answer, unless it was told that there is none. */
export interface Sent {
  sender: Replica
  records: readonly NewRecord[]
  answer: { landed: () => void; failed: () => void } | null
}

/** What replicas share. */
export interface Site {
  readonly log: MemoryLog
  readonly input: Input
  readonly codec: CheckpointCodec
  readonly retention: Retention
  readonly sent: Sent[]
  readonly now: number
  high: () => number
  nonce: () => string
  blame: (fault: string) => void
}

interface Timer {
  at: number
  fire: () => void
}

/** The real aggregator of one process. Nothing reaches it but by `think` and `read`, so that it stands still without them. */
export class Replica {
  /** Its process is stopped, or its machine. */
  isFrozen = false
  /** The group hears nothing of it. */
  isCutOff = false
  isDead = false
  readonly #site: Site
  readonly #view: View
  readonly #ownership: Ownership
  readonly #aggregator: Aggregator
  #assignment = new AbortController()
  #arrived: (() => void)[] = []
  #timers: Timer[] = []
  #read = 0
  /** Where it reads the input; null: it does not. */
  #fetchAt: number | null = null
  #heartbeat = 0
  #sending = 0

  /** `isCredulous`: never doubts its session, so that only its claim holds it. */
  constructor(site: Site, { isCredulous }: { isCredulous: boolean }) {
    this.#site = site
    const clock = { wall: () => site.now, monotonic: () => site.now }
    this.#ownership = new Ownership(SESSION_TIMEOUT_MS, clock)
    this.#view = new View({
      codec: site.codec, retention: site.retention, onClaim: (shard, claim) => this.#aggregator.claimRead(shard, claim),
      onUnreadable: ({ offset, reason }) => site.blame(`record ${offset} cannot be read: ${reason}`),
    })
    this.#aggregator = new Aggregator({
      ...clock, codec: site.codec, view: this.#view, ownership: this.#ownership, retention: site.retention, owner: 'model', nonce: () => site.nonce(),
      inputs: [{ topic: PARTITION.topic, kind: site.input.kind, shard: 'input' }], checkpointInterval: 1_000,
      log: { append: (_partition, records) => this.#append(records) }, deadLetters: noLetters, deadLetterRate: 1,
      source: {
        hold: () => { this.#fetchAt = null },
        readFrom: (_partition, offset) => { this.#fetchAt = offset },
        bounds: () => this.#asked(() => ({ ...PARTITION, low: 0, high: site.high() })),
        partitions: () => this.#asked(() => 1),
        recordAt: ({ offset }) => this.#asked(() => site.input.records[offset] ?? null),
        committed: () => this.#asked(() => null),
      },
      sessionLives: () => isCredulous || this.#ownership.holds(),
      telemetry: { ...silent, digestMismatch: () => site.blame('resumed with other cells'), inputMismatch: () => site.blame('took its input for another') },
      pause: (milliseconds, signal) => this.#pause(milliseconds, signal),
      turn: () => this.#asked(() => undefined),
      schemas: { schemaById: () => null, isSettled: () => true, ensure: async () => {} },
      // A network may be cut off for as long as it likes; whatever else is an error is a fault of the counts.
      tell: (level, message) => { if (level === 'error' && !message.startsWith('no checkpoint of')) site.blame(message) },
    })
  }

  get isRunning(): boolean {
    return !this.isFrozen && !this.isDead
  }

  get shardView(): ShardView {
    return this.#view.shard(SHARD)
  }

  /** It owns its shard and has said all that it has to say. */
  get isSettled(): boolean {
    const { progress, stale } = this.shardView
    return this.#aggregator.waitingFor().length === 0 && this.#sending === 0 && this.#read >= this.#site.log.end && stale.size === 0 &&
      progress !== null && progress.asOf === this.#aggregator.acknowledged()[0]?.offset
  }

  /** Since when the group has not heard of it. */
  get heardAt(): number {
    return this.#heartbeat
  }

  shown(): VisibleShard[] {
    return this.isRunning ? this.#aggregator.shown() : []
  }

  assign(): void {
    this.leave()
    this.#assignment = new AbortController()
    this.isCutOff = false
    this.#ownership.joined(0)
    this.#heartbeat = this.#site.now
    this.#aggregator.assign([PARTITION], this.#assignment.signal)
  }

  /** It knows that the partition may be somebody else's. */
  leave(): void {
    this.#ownership.left()
    this.#assignment.abort()
    this.#aggregator.assign([], this.#assignment.signal)
    this.#fetchAt = null
  }

  heartbeat(): void {
    if (!this.isRunning || this.isCutOff) return
    this.#ownership.heartbeat(0)
    this.#heartbeat = this.#site.now
  }

  /** Takes what has arrived for it, and lets its time pass. */
  think(): void {
    if (!this.isRunning) return
    for (const take of this.#arrived.splice(0)) take()
    const due = this.#timers.filter(({ at }) => at <= this.#site.now)
    this.#timers = this.#timers.filter(({ at }) => at > this.#site.now)
    for (const { fire } of due) fire()
  }

  /** Reads batches of the checkpoint log. */
  read(batches = Infinity): void {
    if (!this.isRunning) return
    const records = this.#site.log.read(this.#read, batches)
    this.#view.apply({ partition: 0, records: recordsOf(records) })
    this.#read = (records.at(-1)?.offset ?? this.#read - 1) + 1
  }

  /** Fetches records of the input; they may arrive after others have been asked for. */
  fetch(count: number): void {
    const fetchedOffset = this.#fetchAt
    if (!this.isRunning || fetchedOffset === null) return
    const records = this.#site.input.records.slice(fetchedOffset, Math.min(this.#site.high(), fetchedOffset + count))
    const next = fetchedOffset + records.length
    this.#fetchAt = next
    this.#arrived.push(() => { void this.#ingest({ ...PARTITION, fetchedOffset, next, high: this.#site.high(), records: recordsOf(records) }) })
  }

  askBounds(): void {
    const [high, askedAt] = [this.#site.high(), this.#site.now]
    this.#arrived.push(() => this.#aggregator.noteBounds([{ ...PARTITION, low: 0, high }], askedAt))
  }

  write(): void {
    if (this.isRunning) void this.#aggregator.write()
  }

  async #ingest(batch: RecordBatch): Promise<void> {
    const ingested = await this.#aggregator.ingest(batch)
    if ('seek' in ingested && this.#fetchAt !== null) this.#fetchAt = ingested.seek
  }

  #asked<T>(answer: () => T): Promise<T> {
    return new Promise(resolve => { this.#arrived.push(() => resolve(answer())) })
  }

  async #append(records: readonly NewRecord[]): Promise<void> {
    this.#sending++
    const arrive = (settle: () => void) => () => { this.#arrived.push(settle) }
    await new Promise<void>((resolve, reject) => {
      const answer = { landed: arrive(resolve), failed: arrive(() => reject(new Error('no answer'))) }
      this.#site.sent.push({ sender: this, records, answer })
    }).finally(() => { this.#sending-- })
  }

  #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) reject(new Error('aborted'))
      this.#timers.push({ at: this.#site.now + milliseconds, fire: resolve })
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
    })
  }
}

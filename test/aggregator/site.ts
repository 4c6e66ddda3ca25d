import { setImmediate as turn } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { InputSource } from '../../src/aggregator/source.ts'
import { partitionKey, type LogBounds, type LogRecord, type RecordBatch } from '../../src/aggregator/records.ts'
import { Tenure } from '../../src/aggregator/tenure.ts'
import type { SchemaSource, TenureParts } from '../../src/aggregator/tenure-parts.ts'
import { CheckpointCodec, type Claim } from '../../src/checkpoint/codec.ts'
import { checkpointKey, parseCheckpointKey } from '../../src/checkpoint/keys.ts'
import type { CheckpointLog, KeyedRecord, NewRecord } from '../../src/checkpoint/log.ts'
import type { StandingClaim } from '../../src/checkpoint/shard-view.ts'
import { View } from '../../src/checkpoint/view.ts'
import { Decoder } from '../../src/contract/codec.ts'
import { defaultRetention } from '../../src/core/retention.ts'
import { FakeLetters } from './fake-letters.ts'
import { T0, TOPIC } from './messages.ts'
import { RecordedTelemetry } from './recorded.ts'
import { recordsOf } from '../support/records.ts'
import { headOf } from '../checkpoint/heads.ts'

/** A partition of the checkpoint topic in memory, followed by a view as it is written unless the test says otherwise. */
export class FakeLog implements CheckpointLog {
  readonly attempts: { partition: number; records: readonly NewRecord[] }[] = []
  /** What an append waits for, or fails by, before the log has it; and after, when it is not told that the log has it. */
  before: () => Promise<void> = () => Promise.resolve()
  after: () => Promise<void> = () => Promise.resolve()
  follows = true
  next = 100
  #unread: KeyedRecord[] = []
  #release: () => void = () => {}
  readonly #view: View

  constructor(view: View) {
    this.#view = view
  }

  readonly append = async (partition: number, records: readonly NewRecord[]): Promise<void> => {
    this.attempts.push({ partition, records })
    await this.before()
    this.store(records)
    await this.after()
  }

  /** The log has a batch; whoever wrote it. */
  store(records: readonly NewRecord[]): void {
    for (const { key, value, headers = {} } of records) {
      const named = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const)
      this.#unread.push({ offset: this.next++, appendTime: T0, key: Buffer.from(key), value, headers: named })
    }
    if (this.follows) this.read()
  }

  /** The view reads on to the end. */
  read(): void {
    this.#view.apply({ partition: 0, records: recordsOf(this.#unread.splice(0)) })
  }

  /** Lets appends hang until the function that is returned is called. */
  hang(): () => void {
    const held = new Promise<void>(resolve => { this.#release = resolve })
    this.before = () => held
    return () => {
      this.before = () => Promise.resolve()
      this.#release()
    }
  }

  /** The kinds of the records of each attempt: `schema schema claim`. */
  get kinds(): string[] {
    return this.attempts.map(({ records }) => records.map(({ key }) => parseCheckpointKey(Buffer.from(key))?.kind ?? '?').join(' '))
  }
}

/** The inputs, as far as a tenure asks for them. */
export class FakeSource implements InputSource {
  readonly done: string[] = []
  readonly log = new Map<string, LogBounds>()
  readonly records = new Map<string, LogRecord>()
  readonly commits = new Map<string, number>()

  readonly hold: InputSource['hold'] = partition => { this.done.push(`hold ${partitionKey(partition)}`) }
  readonly readFrom: InputSource['readFrom'] = (partition, offset) => { this.done.push(`read ${partitionKey(partition)} from ${offset}`) }
  readonly bounds: InputSource['bounds'] = ({ topic, partition }) =>
    Promise.resolve(this.log.get(partitionKey({ topic, partition })) ?? { topic, partition, low: 0, high: 1_000_000 })
  readonly partitions: InputSource['partitions'] = () => Promise.resolve(1)
  readonly recordAt: InputSource['recordAt'] = ({ offset, ...partition }) =>
    Promise.resolve(this.records.get(`${partitionKey(partition)}/${offset}`) ?? null)
  readonly committed: InputSource['committed'] = partition => Promise.resolve(this.commits.get(partitionKey(partition)) ?? null)

  keep({ topic, partition, records }: RecordBatch): void {
    for (const record of records) this.records.set(`${partitionKey({ topic, partition })}/${record.offset}`, record)
  }
}

interface Paused {
  due: number
  resume: () => void
}

/** What surrounds the tenures of a replica: a log and the view of it, the inputs, a clock that the test moves. */
export class Site {
  readonly codec = new CheckpointCodec()
  readonly telemetry = new RecordedTelemetry()
  readonly source = new FakeSource()
  readonly told: string[] = []
  readonly unreadable: string[] = []
  readonly view: View
  readonly log: FakeLog
  readonly letters = new FakeLetters()
  sessionLives = true
  schemas: SchemaSource = { schemaById: () => null, isSettled: () => true, ensure: () => Promise.resolve() }
  turn: () => Promise<void> = () => Promise.resolve()
  now = T0
  onClaim: (shard: string, claim: StandingClaim) => void = () => {}
  #paused: Paused[] = []
  #nonces = 0

  constructor() {
    this.view = new View({
      codec: this.codec, onClaim: (shard, claim) => this.onClaim(shard, claim), onUnreadable: ({ reason }) => this.unreadable.push(reason),
    })
    this.log = new FakeLog(this.view)
  }

  get parts(): TenureParts {
    return {
      log: this.log, deadLetters: this.letters, deadLetterRate: 100, codec: this.codec, source: this.source, telemetry: this.telemetry, schemas: this.schemas, retention: defaultRetention, owner: 'us',
      nonce: () => `nonce ${++this.#nonces}`, sessionLives: () => this.sessionLives, checkpointInterval: 1_000,
      pause: (milliseconds, signal) => this.#pause(milliseconds, signal), turn: () => this.turn(),
      wall: () => this.now, monotonic: () => this.now, tell: (level, message) => this.told.push(`${level}: ${message}`),
    }
  }

  /** A tenure of partition 0 of the look-ups, running until the test ends or `end` is called. */
  async tenure(): Promise<{ tenure: Tenure; end: () => Promise<void> }> {
    const ending = new AbortController()
    const tenure = new Tenure(
      { topic: TOPIC, partition: 0, view: this.view.shard('lookups-0'), decoder: new Decoder('lookup'), plain: null, signal: ending.signal }, this.parts)
    this.onClaim = (_, claim) => tenure.claimRead(claim)
    const run = tenure.run()
    const end = async () => {
      ending.abort()
      await run
    }
    onTestFinished(end)
    await settled()
    return { tenure, end }
  }

  /** Somebody else claims partition 0. Gives his epoch. */
  claim(fields: Partial<Claim> = {}): number {
    const value = this.codec.encodeClaim({ owner: 'them', nonce: 'theirs', claimedAt: T0, purpose: 'serve', holdMillis: 0, ...fields })
    const epoch = this.log.next
    this.log.store([{ key: checkpointKey({ shard: 'lookups-0', kind: 'claim', key: '' }), value }])
    return epoch
  }

  /** Lets time pass, and whoever waits for it go on. */
  async elapse(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds
    for (;;) {
      const [first] = this.#paused.filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due)
      if (first === undefined) break
      this.now = Math.max(this.now, first.due)
      this.#paused = this.#paused.filter(paused => paused !== first)
      first.resume()
      await settled()
    }
    this.now = end
  }

  #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) reject(new Error('aborted'))
      this.#paused.push({ due: this.now + milliseconds, resume: resolve })
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
    })
  }
}

/** All that can be done without time passing is done. */
export async function settled(): Promise<void> {
  await turn()
  await turn()
}

/** The epochs that the values of an attempt carry. */
export function epochsIn({ records }: { records: readonly NewRecord[] }): number[] {
  return [...new Set(records.flatMap(({ value }) => (value === null ? [] : [headOf(value).epoch])))]
}

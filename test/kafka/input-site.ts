import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import type { Ingested } from '../../src/aggregator/aggregator.ts'
import type { LogBounds, RecordBatch } from '../../src/aggregator/records.ts'
import { Availability } from '../../src/kafka/availability.ts'
import { InputReader } from '../../src/kafka/input-reader.ts'
import { batchAt, FakeCluster } from './fake-log.ts'

const TOPIC = 'topic'
const OUT_OF_RANGE = 1
/** For how long a partition that cannot be read is left alone. */
export const REST_MS = 20
/** What a fetch brings of a partition. */
const RECORDS = 2

/** An input reader over partitions whose logs stand in memory, and a sink that answers as the test says. */
export class InputSite {
  readonly reader: InputReader
  readonly availability: Availability
  /** `ingest 0: 3 to 5`, `bounds 0: 0 to 9`, in order. */
  readonly told: string[] = []
  readonly warnings: string[] = []
  readonly clusters: FakeCluster[] = []
  /** By partition; a partition may have offsets from `low` up to `high`, each with a record. */
  readonly logs = new Map<number, { low: number; high: number }>()
  /** By partition: what comes instead of its records. */
  readonly instead = new Map<number, Buffer>()
  /** What the sink answers to the next stretches. */
  readonly answers: ((batch: RecordBatch) => Ingested | Promise<Ingested>)[] = []
  /** Why the next connections are not had. */
  readonly refusals: Error[] = []
  /** Answers are held back until it resolves. */
  gate: Promise<void> = Promise.resolve()
  readonly #stop = new AbortController()
  readonly #done: Promise<void>

  constructor(logs: Record<number, { low: number; high: number }>) {
    for (const [partition, log] of Object.entries(logs)) this.logs.set(Number(partition), log)
    const log = pino({ level: 'warn' }, { write: line => this.warnings.push((JSON.parse(line) as { msg: string }).msg) })
    this.availability = new Availability(log)
    this.reader = new InputReader({
      topics: [TOPIC], availability: this.availability, log, random: () => 0, restMs: REST_MS,
      open: () => {
        const refusal = this.refusals.shift()
        return refusal === undefined ? Promise.resolve(this.#cluster()) : Promise.reject(refusal)
      },
    })
    this.#done = this.reader.run({ ingest: batch => this.#ingest(batch), noteBounds: bounds => this.#note(bounds) }, this.#stop.signal)
  }

  /** How often was fetched. */
  get fetches(): number {
    return this.clusters.reduce((sum, { asked }) => sum + asked.length, 0)
  }

  readFrom(partition: number, offset: number): void {
    this.reader.readFrom({ topic: TOPIC, partition }, offset)
  }

  hold(partition: number): void {
    this.reader.hold({ topic: TOPIC, partition })
  }

  /** What was told of a partition. */
  toldOf(partition: number): string[] {
    return this.told.filter(each => each.includes(` ${partition}: `))
  }

  /** Holds answers back; gives what lets them go. */
  close(): () => void {
    const gate = new AbortController()
    this.gate = once(gate.signal, 'abort').then(() => undefined)
    return () => { gate.abort() }
  }

  stop(): Promise<void> {
    this.#stop.abort()
    return this.#done
  }

  #cluster(): FakeCluster {
    const cluster = new FakeCluster([...this.logs.keys()], async asked => {
      const answers = await Promise.all(asked.map(({ partition, offset }) => this.#answer(partition, offset)))
      await this.gate
      if (answers.every(({ errorCode, records }) => errorCode === 0 && records.length === 0)) await delay(2)
      return answers
    })
    cluster.ends = this.logs
    this.clusters.push(cluster)
    return cluster
  }

  async #answer(partition: number, offset: number) {
    const { low, high } = this.logs.get(partition) ?? { low: 0, high: 0 }
    const errorCode = offset < low || offset > high ? OUT_OF_RANGE : 0
    const count = errorCode === 0 ? Math.min(RECORDS, high - offset) : 0
    const records = this.instead.get(partition) ?? (count === 0 ? Buffer.alloc(0) : await batchAt(offset, count))
    return { partition, errorCode, low, high, records }
  }

  async #ingest(batch: RecordBatch): Promise<Ingested> {
    const { partition, fetchedOffset, next, records } = batch
    this.told.push(`ingest ${partition}: ${fetchedOffset} to ${next}${records.count === 0 ? ', empty' : ''}`)
    return this.answers.shift()?.(batch) ?? { folded: true }
  }

  #note([bounds]: readonly LogBounds[]): void {
    this.told.push(`bounds ${bounds?.partition}: ${bounds?.low} to ${bounds?.high}`)
  }
}

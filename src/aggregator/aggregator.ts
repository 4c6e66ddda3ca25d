import { confluentSchemaId, Decoder, type SchemaById } from '../contract/codec.ts'
import type { EventKind } from '../contract/events.ts'
import type { inputTopics } from '../contract/topics.ts'
import type { VisibleShard } from '../views/shard.ts'
import type { Ownership } from './ownership.ts'
import { partitionKey, type LogBounds, type Partition, type RecordBatch, type Stretch } from './records.ts'
import { Shard } from './shard.ts'
import type { Telemetry } from './telemetry.ts'

/** Reads schemas that messages name by id. `ensure` resolves once each is known, or known not to exist; rejects if it cannot tell. */
export interface SchemaSource {
  schemaById: SchemaById
  ensure: (ids: ReadonlySet<number>) => Promise<void>
}

export interface AggregatorOptions {
  inputs: ReturnType<typeof inputTopics>
  ownership: Ownership
  schemas: SchemaSource
  telemetry: Telemetry
  /** Seconds, monotonic. */
  now: () => number
}

/** What became of a batch. `seek`: fold nothing of it, read again from that offset. */
export type Ingested = { folded: true } | { seek: number }

/** Joins the stages: takes the batches of the partitions that this replica owns, keeps their state, shows it. */
export class Aggregator {
  readonly #options: AggregatorOptions
  readonly #shards = new Map<string, Shard>()

  constructor(options: AggregatorOptions) {
    this.#options = options
  }

  /**
   * Takes over an assignment, replacing the one before. A partition that is kept goes on where it stands, a new one starts at the
   * earliest record; either is shown once it has caught up, since a kept one too may have been another's for a while.
   * Returns where to read each from.
   */
  assign(assigned: readonly LogBounds[]): (Partition & { offset: number })[] {
    const keys = new Set(assigned.map(partitionKey))
    for (const [key, shard] of this.#shards) if (!keys.has(key)) this.#drop(key, shard)
    const starts = assigned.map(bounds => {
      const shard = this.#shards.get(partitionKey(bounds)) ?? this.#open(bounds)
      shard.keep(bounds)
      return { topic: bounds.topic, partition: bounds.partition, offset: shard.state.next }
    })
    this.#options.telemetry.rebalanced()
    for (const { topic } of this.#options.inputs) {
      this.#options.telemetry.owned(topic, assigned.filter(partition => partition.topic === topic).length)
    }
    return starts
  }

  /** Folds a batch of an owned partition; one of a partition that is no longer ours is ignored. Rejects if a schema cannot be had now. */
  async ingest(batch: RecordBatch): Promise<Ingested> {
    await this.#options.schemas.ensure(confluentIds(batch))
    const shard = this.#shards.get(partitionKey(batch))
    if (shard === undefined) return { folded: true }
    const started = this.#options.now()
    const records = batch.records.filter(({ offset }) => offset >= shard.state.next)
    if (shard.take({ ...batch, records }) === 'gap') return { seek: shard.state.next }
    this.#options.telemetry.batchFolded({
      topic: batch.topic,
      records: records.length,
      bytes: records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0),
      seconds: this.#options.now() - started,
    })
    return { folded: true }
  }

  /** Passes over a stretch of an owned partition that holds no record for us. */
  pass(stretch: Stretch): void {
    this.#shards.get(partitionKey(stretch))?.take({ ...stretch, records: [] })
  }

  /** Notes where owned partitions begin and end, as answered to a question sent at `askedAt` (milliseconds since the epoch). */
  noteBounds(bounds: readonly LogBounds[], askedAt: number): void {
    for (const partition of bounds) {
      const shard = this.#shards.get(partitionKey(partition))
      if (shard === undefined) continue
      const lost = shard.skipTo(partition.low)
      if (lost > 0) this.#options.telemetry.lost(partition.topic, lost)
      this.#options.telemetry.lag(partition.topic, partition.partition, shard.noteBounds(partition, askedAt))
    }
  }

  /** The shards that this replica may speak for now: owned, and caught up to where the log ended when it was given them. */
  shown(): VisibleShard[] {
    return this.#options.ownership.holds() ? [...this.#shards.values()].filter(shard => shard.caughtUp) : []
  }

  /** Why this replica cannot speak for its partitions yet; empty if it can. */
  waitingFor(): string[] {
    if (!this.#options.ownership.holds()) return ['not a member of the consumer group, or its last heartbeat is too old']
    const behind = [...this.#shards.values()].filter(shard => !shard.caughtUp).map(({ shard, progress }) => `${shard} ${progress}`)
    return behind.length === 0 ? [] : [`reading partitions from their beginning: ${behind.join(', ')}`]
  }

  #open(bounds: LogBounds): Shard {
    const input = this.#options.inputs.find(({ topic }) => topic === bounds.topic)
    if (input === undefined) {
      throw new Error(`${bounds.topic} is no input topic: the consumer group has other members, give ours its own --kafka.group-id`)
    }
    const shard: Shard = shardOf(input.kind, { bounds, name: input.shard, options: this.#options })
    this.#shards.set(partitionKey(bounds), shard)
    return shard
  }

  #drop(key: string, { topic, partition }: Shard): void {
    this.#shards.delete(key)
    this.#options.telemetry.forgetLag(topic, partition)
  }
}

function shardOf(kind: EventKind, { bounds, name, options }: { bounds: LogBounds; name: string; options: AggregatorOptions }): Shard {
  return new Shard(bounds, { name, decoder: new Decoder(kind, options.schemas.schemaById), telemetry: options.telemetry })
}

function confluentIds({ records }: RecordBatch): ReadonlySet<number> {
  const ids = new Set<number>()
  for (const { value } of records) {
    const id = confluentSchemaId(value)
    if (id !== null) ids.add(id)
  }
  return ids
}

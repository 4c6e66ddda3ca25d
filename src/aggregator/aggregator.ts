import type { StandingClaim } from '../checkpoint/shard-view.ts'
import type { View } from '../checkpoint/view.ts'
import { Decoder } from '../contract/codec.ts'
import { PlainLookup } from '../contract/plain-lookup.ts'
import type { EventKind } from '../contract/events.ts'
import type { inputTopics } from '../contract/topics.ts'
import type { VisibleShard } from '../views/shard.ts'
import type { Ownership } from './ownership.ts'
import { partitionKey, type LogBounds, type Partition, type RecordBatch } from './records.ts'
import type { TenureParts } from './tenure-parts.ts'
import { Tenure } from './tenure.ts'

export interface AggregatorOptions extends TenureParts {
  inputs: ReturnType<typeof inputTopics>
  view: View
  ownership: Ownership
}

/** What became of a batch. `seek`: fold nothing of it, read again from that offset. */
export type Ingested = { folded: true } | { seek: number }

/** Joins the stages: owns the partitions that the group gives us, folds their batches, and says what may be shown. */
export class Aggregator {
  readonly #options: AggregatorOptions
  readonly #tenures = new Map<string, Tenure>()
  /** By shard: the view tells of claims by that name. */
  readonly #byShard = new Map<string, Tenure>()

  constructor(options: AggregatorOptions) {
    this.#options = options
  }

  /**
   * Takes over an assignment, replacing the one before: each partition, a kept one too, is claimed and resumed from the checkpoints, and
   * read from where they end. `signal` aborts when the group may have given the partitions to others.
   */
  assign(assigned: readonly Partition[], signal: AbortSignal): void {
    const { telemetry, inputs } = this.#options
    this.#release(new Set(assigned.map(partitionKey)))
    for (const partition of assigned) this.#own(partition, signal)
    telemetry.rebalanced()
    for (const { topic } of inputs) telemetry.owned(topic, assigned.filter(partition => partition.topic === topic).length)
  }

  /** A claim was read from the checkpoint log. */
  claimRead(shard: string, claim: StandingClaim): void {
    this.#byShard.get(shard)?.claimRead(claim)
  }

  /**
   * Folds a batch of an owned partition; one of a partition that is not ours is ignored. Rejects if a schema cannot be had now, or where the
   * bytes are damaged: what lies before is folded, and the same batch may be told again.
   */
  async ingest(batch: RecordBatch): Promise<Ingested> {
    const tenure = this.#tenures.get(partitionKey(batch))
    const next = tenure?.next ?? null
    if (tenure === undefined || next === null) return { folded: true }
    const started = this.#options.monotonic()
    const folded = await tenure.take(batch)
    if (folded === 'gap') return { seek: next }
    const seconds = (this.#options.monotonic() - started) / 1_000
    if (folded.records > 0) this.#options.telemetry.batchFolded({ topic: batch.topic, ...folded, seconds })
    return { folded: true }
  }

  /** Notes where owned partitions begin and end, as answered to a question sent at `askedAt` (milliseconds since the epoch). */
  noteBounds(bounds: readonly LogBounds[], askedAt: number): void {
    for (const partition of bounds) this.#tenures.get(partitionKey(partition))?.noteBounds(partition, askedAt)
  }

  /** Writes what has not been written of all partitions; resolves when it is acknowledged. */
  async write(): Promise<void> {
    await Promise.all(Array.from(this.#tenures.values(), tenure => tenure.write()))
  }

  /** The next input offsets as last acknowledged. */
  acknowledged(): (Partition & { offset: number })[] {
    return [...this.#tenures.values()].flatMap(({ topic, partition, acknowledged }) =>
      acknowledged === null || acknowledged < 0 ? [] : [{ topic, partition, offset: acknowledged }])
  }

  /** The shards that this replica may speak for now: those whose claim has been read back and stands, while the group session lives. */
  shown(): VisibleShard[] {
    if (!this.#options.ownership.holds()) return []
    return [...this.#tenures.values()].flatMap(({ epoch, view }) => (epoch === null ? [] : view.visible ?? []))
  }

  /** Another text whenever this replica gains or loses a claim: what was rendered under one is not to be shown under another. */
  standing(): string {
    if (!this.#options.ownership.holds()) return ''
    return Array.from(this.#tenures.values(), ({ view, epoch }) => `${view.shard}@${epoch ?? ''}`).join(' ')
  }

  /** Why this replica cannot speak for its partitions yet; empty if it can. */
  waitingFor(): string[] {
    if (!this.#options.ownership.holds()) return ['not a member of the consumer group, or its last heartbeat is too old']
    return [...this.#tenures.values()].flatMap(({ waitsFor }) => waitsFor ?? [])
  }

  #own(partition: Partition, signal: AbortSignal): void {
    const input = this.#options.inputs.find(({ topic }) => topic === partition.topic)
    if (input === undefined) {
      throw new Error(`${partition.topic} is no input topic: the consumer group has other members, give ours its own --kafka.group-id`)
    }
    const shard = `${input.shard}-${partition.partition}`
    const decoder: Decoder<EventKind> = new Decoder<EventKind>(input.kind, this.#options.schemas.schemaById)
    const plain = input.kind === 'lookup' ? new PlainLookup(decoder) : null
    const tenure = new Tenure({ ...partition, view: this.#options.view.shard(shard), decoder, plain, signal }, this.#options)
    this.#tenures.set(partitionKey(partition), tenure)
    this.#byShard.set(shard, tenure)
    void tenure.run()
  }

  #release(kept: ReadonlySet<string>): void {
    for (const [key, tenure] of this.#tenures) if (!kept.has(key)) this.#options.telemetry.disowned(tenure)
    this.#tenures.clear()
    this.#byShard.clear()
  }
}

import { checkpointBatch } from '../src/checkpoint/batch.ts'
import { CheckpointCodec, type Claim } from '../src/checkpoint/codec.ts'
import type { NewRecord } from '../src/checkpoint/log.ts'
import { ShardView } from '../src/checkpoint/shard-view.ts'
import { MOST_CHANGED_BYTES } from '../src/aggregator/checkpointer.ts'
import { claimBatch } from '../src/aggregator/take-over.ts'
import type { EventKind, EventOf } from '../src/contract/events.ts'
import { fold } from '../src/core/fold.ts'
import { RECENT_MS } from '../src/core/recent.ts'
import { emptyState } from '../src/core/state.ts'
import { createCheckpointWriter, type CheckpointWriter } from '../src/kafka/checkpoint-writer.ts'
import { until } from '../test/support/until.ts'
import { Crowd } from './crowd.ts'
import { PARTITIONS, type Site } from './site.ts'
import type { Sizes } from './sizes.ts'

const SECOND_MS = 1_000
/** Where the offsets of the inputs begin: numbers as large as they would be. */
const FIRST_OFFSET = 300_000_000
/** Each edge is used in three windows of five minutes, so that it has all of its totals. */
const PASSES = 3

/** Events that come together are about one service: so seven changed cells in ten are edges, as of all cells. */
const TOGETHER = 6

type Wanted = Pick<Sizes, 'cells' | 'changesPerSecond' | 'seconds'>

/** What was written. */
export interface Filled {
  cells: number
  records: number
  batches: number
}

/**
 * Fills the checkpoint topic as owners would have: claims, all cells in batches as large as they get, then for each second one batch of the
 * changed cells of each shard; made of events by the real fold, in the real format. The inputs stay empty, so all progress says 0.
 */
export async function fillCheckpoints({ kafka, topics }: Site, wanted: Wanted): Promise<Filled> {
  const writer = createCheckpointWriter(kafka, topics.checkpoints, { attemptMs: 30_000 })
  const filled: Filled = { cells: 0, records: 0, batches: 0 }
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const began = performance.now()
    await new PartitionFiller(partition, wanted, { writer, filled }).fill()
    console.error(`checkpoints of partition ${partition}: ${filled.records} records so far, ${Math.round(performance.now() - began)} ms`)
  }
  await writer.disconnect()
  return filled
}

class PartitionFiller {
  readonly #partition: number
  readonly #wanted: Wanted
  readonly #writer: CheckpointWriter
  readonly #filled: Filled
  readonly #codec = new CheckpointCodec()
  /** Where the partition of the checkpoint topic ends: nobody else writes there. */
  #end = 0
  #appending: Promise<void> = Promise.resolve()

  constructor(partition: number, wanted: Wanted, { writer, filled }: { writer: CheckpointWriter; filled: Filled }) {
    this.#partition = partition
    this.#wanted = wanted
    this.#writer = writer
    this.#filled = filled
  }

  async fill(): Promise<void> {
    const { cells, seconds, changesPerSecond } = this.#wanted
    const crowd = new Crowd(this.#partition, cells / PARTITIONS)
    const shards = [
      await this.#shard('lookups', 'lookup', { count: crowd.edges, event: (index, time) => crowd.lookup(index, time) }),
      await this.#shard('registrations', 'registration', { count: crowd.instances, event: (index, time) => crowd.registration(index, time) }),
      await this.#shard('agents', 'agent', { count: crowd.agents, event: (index, time) => crowd.report(index, time) }),
    ]
    const start = Date.now() - seconds * SECOND_MS
    for (const shard of shards) await shard.writeAll(start)
    const all = shards.reduce((sum, shard) => sum + shard.cells, 0)
    this.#filled.cells += all
    for (let second = 1; second <= seconds; second++) {
      for (const shard of shards) {
        await shard.writeSome({ time: start + second * SECOND_MS, changes: changesPerSecond * shard.cells / all / PARTITIONS, any: bound => crowd.any(bound) })
      }
    }
    await this.#appending
  }

  async #shard<K extends EventKind>(topic: string, kind: K, source: Source<K>): Promise<ShardFiller<K>> {
    const view = new ShardView(`${topic}-${this.#partition}`, { codec: this.#codec })
    const claim: Claim = { owner: 'bench', nonce: `bench-${view.shard}`, claimedAt: Date.now(), purpose: 'serve', holdMillis: 0 }
    const claimed = claimBatch(view, { codec: this.#codec, claim })
    await until(() => this.#send(claimed).then(() => true), { message: 'the topic, just made, takes a claim' })
    return new ShardFiller(kind, source, { view, codec: this.#codec, epoch: this.#end - 1, append: records => this.#append(records) })
  }

  /** Resolves when what was appended before is acknowledged: one is made while another is under way. */
  async #append(records: readonly NewRecord[]): Promise<void> {
    await this.#appending
    this.#appending = this.#send(records)
    this.#appending.catch(() => {}) // looked at with the next
  }

  async #send(records: readonly NewRecord[]): Promise<void> {
    await this.#writer.append(this.#partition, records)
    this.#end += records.length
    this.#filled.records += records.length
    this.#filled.batches++
  }
}

/** Where a shard's events come from. */
interface Source<K extends EventKind> {
  /** How many different things there are that events can be about. */
  count: number
  event: (index: number, time: number) => EventOf[K]
}

interface ShardParts {
  view: ShardView
  codec: CheckpointCodec
  epoch: number
  append: (records: readonly NewRecord[]) => Promise<void>
}

class ShardFiller<K extends EventKind> {
  readonly #kind: K
  readonly #source: Source<K>
  readonly #parts: ShardParts
  readonly #state = emptyState(FIRST_OFFSET)
  /** Records in a checkpoint for each event that was folded, as it was last seen. */
  #recordsPerEvent = 1

  constructor(kind: K, source: Source<K>, parts: ShardParts) {
    this.#kind = kind
    this.#source = source
    this.#parts = parts
  }

  get cells(): number {
    return Object.values(this.#state.cells).reduce((sum, { size }) => sum + size, 0)
  }

  /** Events about everything, until just before `time`; the last pass is written. */
  async writeAll(time: number): Promise<void> {
    for (let pass = 1 - PASSES; pass <= 0; pass++) {
      for (let index = 0; index < this.#source.count; index++) {
        this.#fold(index, time + pass * RECENT_MS)
        if (pass === 0 && this.#state.changes.bytes >= MOST_CHANGED_BYTES) await this.#write(time)
      }
      if (pass < 0) this.#state.changes.take() // all of it is written in the last pass
    }
    await this.#write(time)
  }

  /** Events that change about so many cells, and their checkpoint. */
  async writeSome({ time, changes, any }: { time: number; changes: number; any: (bound: number) => number }): Promise<void> {
    const events = Math.max(1, Math.round(changes / this.#recordsPerEvent))
    for (let count = 0, first = 0; count < events; count++) {
      if (count % TOGETHER === 0) first = any(this.#source.count)
      this.#fold((first + count % TOGETHER) % this.#source.count, time)
    }
    this.#recordsPerEvent = await this.#write(time) / events
  }

  #fold(index: number, time: number): void {
    fold(this.#state, { kind: this.#kind, event: this.#source.event(index, time) }, { offset: this.#state.next, appendTime: time })
  }

  async #write(time: number): Promise<number> {
    const { view, codec, epoch, append } = this.#parts
    const { next } = this.#state
    this.#state.next = 0 // as far as the empty input goes
    const standing = { atEnd: time, lastOffset: -1, lastAppendTime: 0, lastHash: '', topicId: '', policy: '', policySince: 0 }
    const records = [...checkpointBatch(this.#state, view, { codec, epoch, standing })]
    this.#state.next = next
    await append(records)
    return records.length
  }
}

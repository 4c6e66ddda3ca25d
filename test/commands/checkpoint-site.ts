import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { claimBatch } from '../../src/aggregator/take-over.ts'
import { CheckpointCodec } from '../../src/checkpoint/codec.ts'
import { checkpointKey, parseCheckpointKey, type CheckpointName } from '../../src/checkpoint/keys.ts'
import type { ShardView } from '../../src/checkpoint/shard-view.ts'
import { CheckpointReader } from '../../src/commands/checkpoint-reader.ts'
import type { AnyCell, CellKind, CellOf } from '../../src/core/cells.ts'
import { topicBounds } from '../../src/kafka/admin.ts'
import { createCheckpointWriter, type CheckpointWriter } from '../../src/kafka/checkpoint-writer.ts'
import { registerCompression } from '../../src/kafka/compression.ts'

/** What a test reads from a checkpoint topic and writes to it: what crashes, and what is lost, leave behind. */
export class CheckpointSite {
  readonly #kafka: Kafka
  readonly #topic: string
  readonly #writer: CheckpointWriter
  readonly #codec = new CheckpointCodec()

  constructor({ brokers, topic }: { brokers: readonly string[]; topic: string }) {
    registerCompression()
    this.#kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
    this.#topic = topic
    this.#writer = createCheckpointWriter(this.#kafka, topic)
  }

  async shard(name: string): Promise<ShardView> {
    return (await this.#read()).view.shard(name)
  }

  /** What the log holds of a cell, the oldest first. */
  async cells<K extends CellKind>(shard: string, kind: K, key: string): Promise<CellOf[K][]> {
    const cells: CellOf[K][] = []
    await this.#read((name, value) => {
      if (name.shard === shard && name.kind === kind && name.key === key) cells.push(this.#codec.decodeCell(kind, key, value))
    })
    return cells
  }

  /** Takes a shard over, as an owner does that then dies. Gives the claim's offset. */
  async claim(shard: string): Promise<number> {
    const view = await this.shard(shard)
    const claim = { owner: 'somebody', nonce: randomUUID(), claimedAt: Date.now(), purpose: 'serve', holdMillis: 0 } as const
    await this.#writer.append(partitionOf(shard), claimBatch(view, { codec: this.#codec, claim }))
    return (await this.shard(shard)).claim?.epoch ?? -1
  }

  /** Writes a cell under the claim that stands. */
  async write(shard: string, cell: AnyCell): Promise<void> {
    const { claim } = await this.shard(shard)
    const value = this.#codec.encodeCell(cell, claim?.epoch ?? 0)
    await this.#writer.append(partitionOf(shard), [{ key: checkpointKey({ shard, kind: cell.kind, key: cell.key }), value }])
  }

  close(): Promise<void> {
    return this.#writer.disconnect()
  }

  async #read(onValue: (name: CheckpointName, value: Buffer) => void = () => {}): Promise<CheckpointReader> {
    const reader = new CheckpointReader({
      kafka: this.#kafka, topic: this.#topic, codec: this.#codec, tell: (_, message) => { throw new Error(message) },
      onStretch: ({ records }) => {
        for (const { key, value } of records) {
          const name = key === null ? null : parseCheckpointKey(key)
          if (name !== null && value !== null) onValue(name, value)
        }
      },
    })
    const admin = this.#kafka.admin()
    await admin.connect()
    try {
      await reader.readTo(await topicBounds(admin, [this.#topic]))
    } finally {
      await admin.disconnect()
    }
    return reader
  }
}

function partitionOf(shard: string): number {
  return Number(shard.slice(shard.lastIndexOf('-') + 1))
}

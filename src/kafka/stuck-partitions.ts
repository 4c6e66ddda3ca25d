import type { Logger } from 'pino'
import { partitionKey, type Partition } from '../aggregator/records.ts'

/** Partitions that could not be read on. Each is told once, until it moves on. */
export class StuckPartitions {
  readonly #log: Logger
  readonly #stuck = new Set<string>()

  constructor(log: Logger) {
    this.#log = log
  }

  moves(partition: Partition): void {
    if (this.#stuck.size > 0) this.#stuck.delete(partitionKey(partition))
  }

  stands({ topic, partition }: Partition, error: unknown): void {
    const key = partitionKey({ topic, partition })
    if (!this.#stuck.has(key)) this.#log.warn({ topic, partition, error }, 'a partition cannot be read now; trying again every second')
    this.#stuck.add(key)
  }
}

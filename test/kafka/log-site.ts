import { Kafka, logLevel, type Admin } from 'kafkajs'
import type { NewRecord, ReadStretch } from '../../src/checkpoint/log.ts'
import { createCheckpointWriter, type CheckpointWriter } from '../../src/kafka/checkpoint-writer.ts'
import { registerCompression } from '../../src/kafka/compression.ts'
import { readLog, type ReadLogOptions } from '../../src/kafka/log-reader.ts'
import { createMissingTopics } from '../../src/kafka/topics.ts'
import { until } from '../support/until.ts'

/** Topics for tests of reading and appending without a group. */
export class LogSite {
  readonly kafka: Kafka
  readonly admin: Admin
  readonly #prefix: string
  readonly #writers: CheckpointWriter[] = []
  readonly #topics = new Set<string>()

  constructor({ brokers, prefix }: { brokers: readonly string[]; prefix: string }) {
    registerCompression()
    this.kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, connectionTimeout: 3_000 })
    this.admin = this.kafka.admin()
    this.#prefix = prefix
  }

  async open(): Promise<void> {
    await this.admin.connect()
  }

  /** Gives its whole name once all its partitions answer: a leader may be named before it knows that it is one. */
  async topic(name: string, { partitions = 1, config = {} }: { partitions?: number; config?: Record<string, string> } = {}): Promise<string> {
    const topic = `${this.#prefix}${name}`
    this.#topics.add(topic)
    await createMissingTopics(this.admin, [{ topic, partitions, replicationFactor: 1, config: { 'message.timestamp.type': 'LogAppendTime', ...config } }])
    await until(() => this.admin.fetchTopicOffsets(topic).then(() => true), { message: 'the topic’s leaders answer' })
    return topic
  }

  writer(topic: string, options: { attemptMs?: number } = {}): CheckpointWriter {
    const writer = createCheckpointWriter(this.kafka, topic, options)
    this.#writers.push(writer)
    return writer
  }

  /** Reads until {@link Following.stop}. */
  follow(topic: string, options: Partial<ReadLogOptions> = {}): Following {
    return new Following({ kafka: this.kafka, topic, from: 'earliest', random: Math.random, ...options })
  }

  async close(): Promise<void> {
    for (const writer of this.#writers) await writer.disconnect()
    const existing = new Set(await this.admin.listTopics())
    await this.admin.deleteTopics({ topics: [...this.#topics].filter(topic => existing.has(topic)) })
    await this.admin.disconnect()
  }
}

/** What a reader has told so far. */
export class Following {
  /** `partition/offset/key=value`, as they were told. */
  readonly records: string[] = []
  readonly failures: unknown[] = []
  readonly gaps: string[] = []
  readonly ends = new Map<number, Pick<ReadStretch, 'next' | 'high' | 'low'>>()
  answers = 0
  readonly done: Promise<void>
  readonly #stop = new AbortController()

  constructor(options: Omit<ReadLogOptions, 'take' | 'signal' | 'onFailure' | 'onAnswer' | 'onGap'> & Partial<ReadLogOptions>) {
    this.done = readLog({
      ...options,
      signal: this.#stop.signal,
      onFailure: error => { this.failures.push(error) },
      onAnswer: () => { this.answers += 1 },
      onGap: ({ partition, from, to }) => { this.gaps.push(`${partition}: ${from} to ${to}`) },
      take: async stretch => {
        await options.take?.(stretch)
        this.#note(stretch)
      },
    })
    this.done.catch(() => {}) // whoever waits for it is told
  }

  /** Resolves once so many records were told. */
  async untilTold(count: number, timeoutMs = 30_000): Promise<void> {
    await until(() => this.records.length >= count, { timeoutMs, message: `${count} records are told` })
  }

  /** Resolves once these partitions were read to their ends. */
  async untilCaughtUp(partitions: readonly number[]): Promise<void> {
    const isAtEnd = (partition: number): boolean => {
      const end = this.ends.get(partition)
      return end !== undefined && end.next >= end.high
    }
    await until(() => partitions.every(isAtEnd), { timeoutMs: 30_000, message: 'the reader is at the end' })
  }

  stop(): Promise<void> {
    this.#stop.abort()
    return this.done
  }

  #note({ partition, records, next, high, low }: ReadStretch): void {
    for (const { offset, key, value } of records) this.records.push(`${partition}/${offset}/${String(key)}=${String(value)}`)
    this.ends.set(partition, { next, high, low })
  }
}

/** `count` records, keyed by their number. */
export function numbered(count: number, first = 0): NewRecord[] {
  return Array.from({ length: count }, (_, index) => ({ key: String(first + index), value: Buffer.from(`v${first + index}`) }))
}

/** As {@link Following.records} has them, if they stand at their numbers' offsets. */
export function told(partition: number, count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, index) => `${partition}/${first + index}/${first + index}=v${first + index}`)
}

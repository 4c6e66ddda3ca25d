import type { LogBounds } from '../aggregator/records.ts'
import type { CheckpointCodec } from '../checkpoint/codec.ts'
import type { ReadStretch } from '../checkpoint/log.ts'
import type { StandingClaim } from '../checkpoint/shard-view.ts'
import { View } from '../checkpoint/view.ts'
import { readRanges } from '../kafka/log-range.ts'
import { readLog, type ReadLogOptions } from '../kafka/log-reader.ts'
import { readPatiently, Ticker } from './patient-reading.ts'

export interface CheckpointReaderOptions {
  kafka: ReadLogOptions['kafka']
  topic: string
  codec: CheckpointCodec
  tell: (level: 'info' | 'warn', message: string) => void
  /** Told of each stretch, before the view takes it. */
  onStretch?: (stretch: ReadStretch) => void
}

/** Reads the checkpoint topic without a group: to its end as it is when asked, and partition by partition on from there. */
export class CheckpointReader {
  readonly view: View
  /** All claims that the log still holds, by shard, in their order. */
  readonly claims = new Map<string, StandingClaim[]>()
  readonly #options: CheckpointReaderOptions
  /** Where the view has come to, by partition. */
  readonly #nexts = new Map<number, number>()

  constructor(options: CheckpointReaderOptions) {
    this.#options = options
    this.view = new View({
      codec: options.codec,
      onClaim: (shard, claim) => this.claims.set(shard, [...(this.claims.get(shard) ?? []), claim]),
      onUnreadable: ({ partition, offset, reason }) =>
        options.tell('warn', `the record at offset ${offset} of ${options.topic}/${partition} cannot be read: ${reason}`),
    })
  }

  /** Takes all that is in the log within the bounds. Rejects with `unreachable` within half a minute. */
  async readTo(bounds: readonly LogBounds[]): Promise<void> {
    const { kafka, topic, tell } = this.#options
    const ticker = new Ticker(text => tell('info', text))
    const all = bounds.reduce((sum, { low, high }) => sum + high - low, 0)
    const done = () => bounds.reduce((sum, { partition, low }) => sum + (this.#nexts.get(partition) ?? low) - low, 0)
    for (const { partition, high } of bounds) this.#nexts.set(partition, high)
    const ranges = new Map(bounds.filter(({ low, high }) => low < high).map(({ partition, low, high }) => [partition, { from: low, end: high }]))
    if (ranges.size === 0) return
    for (const [partition, { from }] of ranges) this.#nexts.set(partition, from)
    await readPatiently(told => readRanges({ kafka, ranges, topic, ...told }), {
      topic,
      take: stretch => {
        this.#take(stretch)
        ticker.tick(() => `reading checkpoints: ${Math.floor(100 * done() / all)} %`)
      },
    })
  }

  /** Reads one partition on from where the view is. */
  follow(partition: number): Following {
    const from = new Map([[partition, this.#nexts.get(partition) ?? 0]])
    const { kafka, topic } = this.#options
    return new Following((take, signal) => readPatiently(told => readLog({ kafka, topic, from, ...told }), { topic, take, signal }), stretch => this.#take(stretch))
  }

  #take(stretch: ReadStretch): void {
    this.#options.onStretch?.(stretch)
    this.view.apply(stretch)
    this.#nexts.set(stretch.partition, stretch.next)
  }
}

/** The view of one partition as it goes on, until `stop`. */
export class Following {
  readonly #stop = new AbortController()
  readonly #reading: Promise<void>
  #failure: unknown = null
  readonly #waiters = new Set<() => void>()

  constructor(read: (take: (stretch: ReadStretch) => void, signal: AbortSignal) => Promise<void>, take: (stretch: ReadStretch) => void) {
    const wake = () => { for (const look of this.#waiters) look() }
    this.#reading = read(stretch => {
      take(stretch)
      wake()
    }, this.#stop.signal).catch((error: unknown) => {
      this.#failure = error
      wake()
    })
  }

  /** Whether the condition holds within that many milliseconds of reading. Rejects where the log cannot be read. */
  async until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const seen = new Promise<boolean>(resolve => {
      const look = () => { if (this.#failure !== null || condition()) resolve(true) }
      timer = setTimeout(() => resolve(false), timeoutMs)
      this.#waiters.add(look)
      look()
    })
    const holds = await seen
    clearTimeout(timer)
    this.#waiters.clear()
    if (this.#failure !== null) throw this.#failure
    return holds
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#reading
  }
}

import { randomUUID } from 'node:crypto'
import type { Partition } from '../aggregator/records.ts'
import { claimBatch } from '../aggregator/take-over.ts'
import type { CheckpointCodec } from '../checkpoint/codec.ts'
import type { CheckpointLog, NewRecord } from '../checkpoint/log.ts'
import type { ShardView } from '../checkpoint/shard-view.ts'
import type { OffsetRange } from '../kafka/log-range.ts'
import type { Difference } from '../verify/compare.ts'
import { mendingBatches, mendingOf } from '../verify/mend.ts'
import type { Reference } from '../verify/reference.ts'
import type { RepairOutcome } from '../verify/report.ts'
import type { CheckpointReader, Following } from './checkpoint-reader.ts'

/** The owner waits for this long before it claims anew; by then all is written. Milliseconds. */
const HOLD_MS = 20_000
/** What is not written by then is not written. */
const WRITE_MS = 15_000

const UNKNOWN = 'it was not acknowledged in time, and may have been written or not: see whether the brokers are well, and verify again'

export interface RepairOptions extends Partition {
  view: ShardView
  /** As of the progress that the view had when it was compared. */
  reference: Reference
  found: readonly Difference[]
  reader: Pick<CheckpointReader, 'claims' | 'follow'>
  codec: CheckpointCodec
  log: CheckpointLog
  /** Who repairs, for people. */
  owner: string
  scan: (range: OffsetRange, reference: Reference) => Promise<void>
}

/**
 * Mends a shard under a claim of its own, as a new owner would take it over: so nothing of it is half done, and if somebody claims the
 * shard meanwhile, nothing is done at all. The owner goes on from what was mended.
 */
export async function repairShard(options: RepairOptions): Promise<RepairOutcome> {
  const following = options.reader.follow(options.partition)
  try {
    return await new Repair(options, following).run()
  } finally {
    await following.stop()
  }
}

class Repair {
  readonly #options: RepairOptions
  readonly #following: Following
  readonly #nonce = randomUUID()
  #until = Infinity

  constructor(options: RepairOptions, following: Following) {
    this.#options = options
    this.#following = following
  }

  async run(): Promise<RepairOutcome> {
    const { view, reference, found, codec, scan } = this.#options
    const epoch = await this.#claim()
    if (epoch === null) return failed('its claim was not read back from the checkpoint topic: see whether the brokers are well')
    const { progress } = view
    if (progress === null || this.#isLost(epoch)) return this.#lost()
    await scan({ from: reference.state.next, end: progress.asOf }, reference)
    const mending = mendingOf(view, { reference, found, codec })
    const streamTime = reference.whole ? reference.state.streamTime : progress.streamTime
    // All of them before the first is read back, and changes the view.
    const batches = Array.from(mendingBatches(view, progress, { mending, codec, epoch, streamTime }))
    for (const batch of batches) {
      if (this.#isLost(epoch)) return this.#lost()
      const isAcknowledged = await this.#append(batch, () => this.#isLost(epoch))
      if (!isAcknowledged && !this.#isLost(epoch)) return failed(UNKNOWN)
    }
    await this.#following.until(() => view.progress?.epoch === epoch || this.#isLost(epoch), WRITE_MS)
    if (view.progress?.epoch !== epoch) return this.#isLost(epoch) ? this.#lost() : failed(UNKNOWN)
    return { mended: mending.cells.length + mending.removed.length, failure: '' }
  }

  /** The claim's offset once it has been read back; null if it was not. */
  async #claim(): Promise<number | null> {
    const { view, codec, owner, reader } = this.#options
    const claim = { owner, nonce: this.#nonce, claimedAt: Date.now(), purpose: 'repair', holdMillis: HOLD_MS } as const
    this.#until = performance.now() + WRITE_MS
    if (!await this.#append(claimBatch(view, { codec, claim }), () => false)) return null
    const own = () => reader.claims.get(view.shard)?.find(({ nonce }) => nonce === this.#nonce)
    await this.#following.until(() => own() !== undefined, WRITE_MS)
    return own()?.epoch ?? null
  }

  /** What was sent without an answer is sent again: a second time it says the same. */
  async #append(records: readonly NewRecord[], isOver: () => boolean): Promise<boolean> {
    const { log, partition } = this.#options
    for (let error: unknown = null; performance.now() < this.#until && !isOver();) {
      error = await log.append(partition, records).then(() => null, (cause: unknown) => cause)
      if (error === null) return true
      if ((error as { code?: unknown }).code === 'batch_too_large') throw error
    }
    return false
  }

  #isLost(epoch: number): boolean {
    return (this.#options.view.claim?.epoch ?? -1) > epoch
  }

  #lost(): RepairOutcome {
    const claim = this.#options.view.claim
    return failed(`${claim?.owner ?? 'somebody'} has claimed the shard meanwhile (a rebalance, as a rule), and nothing is changed: run it again`)
  }
}

function failed(failure: string): RepairOutcome {
  return { mended: 0, failure }
}

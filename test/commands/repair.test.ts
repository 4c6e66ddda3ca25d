import { describe, expect, it } from 'vitest'
import { checkpointBatch } from '../../src/checkpoint/batch.ts'
import type { NewRecord } from '../../src/checkpoint/log.ts'
import { Following } from '../../src/commands/checkpoint-reader.ts'
import { repairShard } from '../../src/commands/repair.ts'
import { compareShard } from '../../src/verify/compare.ts'
import type { Reference } from '../../src/verify/reference.ts'
import type { RepairOutcome } from '../../src/verify/report.ts'
import { codec, CountedShard, EPOCH, lookup, referenceOf, SHARD, T0 } from '../verify/shard.ts'
import { recordsOf } from '../support/records.ts'

const records = [0, 1, 2, 3].map(offset => lookup(offset))

/** A shard whose look-ups are as of the second record, and a log that it follows. */
class Site {
  readonly shard = new CountedShard(records)
  /** Called before the log takes a batch; counted from 1. */
  before: (batch: number) => void = () => {}
  batches = 0
  scanned: string[] = []
  #wake: () => void = () => {}

  constructor() {
    this.shard.forge(new CountedShard(records.slice(0, 2)).cell('lookups', 'default', 'cart'))
  }

  get lookups(): number | undefined {
    return this.shard.cell('lookups', 'default', 'cart').outcomes[1]
  }

  repair(reference: Reference): Promise<RepairOutcome> {
    const { shard } = this
    const found = compareShard(shard.view, reference, codec).differing
    const stretch = { partition: 0, records: recordsOf([]), next: 0, high: 0, low: 0 }
    return repairShard({
      topic: 'lookups', partition: 0, view: shard.view, reference, found, codec, owner: 'a repair',
      log: { append: async (_, batch) => { this.#append(batch) } },
      reader: {
        claims: shard.claims,
        follow: () => new Following((take, signal) => {
          this.#wake = () => take(stretch)
          return new Promise(resolve => { signal.addEventListener('abort', () => resolve()) })
        }, () => {}),
      },
      scan: async ({ from, end }, onto) => {
        this.scanned.push(`${from} to ${end}`)
        onto.take([lookup(4)].filter(({ offset }) => offset < end), end)
      },
    })
  }

  claim(owner: string): void {
    this.shard.append([{ key: `${SHARD} claim`, value: codec.encodeClaim({ owner, nonce: owner, claimedAt: T0, purpose: 'serve', holdMillis: 0 }) }])
  }

  #append(batch: readonly NewRecord[]): void {
    this.before(++this.batches)
    this.shard.append(batch)
    this.#wake()
  }
}

describe('a repair', () => {
  it('writes what is right under its own claim, with the progress that there was', async () => {
    const site = new Site()
    expect(await site.repair(referenceOf(records))).toEqual({ mended: 1, failure: '' })
    const { claim, progress } = site.shard.view
    expect([claim?.owner, claim?.purpose, progress?.epoch, progress?.asOf, site.lookups]).toEqual(['a repair', 'repair', claim?.epoch, 4, 4])
    expect(compareShard(site.shard.view, referenceOf(records), codec).differing).toEqual([])
  })

  it('takes in what was counted between the comparison and its claim', async () => {
    const site = new Site()
    const reference = referenceOf(records)
    site.before = batch => {
      if (batch !== 1) return
      const { state, last } = referenceOf([...records, lookup(4)])
      const standing = { atEnd: 0, lastOffset: last?.offset ?? -1, lastAppendTime: last?.appendTime ?? 0, lastHash: last?.hash ?? '', topicId: '', policy: '', policySince: 0 }
      site.shard.append([...checkpointBatch(state, site.shard.view, { codec, epoch: EPOCH, standing })])
    }
    expect((await site.repair(reference)).failure).toBe('')
    expect([site.scanned, site.lookups, site.shard.view.progress?.asOf]).toEqual([['4 to 5'], 5, 5])
  })

  it('changes nothing if somebody claims the shard before it writes', async () => {
    const site = new Site()
    site.before = batch => { if (batch === 2) throw new Error('it writes') }
    const repairing = site.repair(referenceOf(records))
    site.claim('somebody else')
    expect((await repairing).failure).toContain('somebody else has claimed the shard meanwhile')
    expect([site.batches, site.lookups]).toEqual([1, 2])
  })

  it('changes nothing if somebody claims the shard while it writes', async () => {
    const site = new Site()
    site.before = batch => { if (batch === 2) site.claim('somebody else') }
    expect((await site.repair(referenceOf(records))).failure).toContain('somebody else has claimed the shard meanwhile')
    expect([site.batches, site.lookups]).toEqual([2, 2])
  })
})

import { describe, expect, it } from 'vitest'
import { restBeforeClaim } from '../../src/aggregator/take-over.ts'
import { CountedShard, codec, lookup, SHARD, T0 } from '../verify/shard.ts'

/** How long an owner waits whose shard was claimed, if the repair is done after so many milliseconds. */
async function rest(milliseconds: number, purpose: 'serve' | 'repair', doneAfter = Infinity): Promise<number> {
  const shard = new CountedShard([lookup(0)])
  const { view } = shard
  shard.append([{ key: `${SHARD} claim`, value: codec.encodeClaim({ owner: 'x', nonce: 'x', claimedAt: T0, purpose, holdMillis: milliseconds }) }])
  let waited = 0
  const pause = async (time: number) => {
    waited += time
    const { progress, claim } = view
    if (waited < doneAfter || progress === null || claim === null) return
    shard.append([{ key: `${SHARD} progress`, value: codec.encodeProgress({ ...progress, epoch: claim.epoch }) }])
  }
  await restBeforeClaim(milliseconds, { view, pause, signal: new AbortController().signal })
  return waited
}

describe('an owner whose shard was claimed', () => {
  it('waits for as long as it was asked to', async () => {
    expect([await rest(20_000, 'repair'), await rest(1_000, 'serve'), await rest(1_500, 'repair')]).toEqual([20_000, 1_000, 1_500])
  })

  it('waits no longer once a repair is done', async () => {
    expect([await rest(20_000, 'repair', 3_000), await rest(5_000, 'serve', 3_000)]).toEqual([3_000, 5_000])
  })
})

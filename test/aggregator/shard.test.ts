import { beforeEach, describe, expect, it } from 'vitest'
import { Shard } from '../../src/aggregator/shard.ts'
import { Decoder } from '../../src/contract/codec.ts'
import { batch, lookup, lookupsIn, T0, TOPIC } from './messages.ts'
import { RecordedTelemetry } from './recorded.ts'

let telemetry: RecordedTelemetry
beforeEach(() => { telemetry = new RecordedTelemetry() })

function shard({ low = 0, high = 0 } = {}): Shard {
  return new Shard({ topic: TOPIC, partition: 3, low, high }, { name: 'lookups', decoder: new Decoder('lookup'), telemetry })
}

const poison = [null, Buffer.alloc(0), Buffer.from('nonsense'), Buffer.from('c3010000000000000000', 'hex'), lookup({ service: '' })]

describe('a shard', () => {
  it('is named after its topic and partition', () => {
    expect(shard().shard).toBe('lookups-3')
  })

  it('folds what it is given, and stands behind it', () => {
    const ours = shard()
    expect(ours.take(batch(0, [lookup(), lookup({ weight: 5 })]))).toBe('folded')
    expect([ours.state.next, lookupsIn(ours), ours.state.streamTime]).toEqual([2, 6, T0 + 1_000])
  })

  it('counts what is no event by its reason, and goes on behind it', () => {
    const ours = shard()
    ours.take(batch(0, [lookup(), ...poison, lookup()]))
    const reasons = ['empty', 'empty', 'unknown_framing', 'unknown_schema', 'empty_service']
    expect(telemetry.rejections).toEqual(reasons.map(reason => `${TOPIC} ${reason}`))
    expect([ours.state.next, lookupsIn(ours)]).toEqual([7, 2])
  })

  it('lets what is no event move the stream time', () => {
    const ours = shard()
    ours.take(batch(0, [lookup(), null]))
    expect(ours.state.streamTime).toBe(T0 + 1_000)
  })

  it('folds no record twice, whether it comes again alone or with new ones', () => {
    const ours = shard()
    ours.take(batch(0, [lookup(), null, lookup()]))
    expect(ours.take(batch(0, [lookup(), null, lookup()]))).toBe('folded')
    expect(ours.take(batch(1, [null, lookup(), lookup()]))).toBe('folded')
    expect([ours.state.next, lookupsIn(ours), telemetry.rejections.length]).toEqual([4, 3, 1])
  })

  it('folds nothing of a batch that was asked for from beyond where it stands', () => {
    const ours = shard()
    ours.take(batch(0, [lookup()]))
    expect(ours.take(batch(2, [lookup(), lookup()]))).toBe('gap')
    expect([ours.state.next, lookupsIn(ours)]).toEqual([1, 1])
  })

  it('takes a hole in the log for what it is, as long as it asked from where it stands', () => {
    const ours = shard()
    expect(ours.take(batch(10, [lookup()], { fetchedOffset: 0 }))).toBe('folded')
    expect([ours.state.next, lookupsIn(ours)]).toEqual([11, 1])
  })

  it('stands behind what a batch ends with and does not show, as the marker of a transaction', () => {
    const ours = shard({ high: 3 })
    ours.take(batch(0, [lookup(), lookup()], { next: 3 }))
    expect([ours.state.next, ours.caughtUp]).toEqual([3, true])
    expect(ours.take(batch(3, [lookup()]))).toBe('folded')
  })

  it('is not set back by an old batch', () => {
    const ours = shard()
    ours.take(batch(0, [lookup(), lookup(), lookup()]))
    ours.take(batch(0, [lookup()]))
    expect(ours.state.next).toBe(3)
  })
})

describe('what a shard has lost', () => {
  it('is every offset below the log’s beginning that it has not read', () => {
    const ours = shard()
    ours.take(batch(0, [lookup(), lookup()]))
    expect(ours.skipTo(7)).toBe(5)
    expect(ours.state.next).toBe(7)
    expect(ours.skipTo(7)).toBe(0)
  })

  it('is nothing where the beginning is below where it stands, and it does not go back', () => {
    const ours = shard({ low: 4 })
    expect(ours.skipTo(2)).toBe(0)
    expect(ours.state.next).toBe(4)
  })
})

describe('how far a shard is', () => {
  it('is told against where the log ended when it was given to us', () => {
    const ours = shard({ low: 10, high: 14 })
    expect([ours.caughtUp, ours.progress]).toEqual([false, '0 %'])
    ours.take(batch(10, [lookup(), null, lookup()]))
    expect([ours.caughtUp, ours.progress]).toEqual([false, '75 %'])
    ours.take(batch(13, [lookup()]))
    expect([ours.caughtUp, ours.progress]).toEqual([true, '100 %'])
    ours.take(batch(14, [lookup()]))
    expect([ours.caughtUp, ours.progress]).toEqual([true, '100 %'])
  })

  it('is all of it where there was nothing', () => {
    expect(shard({ low: 5, high: 5 }).caughtUp).toBe(true)
  })

  it('counts what was lost as passed', () => {
    const ours = shard({ high: 4 })
    ours.skipTo(4)
    expect(ours.caughtUp).toBe(true)
  })

  it('is its lag against where the log ends now, never below zero', () => {
    const ours = shard()
    ours.take(batch(0, [lookup(), lookup()]))
    const bounds = { topic: TOPIC, partition: 3, low: 0 }
    expect([10, 2, 1].map(high => ours.noteBounds({ ...bounds, high }, T0))).toEqual([8, 0, 0])
  })

  it('is known to be the end at the time of asking, less a second for two clocks’ difference, and never earlier again', () => {
    const ours = shard()
    const bounds = { topic: TOPIC, partition: 3, low: 0 }
    ours.noteBounds({ ...bounds, high: 1 }, T0)
    expect(ours.atEnd).toBe(0)
    ours.noteBounds({ ...bounds, high: 0 }, T0)
    expect(ours.atEnd).toBe(T0 - 1_000)
    ours.noteBounds({ ...bounds, high: 0 }, T0 - 5_000)
    expect(ours.atEnd).toBe(T0 - 1_000)
  })
})

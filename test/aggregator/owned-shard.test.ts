import type { Schema } from 'avsc'
import { beforeEach, describe, expect, it } from 'vitest'
import { OwnedShard } from '../../src/aggregator/owned-shard.ts'
import type { Progress } from '../../src/checkpoint/codec.ts'
import { createConfluentEncoder, Decoder } from '../../src/contract/codec.ts'
import { rejectReasons } from '../../src/contract/bounds.ts'
import { eventDefaults } from '../../src/contract/events.ts'
import { PlainLookup } from '../../src/contract/plain-lookup.ts'
import { hashOf } from '../../src/core/digest.ts'
import { keyOf } from '../../src/core/names.ts'
import { emptyState } from '../../src/core/state.ts'
import { schemaJson, type RecordSchema } from '../contract/wire.ts'
import type { RecordBatch } from '../../src/aggregator/records.ts'
import { encodeBatch, FIRST_TIMESTAMP, recordsIn, unreadableBatch } from '../kafka/record-sets.ts'
import { recordsOf } from '../support/records.ts'
import { batch, lookup, lookupsIn, T0, TOPIC } from './messages.ts'
import { RecordedTelemetry } from './recorded.ts'

let telemetry: RecordedTelemetry
let known: Map<number, RecordSchema>
beforeEach(() => {
  telemetry = new RecordedTelemetry()
  known = new Map()
})

function shard({ next = 0, progress = null, fingerprint }: { next?: number; progress?: Progress | null; fingerprint?: string } = {}): OwnedShard {
  const decoder = new Decoder('lookup', id => known.get(id) as Schema | undefined)
  const schemas = { schemaById: () => null, isSettled: (id: number) => known.has(id), ensure: () => Promise.resolve() }
  return new OwnedShard({
    topic: TOPIC, partition: 3, state: emptyState(next), progress, topicId: '9a', fingerprint, decoder, plain: new PlainLookup(decoder), schemas,
    telemetry, deadLetterRate: 1,
  })
}

const never = () => false
/** Takes a whole batch; gives how many records were folded. */
function take(ours: OwnedShard, { records }: RecordBatch): number {
  expect(ours.take(records.cursor(), never)).toBe('end')
  return ours.takeFolded().records
}
const looked = ({ state }: OwnedShard) => lookupsIn(state)

const poison = [null, Buffer.alloc(0), Buffer.from('nonsense'), Buffer.from('c3010000000000000000', 'hex'), lookup({ service: '' })]

const sent = (offset: number, sequence: number, headers: [string, Buffer][] = []) =>
  ({ offset, appendTime: T0, value: lookup({ agentId: 'sdk/1', sequence }), headers })

describe('a shard', () => {
  it('folds what it is given, and stands behind it', () => {
    const ours = shard()
    expect(take(ours, batch(0, [lookup(), lookup({ weight: 5 })]))).toBe(2)
    expect([ours.state.next, looked(ours), ours.state.streamTime]).toEqual([2, 6, T0 + 1_000])
  })

  it('counts what is no event by its reason, and goes on behind it', () => {
    const ours = shard()
    take(ours, batch(0, [lookup(), ...poison, lookup()]))
    const reasons = ['empty', 'empty', 'unknown_framing', 'unknown_schema', 'empty_service']
    expect(telemetry.rejections).toEqual(reasons.map(reason => `${TOPIC} ${reason}`))
    expect([ours.state.next, looked(ours)]).toEqual([7, 2])
  })

  it('puts what is no event on the account of its agent, with its weight, where that can be read', () => {
    const ours = shard()
    take(ours, batch(0, [...poison, lookup({ service: '', agentId: 'sdk/1', weight: 7 })]))
    const rejected = [...ours.state.cells.arrivals.values()].map(cell => [cell.agentKind, cell.rejected.reduce((sum, count) => sum + count, 0)])
    expect(rejected).toEqual([['unknown', 5], ['sdk', 7]])
  })

  it('keeps what is no event as a dead letter', () => {
    const ours = shard()
    take(ours, batch(0, [lookup(), Buffer.from('nonsense'), lookup()]))
    expect(ours.letters.take()).toMatchObject([[{ topic: TOPIC, partition: 3, offset: 1, reason: 'unknown_framing', value: Buffer.from('nonsense') }]])
  })

  it('counts every record of a batch that cannot be read, keeps the batch as one letter, and goes on behind it', async () => {
    const ours = shard()
    const bad = await unreadableBatch(1, 5)
    const records = recordsIn(Buffer.concat([await encodeBatch({ firstOffset: 0, records: [{ key: null, value: lookup() }] }), bad,
      await encodeBatch({ firstOffset: 6, records: [{ key: null, value: lookup() }] })]))
    const cursor = records.cursor()
    expect([ours.take(cursor, never), ours.state.next, ours.take(cursor, never)]).toEqual(['turn', 6, 'end'])
    expect([ours.state.next, looked(ours), ours.takeFolded().records, ours.state.streamTime]).toEqual([7, 2, 7, FIRST_TIMESTAMP])
    expect(telemetry.rejections).toEqual(Array.from({ length: 5 }, () => `${TOPIC} batch_unreadable`))
    const cell = ours.state.cells.arrivals.get(keyOf('unknown'))
    expect(cell?.rejected[rejectReasons.indexOf('batch_unreadable')]).toBe(5)
    expect(ours.letters.take()).toMatchObject([[{ offset: 1, timestamp: FIRST_TIMESTAMP, reason: 'batch_unreadable', batchOf: 5, key: null, value: bad, headers: [] }]])
    expect(ours.standing).toMatchObject({ lastOffset: 6 })
  })

  it('counts of a batch that cannot be read only what is not counted yet, however often it comes', async () => {
    const ours = shard({ next: 3 })
    for (let time = 0; time < 2; time++) ours.take(recordsIn(await unreadableBatch(1, 5)).cursor(), never)
    expect([ours.state.next, telemetry.rejections.length, ours.letters.take().flat().map(({ offset, batchOf }) => [offset, batchOf])]).toEqual([6, 3, [[3, 3]]])
    expect(ours.standing).toMatchObject({ lastOffset: -1, lastHash: '' })
  })

  it('has a checkpoint taken where the letter of such a batch fills what may wait', async () => {
    const ours = shard()
    expect(ours.take(recordsIn(await unreadableBatch(0, 2)).cursor(), () => ours.state.next === 2)).toBe('full')
  })

  it('does not compare the number of a replay, and learns nothing from it', () => {
    const ours = shard()
    const replayed: [string, Buffer][] = [['discovery-replayed', Buffer.from('0/7')]]
    const records = recordsOf([sent(0, 9), sent(1, 5), sent(2, 5, replayed), sent(3, 99, replayed), sent(4, 10)])
    expect(ours.take(records.cursor(), never)).toBe('end')
    const [arrivals] = ours.state.cells.arrivals.values()
    expect([arrivals?.received, arrivals?.repeated, looked(ours)]).toEqual([4, 1, 4])
  })

  it('lets what is no event move the stream time', () => {
    const ours = shard()
    take(ours, batch(0, [lookup(), null]))
    expect(ours.state.streamTime).toBe(T0 + 1_000)
  })

  it('folds no record twice, whether it comes again alone or with new ones', () => {
    const ours = shard()
    take(ours, batch(0, [lookup(), null, lookup()]))
    expect(take(ours, batch(0, [lookup(), null, lookup()]))).toBe(0)
    expect(take(ours, batch(1, [null, lookup(), lookup()]))).toBe(1)
    expect([ours.state.next, looked(ours), telemetry.rejections.length]).toEqual([4, 3, 1])
  })

  it('stops behind the record by which it is full, and goes on behind it', () => {
    const ours = shard()
    const cursor = batch(0, [lookup(), lookup(), lookup(), lookup()]).records.cursor()
    expect(ours.take(cursor, () => ours.state.next === 3)).toBe('full')
    expect([ours.state.next, looked(ours)]).toEqual([3, 3])
    expect(ours.take(cursor, never)).toBe('end')
    expect([looked(ours), ours.takeFolded().records]).toEqual([4, 4])
  })

  it('lets others have their turn within a large batch, and folds all of it', () => {
    const ours = shard()
    const cursor = batch(0, Array.from({ length: 150 }, () => lookup())).records.cursor()
    expect([ours.take(cursor, never), ours.take(cursor, never), ours.take(cursor, never)]).toEqual(['turn', 'turn', 'end'])
    expect(looked(ours)).toBe(150)
  })

  it('stops before a record whose schema is not known yet, and folds it when it goes on', () => {
    const ours = shard()
    const framed = createConfluentEncoder('lookup', 7)({ ...eventDefaults.lookup, service: 'cart' })
    const cursor = batch(0, [lookup(), framed, framed]).records.cursor()
    expect(ours.take(cursor, never)).toEqual({ schemaId: 7 })
    expect(ours.take(cursor, never)).toEqual({ schemaId: 7 })
    expect([ours.state.next, looked(ours)]).toEqual([1, 1])
    known.set(7, schemaJson('lookup'))
    expect(ours.take(cursor, never)).toBe('end')
    expect([ours.state.next, looked(ours)]).toEqual([3, 3])
  })

  it('takes a hole in the log for what it is', () => {
    const ours = shard()
    take(ours, batch(10, [lookup()]))
    expect([ours.state.next, looked(ours)]).toEqual([11, 1])
  })

  it('stands behind what a batch ends with and does not show, as the marker of a transaction, and is not set back', () => {
    const ours = shard()
    take(ours, batch(0, [lookup(), lookup()]))
    ours.moveTo(3)
    ours.moveTo(1)
    expect(ours.state.next).toBe(3)
    take(ours, batch(3, [lookup()]))
    expect(looked(ours)).toBe(3)
  })
})

describe('where a shard stands', () => {
  const progress: Progress = {
    epoch: 1, asOf: 9, expiresAt: 0, topicId: '9a', streamTime: T0, atEnd: T0 - 7, lastOffset: 8, lastAppendTime: T0 - 9, lastHash: 'abc', policy: '',
    policySince: 0, digests: {},
  }

  it('is nowhere before its first record', () => {
    expect(shard().standing).toEqual({ topicId: '9a', atEnd: 0, lastOffset: -1, lastAppendTime: 0, lastHash: '', policy: '', policySince: 0 })
  })

  it('is where the owner before stood, until a record is folded', () => {
    const ours = shard({ next: 9, progress })
    expect(ours.standing).toEqual({ topicId: '9a', atEnd: T0 - 7, lastOffset: 8, lastAppendTime: T0 - 9, lastHash: 'abc', policy: '', policySince: 0 })
    take(ours, batch(9, [lookup()]))
    expect(ours.standing).toMatchObject({ topicId: '9a', atEnd: T0 - 7, lastOffset: 9, lastAppendTime: T0 + 9_000, lastHash: hashOf(lookup()) })
  })

  it('tells by which policy it is folded, and since when: from the beginning, as the owner before, or from here on', () => {
    expect(shard({ fingerprint: 'p1' }).standing).toMatchObject({ policy: 'p1', policySince: 0 })
    const told = { ...progress, policy: 'p1', policySince: 4 }
    expect(shard({ next: 9, progress: told, fingerprint: 'p1' }).standing).toMatchObject({ policy: 'p1', policySince: 4 })
    expect(shard({ next: 9, progress: told, fingerprint: 'p2' }).standing).toMatchObject({ policy: 'p2', policySince: 9 })
    expect(shard({ next: 9, progress, fingerprint: 'p1' }).standing).toMatchObject({ policy: 'p1', policySince: 9 })
  })

  it('tells the last record, one that was set aside or has no value too', () => {
    const ours = shard()
    take(ours, batch(0, [lookup(), Buffer.from('nonsense')]))
    expect(ours.standing).toMatchObject({ lastOffset: 1, lastHash: hashOf(Buffer.from('nonsense')) })
    take(ours, batch(2, [null]))
    expect(ours.standing).toMatchObject({ lastOffset: 2, lastHash: hashOf(Buffer.alloc(0)) })
  })
})

describe('what a shard has lost', () => {
  it('is every offset below the log’s beginning that it has not read', () => {
    const ours = shard()
    take(ours, batch(0, [lookup(), lookup()]))
    expect(ours.skipTo(7)).toBe(5)
    expect(ours.state.next).toBe(7)
    expect(ours.skipTo(7)).toBe(0)
  })

  it('is nothing where the beginning is below where it stands, and it does not go back', () => {
    const ours = shard({ next: 4 })
    expect(ours.skipTo(2)).toBe(0)
    expect(ours.state.next).toBe(4)
  })
})

describe('how far a shard is', () => {
  it('is its lag against where the log ends now, never below zero', () => {
    const ours = shard()
    take(ours, batch(0, [lookup(), lookup()]))
    const bounds = { topic: TOPIC, partition: 3, low: 0 }
    expect([10, 2, 1].map(high => ours.noteBounds({ ...bounds, high }, T0))).toEqual([8, 0, 0])
  })

  it('is known to be the end at the time of asking, less a second for two clocks’ difference, and never earlier again', () => {
    const ours = shard()
    const bounds = { topic: TOPIC, partition: 3, low: 0 }
    ours.noteBounds({ ...bounds, high: 1 }, T0)
    expect(ours.standing.atEnd).toBe(0)
    ours.noteBounds({ ...bounds, high: 0 }, T0)
    expect(ours.standing.atEnd).toBe(T0 - 1_000)
    ours.noteBounds({ ...bounds, high: 0 }, T0 - 5_000)
    expect(ours.standing.atEnd).toBe(T0 - 1_000)
  })
})

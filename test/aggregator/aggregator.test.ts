import { beforeEach, describe, expect, it } from 'vitest'
import { Aggregator, type SchemaSource } from '../../src/aggregator/aggregator.ts'
import { Ownership } from '../../src/aggregator/ownership.ts'
import type { LogBounds } from '../../src/aggregator/records.ts'
import { createConfluentEncoder } from '../../src/contract/codec.ts'
import { eventDefaults } from '../../src/contract/events.ts'
import { inputTopics, topicNames } from '../../src/contract/topics.ts'
import { schemaJson } from '../contract/wire.ts'
import { batch, lookup, lookupsIn, T0, TOPIC } from './messages.ts'
import { RecordedTelemetry } from './recorded.ts'

const REGISTRATIONS = 'discovery.registrations.v1'

/** Schemas that come when they are asked for, or not yet. */
class FakeSchemas implements SchemaSource {
  readonly known = new Map<number, object>()
  readonly ensured: number[][] = []
  /** What `ensure` waits for, or fails with. */
  answer: () => Promise<void> = () => Promise.resolve()

  readonly schemaById = (id: number): ReturnType<SchemaSource['schemaById']> => this.known.get(id) as ReturnType<SchemaSource['schemaById']>
  readonly ensure = (ids: ReadonlySet<number>): Promise<void> => {
    this.ensured.push([...ids])
    return this.answer()
  }

  /** Lets `ensure` wait until the function that is returned is called. */
  hold(): () => void {
    let release = this.#nothing
    const held = new Promise<void>(resolve => { release = resolve })
    this.answer = () => held
    return () => release()
  }

  readonly #nothing = (): void => {}
}

let telemetry: RecordedTelemetry
let schemas: FakeSchemas
let ownership: Ownership
let aggregator: Aggregator
let seconds: number

beforeEach(() => {
  telemetry = new RecordedTelemetry()
  schemas = new FakeSchemas()
  ownership = new Ownership(6_000, { wall: () => T0, monotonic: () => 0 })
  ownership.joined(0)
  seconds = 0
  aggregator = new Aggregator({ inputs: inputTopics(topicNames('')), ownership, schemas, telemetry, now: () => (seconds += 0.5) })
})

function bounds(partition = 0, fields: Partial<LogBounds> = {}): LogBounds {
  return { topic: TOPIC, partition, low: 0, high: 0, ...fields }
}

/** Shards shown, and the look-ups in each. */
function shown(): Record<string, number> {
  return Object.fromEntries(aggregator.shown().map(shard => [shard.shard, lookupsIn(shard)]))
}

describe('an assignment', () => {
  it('starts every partition at its earliest record', () => {
    expect(aggregator.assign([bounds(0, { low: 5, high: 9 }), bounds(2), { ...bounds(1), topic: REGISTRATIONS }])).toEqual([
      { topic: TOPIC, partition: 0, offset: 5 }, { topic: TOPIC, partition: 2, offset: 0 },
      { topic: REGISTRATIONS, partition: 1, offset: 0 },
    ])
    expect(telemetry.ownedPartitions).toEqual({ [TOPIC]: 2, [REGISTRATIONS]: 1, 'discovery.agents.v1': 0 })
    expect(telemetry.rebalances).toBe(1)
  })

  it('lets a partition that is kept go on where it stands', async () => {
    aggregator.assign([bounds()])
    await aggregator.ingest(batch(0, [lookup(), lookup(), lookup()]))
    expect(aggregator.assign([bounds(0, { high: 10 }), bounds(1)])).toEqual([
      { topic: TOPIC, partition: 0, offset: 3 }, { topic: TOPIC, partition: 1, offset: 0 },
    ])
  })

  it('shows a partition that comes back only once it is as far as another owner may have shown it', async () => {
    aggregator.assign([bounds()])
    await aggregator.ingest(batch(0, [lookup(), lookup(), lookup()]))
    expect(shown()).toEqual({ 'lookups-0': 3 })

    aggregator.assign([bounds(0, { high: 5 })])
    expect(shown()).toEqual({})
    expect(aggregator.waitingFor()).toEqual([expect.stringContaining('lookups-0 60 %')])

    await aggregator.ingest(batch(3, [lookup(), lookup()]))
    expect(shown()).toEqual({ 'lookups-0': 5 })
  })

  it('forgets a partition that is dropped, its lag too, and starts it anew when it comes back', async () => {
    aggregator.assign([bounds(), bounds(1)])
    await aggregator.ingest(batch(0, [lookup(), lookup()]))
    aggregator.noteBounds([bounds(0, { high: 7 }), bounds(1, { high: 1 })], T0)
    expect(telemetry.lags).toEqual({ [`${TOPIC}/0`]: 5, [`${TOPIC}/1`]: 1 })

    aggregator.assign([bounds(1)])
    expect(shown()).toEqual({ 'lookups-1': 0 })
    expect(telemetry.lags).toEqual({ [`${TOPIC}/1`]: 1 })

    expect(aggregator.assign([bounds(0, { high: 2 })])).toEqual([{ topic: TOPIC, partition: 0, offset: 0 }])
    expect(shown()).toEqual({})
  })

  it('of a topic that is none of ours is refused, with what to do', () => {
    expect(() => aggregator.assign([{ ...bounds(), topic: 'orders' }])).toThrow('orders is no input topic')
  })
})

describe('a batch', () => {
  it('is folded, and told with its records, bytes and the time it took', async () => {
    aggregator.assign([bounds()])
    const values = [lookup(), null, lookup({ weight: 3 })]
    expect(await aggregator.ingest(batch(0, values))).toEqual({ folded: true })
    expect(shown()).toEqual({ 'lookups-0': 4 })
    const bytes = values.reduce((sum, value) => sum + (value?.length ?? 0), 0)
    expect(telemetry.batches).toEqual([{ topic: TOPIC, records: 3, bytes, seconds: 0.5 }])
    expect(telemetry.rejections).toEqual([`${TOPIC} empty`])
  })

  it('from beyond where its partition stands is not folded, and says where to read on', async () => {
    aggregator.assign([bounds()])
    await aggregator.ingest(batch(0, [lookup()]))
    expect(await aggregator.ingest(batch(4, [lookup()]))).toEqual({ seek: 1 })
    expect(shown()).toEqual({ 'lookups-0': 1 })
    expect(telemetry.batches).toHaveLength(1)
  })

  it('that repeats records tells only those that are new', async () => {
    aggregator.assign([bounds()])
    await aggregator.ingest(batch(0, [lookup(), lookup()]))
    await aggregator.ingest(batch(0, [lookup(), lookup(), lookup()]))
    expect(telemetry.batches.map(({ records }) => records)).toEqual([2, 1])
    expect(shown()).toEqual({ 'lookups-0': 3 })
  })

  it('of a partition that was dropped meanwhile is ignored', async () => {
    aggregator.assign([bounds()])
    aggregator.assign([bounds(1)])
    expect(await aggregator.ingest(batch(0, [lookup()]))).toEqual({ folded: true })
    expect(telemetry.batches).toEqual([])
    expect(shown()).toEqual({ 'lookups-1': 0 })
  })

  it('of a partition that is dropped while its schemas are fetched is ignored', async () => {
    aggregator.assign([bounds()])
    const known = schemas.hold()
    const ingested = aggregator.ingest(batch(0, [lookup()]))
    aggregator.assign([bounds(1)])
    known()
    expect(await ingested).toEqual({ folded: true })
    expect(telemetry.batches).toEqual([])
  })

  it('of a partition that went and came back while its schemas were fetched begins anew with it', async () => {
    aggregator.assign([bounds()])
    await aggregator.ingest(batch(0, [lookup()]))
    const known = schemas.hold()
    const ingested = aggregator.ingest(batch(1, [lookup()]))
    aggregator.assign([])
    aggregator.assign([bounds()])
    known()
    expect(await ingested).toEqual({ seek: 0 })
  })
})

function framed(id: number): Buffer {
  return createConfluentEncoder('lookup', id)({ ...eventDefaults.lookup, service: 'cart' })
}

describe('messages in Confluent’s framing', () => {
  it('have their schemas ensured first, each id once a batch', async () => {
    schemas.answer = async () => { schemas.known.set(7, schemaJson('lookup')) }
    aggregator.assign([bounds()])
    await aggregator.ingest(batch(0, [framed(7), framed(7), lookup(), framed(8)]))
    expect(schemas.ensured).toEqual([[7, 8]])
    expect(shown()).toEqual({ 'lookups-0': 3 })
    expect(telemetry.rejections).toEqual([`${TOPIC} unknown_schema`])
  })

  it('are not passed over while a schema cannot be had: nothing of their batch is folded', async () => {
    schemas.answer = () => Promise.reject(new Error('the registry is down'))
    aggregator.assign([bounds()])
    await expect(aggregator.ingest(batch(0, [lookup(), framed(7)]))).rejects.toThrow('the registry is down')
    expect(shown()).toEqual({ 'lookups-0': 0 })

    schemas.known.set(7, schemaJson('lookup'))
    schemas.answer = () => Promise.resolve()
    await aggregator.ingest(batch(0, [lookup(), framed(7)]))
    expect(shown()).toEqual({ 'lookups-0': 2 })
    expect(telemetry.rejections).toEqual([])
  })
})

describe('a stretch without a record for us', () => {
  it('is passed over, and what follows is no gap', async () => {
    aggregator.assign([bounds(0, { high: 3 })])
    expect(aggregator.shown()).toEqual([])
    aggregator.pass({ topic: TOPIC, partition: 0, fetchedOffset: 0, next: 3 })
    expect(shown()).toEqual({ 'lookups-0': 0 })
    expect(await aggregator.ingest(batch(3, [lookup()]))).toEqual({ folded: true })
  })

  it('is not passed over from beyond where the partition stands: what is missing before it comes first', async () => {
    aggregator.assign([bounds()])
    aggregator.pass({ topic: TOPIC, partition: 0, fetchedOffset: 2, next: 3 })
    expect(await aggregator.ingest(batch(3, [lookup()]))).toEqual({ seek: 0 })
  })

  it('of a partition that is not ours changes nothing', () => {
    aggregator.assign([bounds(1)])
    aggregator.pass({ topic: TOPIC, partition: 0, fetchedOffset: 0, next: 3 })
    expect(shown()).toEqual({ 'lookups-1': 0 })
  })
})

describe('the log’s bounds', () => {
  it('give the lag of what is owned, and of nothing else', async () => {
    aggregator.assign([bounds()])
    await aggregator.ingest(batch(0, [lookup()]))
    aggregator.noteBounds([bounds(0, { high: 4 }), bounds(1, { high: 9 })], T0)
    expect(telemetry.lags).toEqual({ [`${TOPIC}/0`]: 3 })
    expect(telemetry.losses).toEqual({})
  })

  it('count what was deleted before it was read, once, and reading goes on behind it', async () => {
    aggregator.assign([bounds()])
    await aggregator.ingest(batch(0, [lookup()]))
    aggregator.noteBounds([bounds(0, { low: 5, high: 8 })], T0)
    aggregator.noteBounds([bounds(0, { low: 5, high: 8 })], T0)
    expect(telemetry.losses).toEqual({ [TOPIC]: 4 })
    expect(telemetry.lags).toEqual({ [`${TOPIC}/0`]: 3 })
    expect(await aggregator.ingest(batch(5, [lookup()]))).toEqual({ folded: true })
  })
})

describe('what a replica shows', () => {
  it('is nothing of a partition that is not read to where it ended when it was given', async () => {
    aggregator.assign([bounds(0, { high: 2 }), bounds(1)])
    expect(Object.keys(shown())).toEqual(['lookups-1'])
    expect(aggregator.waitingFor()).toEqual(['reading partitions from their beginning: lookups-0 0 %'])
    await aggregator.ingest(batch(0, [lookup()]))
    expect(aggregator.waitingFor()).toEqual(['reading partitions from their beginning: lookups-0 50 %'])
    await aggregator.ingest(batch(1, [lookup()]))
    expect(Object.keys(shown())).toEqual(['lookups-0', 'lookups-1'])
    expect(aggregator.waitingFor()).toEqual([])
  })

  it('is nothing at all while it is no member of the group', () => {
    aggregator.assign([bounds()])
    ownership.left()
    expect(aggregator.shown()).toEqual([])
    expect(aggregator.waitingFor()).toEqual(['not a member of the consumer group, or its last heartbeat is too old'])
    ownership.joined(0)
    expect(Object.keys(shown())).toEqual(['lookups-0'])
  })
})

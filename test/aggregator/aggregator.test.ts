import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { Aggregator } from '../../src/aggregator/aggregator.ts'
import { Ownership } from '../../src/aggregator/ownership.ts'
import type { SchemaSource } from '../../src/aggregator/tenure-parts.ts'
import type { LogBounds, Partition, RecordBatch } from '../../src/aggregator/records.ts'
import { createConfluentEncoder } from '../../src/contract/codec.ts'
import { eventDefaults } from '../../src/contract/events.ts'
import { inputTopics, topicNames } from '../../src/contract/topics.ts'
import { schemaJson } from '../contract/wire.ts'
import { batch, lookup, lookupsIn, T0, TOPIC } from './messages.ts'
import { settled, Site } from './site.ts'

const REGISTRATIONS = 'discovery.registrations.v1'

/** Schemas that come when they are asked for, or not yet. */
class FakeSchemas implements SchemaSource {
  readonly known = new Map<number, object>()
  readonly ensured: number[][] = []
  readonly settled = new Set<number>()
  /** What `ensure` waits for, or fails with. */
  answer: () => Promise<void> = () => Promise.resolve()

  readonly schemaById = (id: number): ReturnType<SchemaSource['schemaById']> => this.known.get(id) as ReturnType<SchemaSource['schemaById']>
  readonly isSettled = (id: number): boolean => this.settled.has(id)
  readonly ensure = async (ids: ReadonlySet<number>): Promise<void> => {
    this.ensured.push([...ids])
    await this.answer()
    for (const id of ids) this.settled.add(id)
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

let site: Site
let schemas: FakeSchemas
let ownership: Ownership
let aggregator: Aggregator

beforeEach(() => {
  site = new Site()
  schemas = new FakeSchemas()
  ownership = new Ownership(6_000, { wall: () => T0, monotonic: () => 0 })
  ownership.joined(0)
  aggregator = new Aggregator({ ...site.parts, inputs: inputTopics(topicNames('')), view: site.view, ownership, schemas })
  site.onClaim = (shard, claim) => aggregator.claimRead(shard, claim)
})

const partition = (number: number, topic = TOPIC): Partition => ({ topic, partition: number })

function bounds(number = 0, fields: Partial<LogBounds> = {}): LogBounds {
  return { ...partition(number), low: 0, high: 0, ...fields }
}

let ending = new AbortController()

/** The group gives us partitions, and takes away all that it gave before. */
async function assign(...assigned: Partition[]): Promise<void> {
  ending.abort()
  ending = new AbortController()
  onTestFinished(() => ending.abort())
  aggregator.assign(assigned, ending.signal)
  await settled()
}

function ingest(fed: RecordBatch): ReturnType<Aggregator['ingest']> {
  site.source.keep(fed)
  return aggregator.ingest(fed)
}

/** Shards shown, and the look-ups in each, once all is written. */
async function shown(): Promise<Record<string, number>> {
  await aggregator.write()
  return Object.fromEntries(aggregator.shown().map(shard => [shard.shard, lookupsIn(shard)]))
}

describe('an assignment', () => {
  it('claims every partition and starts each that has no checkpoint at its earliest record', async () => {
    site.source.log.set(`${TOPIC}/0`, bounds(0, { low: 5, high: 9 }))
    await assign(partition(0), partition(2), partition(1, REGISTRATIONS))
    expect(site.source.done.toSorted()).toEqual([
      `read ${TOPIC}/0 from 5`, `read ${TOPIC}/2 from 0`, `read ${REGISTRATIONS}/1 from 0`,
    ])
    expect(site.log.attempts.map(({ partition: number }) => number)).toEqual([0, 2, 1])
    expect(site.telemetry.ownedPartitions).toEqual({ [TOPIC]: 2, [REGISTRATIONS]: 1, 'discovery.agents.v1': 0 })
    expect(site.telemetry.rebalances).toBe(1)
  })

  it('claims a partition that is kept anew, and reads it from what is written', async () => {
    await assign(partition(0))
    await ingest(batch(0, [lookup(), lookup(), lookup()]))
    await aggregator.write()
    await ingest(batch(3, [lookup()]))
    site.source.done.length = 0
    await assign(partition(0), partition(1))
    expect(site.source.done.toSorted()).toEqual([`read ${TOPIC}/0 from 3`, `read ${TOPIC}/1 from 0`])
    expect(site.view.shard('lookups-0').claim?.nonce).toBe('nonce 2')
  })

  it('shows what is written of a partition as soon as its claim is read back, and not before', async () => {
    await assign(partition(0))
    await ingest(batch(0, [lookup(), lookup(), lookup()]))
    expect(await shown()).toEqual({ 'lookups-0': 3 })

    site.log.follows = false
    await assign(partition(0))
    expect(aggregator.shown()).toEqual([])
    expect(aggregator.waitingFor()).toEqual(['lookups-0: waiting for its claim to be read back'])

    site.log.read()
    await settled()
    expect(aggregator.shown().map(lookupsIn)).toEqual([3])
    expect(aggregator.waitingFor()).toEqual([])
  })

  it('forgets a partition that is dropped, its lag too, and goes on from what is written when it comes back', async () => {
    await assign(partition(0), partition(1))
    await ingest(batch(0, [lookup(), lookup()]))
    aggregator.noteBounds([bounds(0, { high: 7 }), bounds(1, { high: 1 })], T0)
    expect(site.telemetry.lags).toEqual({ [`${TOPIC}/0`]: 5, [`${TOPIC}/1`]: 1 })
    await aggregator.write()

    await assign(partition(1))
    expect(await shown()).toEqual({ 'lookups-1': 0 })
    expect(site.telemetry.lags).toEqual({ [`${TOPIC}/1`]: 1 })

    await assign(partition(0))
    expect(await shown()).toEqual({ 'lookups-0': 2 })
    expect(site.source.done.at(-1)).toBe(`read ${TOPIC}/0 from 2`)
  })

  it('of a topic that is none of ours is refused, with what to do', () => {
    expect(() => aggregator.assign([partition(0, 'orders')], ending.signal)).toThrow('orders is no input topic')
  })
})

describe('a batch', () => {
  it('is folded, and told with its records, bytes and the time it took', async () => {
    await assign(partition(0))
    const values = [lookup(), null, lookup({ weight: 3 })]
    expect(await ingest(batch(0, values))).toEqual({ folded: true })
    expect(await shown()).toEqual({ 'lookups-0': 4 })
    const bytes = values.reduce((sum, value) => sum + (value?.length ?? 0), 0)
    expect(site.telemetry.batches).toEqual([{ topic: TOPIC, records: 3, bytes, forgottenAgents: 0, seconds: 0 }])
    expect(site.telemetry.rejections).toEqual([`${TOPIC} empty`])
  })

  it('from beyond where its partition stands is not folded, and says where to read on', async () => {
    await assign(partition(0))
    await ingest(batch(0, [lookup()]))
    expect(await ingest(batch(4, [lookup()]))).toEqual({ seek: 1 })
    expect(await shown()).toEqual({ 'lookups-0': 1 })
    expect(site.telemetry.batches).toHaveLength(1)
  })

  it('that repeats records tells only those that are new', async () => {
    await assign(partition(0))
    await ingest(batch(0, [lookup(), lookup()]))
    await ingest(batch(0, [lookup(), lookup(), lookup()]))
    expect(site.telemetry.batches.map(({ records }) => records)).toEqual([2, 1])
    expect(await shown()).toEqual({ 'lookups-0': 3 })
  })

  it('of a partition that was dropped meanwhile is ignored', async () => {
    await assign(partition(0))
    await assign(partition(1))
    expect(await ingest(batch(0, [lookup()]))).toEqual({ folded: true })
    expect(site.telemetry.batches).toEqual([])
    expect(await shown()).toEqual({ 'lookups-1': 0 })
  })

  it('of a partition that is dropped while its schemas are fetched is ignored', async () => {
    await assign(partition(0))
    const known = schemas.hold()
    const ingested = ingest(batch(0, [framed(7)]))
    await assign(partition(1))
    known()
    expect(await ingested).toEqual({ folded: true })
    expect(site.telemetry.batches).toEqual([])
    expect(site.telemetry.rejections).toEqual([])
  })

  it('of a partition that went and came back while its schemas were fetched changes nothing: it is read again from where it goes on', async () => {
    await assign(partition(0))
    await ingest(batch(0, [lookup()]))
    const known = schemas.hold()
    const ingested = ingest(batch(1, [framed(7)]))
    await assign()
    await assign(partition(0))
    known()
    expect(await ingested).toEqual({ folded: true })
    expect(site.telemetry.rejections).toEqual([])
    expect(site.source.done.at(-1)).toBe(`read ${TOPIC}/0 from 0`)
    expect(await ingest(batch(1, [framed(7)]))).toEqual({ seek: 0 })
  })

  it('of a partition that is not restored yet is ignored: it is read again from where it goes on', async () => {
    site.log.follows = false
    await assign(partition(0))
    expect(await ingest(batch(0, [lookup()]))).toEqual({ folded: true })
    site.log.read()
    await settled()
    expect(site.source.done).toEqual([`read ${TOPIC}/0 from 0`])
    expect(site.telemetry.batches).toEqual([])
  })
})

function framed(id: number): Buffer {
  return createConfluentEncoder('lookup', id)({ ...eventDefaults.lookup, service: 'cart' })
}

describe('messages in Confluent’s framing', () => {
  it('have their schemas ensured first, each id once', async () => {
    schemas.answer = async () => { schemas.known.set(7, schemaJson('lookup')) }
    await assign(partition(0))
    await ingest(batch(0, [framed(7), framed(7), lookup(), framed(8)]))
    expect(schemas.ensured).toEqual([[7], [8]])
    expect(await shown()).toEqual({ 'lookups-0': 3 })
    expect(site.telemetry.rejections).toEqual([`${TOPIC} unknown_schema`])
  })

  it('are not passed over while a schema cannot be had: what stands before is folded, once', async () => {
    schemas.answer = () => Promise.reject(new Error('the registry is down'))
    await assign(partition(0))
    await expect(ingest(batch(0, [lookup(), framed(7)]))).rejects.toThrow('the registry is down')
    expect(await shown()).toEqual({ 'lookups-0': 1 })

    schemas.known.set(7, schemaJson('lookup'))
    schemas.answer = () => Promise.resolve()
    await ingest(batch(0, [lookup(), framed(7)]))
    expect(await shown()).toEqual({ 'lookups-0': 2 })
    expect(site.telemetry.rejections).toEqual([])
  })
})

describe('a stretch without a record for us', () => {
  it('is passed over, and what follows is no gap', async () => {
    await assign(partition(0))
    await aggregator.ingest(batch(0, [], { next: 3 }))
    expect(await shown()).toEqual({ 'lookups-0': 0 })
    expect(aggregator.acknowledged()).toEqual([{ ...partition(0), offset: 3 }])
    expect(await ingest(batch(3, [lookup()]))).toEqual({ folded: true })
  })

  it('is not passed over from beyond where the partition stands: what is missing before it comes first', async () => {
    await assign(partition(0))
    await aggregator.ingest(batch(2, [], { next: 3 }))
    expect(await ingest(batch(3, [lookup()]))).toEqual({ seek: 0 })
  })

  it('of a partition that is not ours changes nothing', async () => {
    await assign(partition(1))
    await aggregator.ingest(batch(0, [], { next: 3 }))
    expect(await shown()).toEqual({ 'lookups-1': 0 })
  })
})

describe('the log’s bounds', () => {
  it('give the lag of what is owned, and of nothing else', async () => {
    await assign(partition(0))
    await ingest(batch(0, [lookup()]))
    aggregator.noteBounds([bounds(0, { high: 4 }), bounds(1, { high: 9 })], T0)
    expect(site.telemetry.lags).toEqual({ [`${TOPIC}/0`]: 3 })
    expect(site.telemetry.losses).toEqual({})
  })

  it('count what was deleted before it was read, once, and reading goes on behind it', async () => {
    await assign(partition(0))
    await ingest(batch(0, [lookup()]))
    aggregator.noteBounds([bounds(0, { low: 5, high: 8 })], T0)
    aggregator.noteBounds([bounds(0, { low: 5, high: 8 })], T0)
    expect(site.telemetry.losses).toEqual({ [TOPIC]: 4 })
    expect(site.telemetry.lags).toEqual({ [`${TOPIC}/0`]: 3 })
    expect(await ingest(batch(5, [lookup()]))).toEqual({ folded: true })
  })
})

describe('what a replica shows', () => {
  it('is nothing of a partition that has no checkpoint yet, nor of one that is not its own', async () => {
    await assign(partition(0))
    expect(aggregator.shown()).toEqual([])
    expect(await shown()).toEqual({ 'lookups-0': 0 })
    await assign(partition(1))
    expect(await shown()).toEqual({ 'lookups-1': 0 })
  })

  it('is what is written, not what is folded: that is what the next owner begins with', async () => {
    await assign(partition(0))
    await ingest(batch(0, [lookup()]))
    await aggregator.write()
    await ingest(batch(1, [lookup(), lookup()]))
    expect(aggregator.shown().map(lookupsIn)).toEqual([1])
    expect(await shown()).toEqual({ 'lookups-0': 3 })
  })

  it('is nothing of a partition that somebody else has claimed', async () => {
    await assign(partition(0), partition(1))
    await aggregator.write()
    site.claim()
    expect(Object.keys(await shown())).toEqual(['lookups-1'])
  })

  it('is nothing at all while it is no member of the group', async () => {
    await assign(partition(0))
    await aggregator.write()
    ownership.left()
    expect([aggregator.shown(), aggregator.standing()]).toEqual([[], ''])
    expect(aggregator.waitingFor()).toEqual(['not a member of the consumer group, or its last heartbeat is too old'])
    ownership.joined(0)
    expect(Object.keys(await shown())).toEqual(['lookups-0'])
  })
})

describe('a replica’s standing', () => {
  it('changes with every claim that it gains or loses, and with nothing else', async () => {
    const seen = [aggregator.standing()]
    await assign(partition(0))
    seen.push(aggregator.standing())
    await ingest(batch(0, [lookup()]))
    await aggregator.write()
    expect(aggregator.standing()).toBe(seen.at(-1))
    site.claim()
    await settled()
    seen.push(aggregator.standing())
    await site.elapse(1_000)
    seen.push(aggregator.standing())
    await assign(partition(0))
    seen.push(aggregator.standing())
    expect(new Set(seen).size).toBe(5)
  })
})

describe('what a replica has counted for good', () => {
  it('is as far as its checkpoints are acknowledged; nothing where none is', async () => {
    await assign(partition(0), partition(1))
    await ingest(batch(0, [lookup(), lookup()]))
    expect(aggregator.acknowledged()).toEqual([])
    await aggregator.write()
    await ingest(batch(2, [lookup()]))
    expect(aggregator.acknowledged()).toEqual([{ ...partition(0), offset: 2 }, { ...partition(1), offset: 0 }])
  })

  it('is all that it has folded once it has written, which takes until that is acknowledged', async () => {
    await assign(partition(0))
    await ingest(batch(0, [lookup()]))
    const arrive = site.log.hang()
    let written = false
    const writing = aggregator.write().finally(() => { written = true })
    await settled()
    expect(written).toBe(false)
    arrive()
    await writing
    expect(aggregator.acknowledged()).toEqual([{ ...partition(0), offset: 1 }])
  })
})

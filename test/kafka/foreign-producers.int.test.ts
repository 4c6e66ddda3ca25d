import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Replica } from '../commands/replica.ts'
import { TopicSet } from '../commands/topic-set.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { javaProduce, prepareJava, type JavaBatch } from './java-producer.ts'

const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
const RECORDS = 3_000

const brokers = sharedBroker().brokers
const prefix = uniquePrefix()
const topics = new TopicSet({ brokers, prefix, partitions: 1 })
let replica: Replica

/** Look-ups of a service, of ~300 bytes each. A third of them is random: no compression helps, and it goes as raw blocks. */
function lookupsOf(service: string, records: number): Buffer[] {
  return Array.from({ length: records }, (_, index) => {
    const clientInstance = index < records / 3 ? randomBytes(110).toString('latin1') : 'x'.repeat(200)
    return topics.lookup({ service, clientInstance, durationMicros: index, weight: 1 + (index % 3) }).value
  })
}

function batch(fields: Partial<JavaBatch> & { values: readonly Buffer[] }): JavaBatch {
  return { topic: topics.names.lookups, compression: 'none', end: 'plain', ...fields }
}

function counted(service: string): Promise<number> {
  return replica.sum('discovery_lookups_total', { service })
}

/** Waits until as much is shown as there is: what is shown lags by a checkpoint. */
function untilShown(service: string, lookups: number): Promise<unknown> {
  return until(async () => (await counted(service)) >= lookups, { message: `${lookups} look-ups of ${service} are shown` })
}

beforeAll(async () => {
  await prepareJava()
  await topics.open()
  await topics.create()
  await javaProduce(brokers, [
    ...compressions.map(compression => batch({ compression, values: lookupsOf(compression, RECORDS) })),
    batch({ end: 'commit', values: lookupsOf('committed', 300) }),
    batch({ end: 'abort', values: lookupsOf('aborted', 300) }),
    batch({ values: lookupsOf('behind', 3) }),
    batch({ end: 'commit', compression: 'zstd', values: lookupsOf('committed', 300) }),
    batch({ end: 'abort', compression: 'lz4', values: lookupsOf('aborted', 300) }),
    batch({ end: 'abort', topic: topics.names.registrations, values: lookupsOf('aborted', 3) }),
  ])
  replica = await Replica.start({ brokers, prefix })
})

afterAll(async () => {
  await replica.stop()
  await topics.close()
})

describe('what Apache Kafka’s own producer has written', () => {
  it('is read to its end, though that is the marker of an aborted transaction, and though a topic may have nothing else', async () => {
    await replica.untilReady()
    await until(async () => (await replica.sum('discovery_aggregator_lag_records')) === 0, { message: 'no lag' })
    expect(await replica.sum('discovery_aggregator_rejected_total')).toBe(0)
  })

  it.each(compressions)('is counted in batches of many records, compressed by %s', async compression => {
    await untilShown(compression, 2 * RECORDS)
    expect(await counted(compression)).toBe(2 * RECORDS)
    const seconds = await replica.sum('discovery_service_graph_request_server_seconds_sum', { server: compression })
    expect(seconds).toBeCloseTo((RECORDS * (RECORDS - 1)) / 2 / 1e6, 6)
  })

  it('is counted if its transaction was committed, and not if it was aborted', async () => {
    await untilShown('committed', 1_200)
    await untilShown('behind', 6)
    expect(await counted('committed')).toBe(1_200)
    expect(await counted('aborted')).toBe(0)
    expect(await counted('behind')).toBe(6)
  })

  it('keeps nobody from what comes behind the marker', async () => {
    await topics.lookups([{ service: 'late' }])
    expect(await until(async () => (await counted('late')) || null, { message: 'the late look-up is counted' })).toBe(1)
  })
})

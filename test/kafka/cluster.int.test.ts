import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeBatch } from '../../src/kafka/batch-encoder.ts'
import { TopicCluster } from '../../src/kafka/cluster.ts'
import { batchesOf } from '../../src/kafka/record-batch.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { LogSite, numbered } from './log-site.ts'
import { decodeSet } from './record-sets.ts'

// The contract with the inside of kafkajs. If a new version fails here, mend src/kafka/inner-cluster.ts.

const site = new LogSite({ brokers: sharedBroker().brokers, prefix: uniquePrefix() })
const options = { signal: new AbortController().signal, timeoutMs: 20_000, attempt: 0 }
const limits = { maxWaitMs: 100, maxBytes: 1_000_000, maxBytesPerPartition: 1_000_000 }
let topic: string
let cluster: TopicCluster

beforeAll(async () => {
  await site.open()
  topic = await site.topic('inside', { partitions: 2 })
  cluster = await TopicCluster.open(site.kafka, topic, options)
})

afterAll(async () => {
  cluster.close()
  await site.close()
})

describe('the inside of kafkajs', () => {
  it('knows the leaders, appends a batch whole, and hands its bytes on as they are', async () => {
    const [[node, partitions] = ['', []]] = cluster.leaders()
    expect([cluster.leaders().size, new Set(partitions)]).toEqual([1, new Set([0, 1])])
    const batch = encodeBatch(numbered(3), Date.now())
    for (let count = 0; count < 2; count++) await cluster.produce({ partition: 1, batch, timeoutMs: 5_000, signal: options.signal })

    expect([...await cluster.bounds([0, 1])]).toEqual([[0, { low: 0, high: 0 }], [1, { low: 0, high: 6 }]])
    const answer = await cluster.fetch(node, { ...limits, partitions: [{ partition: 1, offset: 0 }, { partition: 0, offset: 9 }] }, 20_000)
    expect(answer.errorCode).toBe(0)
    const [right, beyond] = answer.partitions.toSorted((a, b) => b.partition - a.partition)
    expect(right).toMatchObject({ partition: 1, errorCode: 0, high: 6, stable: 6, low: 0, aborted: [] })
    expect(beyond).toMatchObject({ partition: 0, errorCode: 1, high: -1, low: -1 })
    const set = right?.records ?? Buffer.alloc(0)
    expect(batchesOf(set).map(({ next }) => next)).toEqual([3, 6])
    expect(decodeSet(set).map(({ key }) => String(key))).toEqual(['0', '1', '2', '0', '1', '2'])
  })

  it('has Kafka’s names for errors', async () => {
    await expect(TopicCluster.open(site.kafka, `${topic}-not`, options)).rejects.toMatchObject({ type: 'UNKNOWN_TOPIC_OR_PARTITION' })
  })

  it('ends at once, with a request under way, when it is closed', async () => {
    const own = await TopicCluster.open(site.kafka, topic, options)
    const [node = ''] = own.leaders().keys()
    const fetching = own.fetch(node, { ...limits, maxWaitMs: 30_000, partitions: [{ partition: 0, offset: 0 }] }, 60_000)
    own.close(new Error('enough'))
    await expect(fetching).rejects.toThrow('enough')
    await expect(own.bounds([0])).rejects.toThrow('enough')
  })

  it('takes the next of the first addresses if one does not answer', async () => {
    const brokers = ['127.0.0.1:1', ...sharedBroker().brokers]
    const other = await TopicCluster.open(new Kafka({ brokers, logLevel: logLevel.NOTHING }), topic, options)
    expect(other.leaders().size).toBe(1)
    other.close()
  })

  it('is missed with a clear word if it is not as it was', async () => {
    const opening = TopicCluster.open({} as Kafka, topic, options)
    await expect(opening).rejects.toMatchObject({ code: 'library_changed', message: expect.stringContaining('no createCluster as version 2.2.4') as string })
  })
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import type { NewRecord } from '../../src/checkpoint/log.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { LogSite, numbered } from './log-site.ts'

const site = new LogSite({ brokers: sharedBroker().brokers, prefix: uniquePrefix() })

beforeAll(() => site.open())
afterAll(() => site.close())

const records: NewRecord[] = [
  { key: 'lookups-0 edge 4.3 shopweb', value: Buffer.from([0xc3, 0x01, 0, 0xff]) },
  { key: 'lookups-0 edge 4.3 shopwéb', value: null, headers: { epoch: '17', asOf: '9007199254740991' } },
  { key: 'k'.repeat(70), value: Buffer.alloc(9_000, 'x') },
  { key: '', value: Buffer.alloc(0), headers: { empty: '' } },
  ...numbered(3_000),
]

it('appends what the broker takes for sound, and what a consumer of another make reads as it was', async () => {
  const topic = await site.topic('read-by-others', { config: { 'cleanup.policy': 'delete' } })
  await site.writer(topic).append(0, records)
  const consumer = site.kafka.consumer({ groupId: topic })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const read: { key: string; value: string | null; headers: Record<string, string> }[] = []
  await consumer.run({
    eachMessage: async ({ message: { key, value, headers = {} } }) => {
      const named = Object.entries(headers).map(([name, said]) => [name, String(said)])
      read.push({ key: String(key), value: value?.toString('hex') ?? null, headers: Object.fromEntries(named) as Record<string, string> })
    },
  })
  await until(() => read.length >= records.length, { timeoutMs: 30_000, message: 'all records are read' })
  await consumer.disconnect()
  expect(read).toEqual(records.map(({ key, value, headers = {} }) => ({ key, value: value?.toString('hex') ?? null, headers })))
})

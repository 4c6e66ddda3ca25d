import { describe, expect, it } from 'vitest'
import { resolveSettings, type AgentOptions } from '../../src/agent/options.ts'
import { FakeKafka } from './fake-kafka.ts'

const kafka = new FakeKafka()

describe('an agent\'s options', () => {
  it('have these defaults', () => {
    expect(resolveSettings({ kafka, service: 'cart' })).toMatchObject({
      identity: { service: 'cart', namespace: '', instance: '', version: '', zone: '', source: '' },
      kind: 'sdk', topicPrefix: '', queueLimit: 10_000, batchSize: 500, lingerMs: 200, reportIntervalMs: 10_000,
    })
  })

  it('may be as small as they can be', () => {
    const least = { queueLimit: 1, batchSize: 1, lingerMs: 0, reportIntervalMs: 0 }
    expect(resolveSettings({ kafka, service: 'x'.repeat(256), ...least })).toMatchObject(least)
  })

  it('are refused with every fault named at once', () => {
    const wrong = { service: '', zone: 'x'.repeat(257), kind: 'a/b', queueLimit: 0, batchSize: 1.5, lingerMs: -1, version: 3 }
    expect(() => resolveSettings(wrong as unknown as AgentOptions)).toThrow(expect.objectContaining({
      code: 'INVALID_OPTIONS',
      message: 'the agent cannot be created: kafka is no kafkajs client; version is no string; zone has 257 bytes, the most is 256; '
        + 'service is empty; kind is empty or has a /; queueLimit is no whole number from 1 on; batchSize is no whole number from 1 on; '
        + 'lingerMs is no whole number from 0 on. Correct these options',
    }))
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Broker } from '../../broker/broker.ts'
import { findBroker } from '../../broker/find.ts'
import { itStandsFaults } from './faults.ts'
import { Messages } from './messages.ts'

describe('the broker as a container', () => {
  let broker: Broker
  let messages: Messages

  beforeAll(async () => {
    broker = await findBroker({ env: { ...process.env, BROKER: 'docker' } })
    messages = new Messages(broker.brokers)
    await messages.createTopic()
  })

  afterAll(async () => {
    await broker.stop()
  })

  it('listens on loopback', () => {
    expect(broker.brokers).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)])
  })

  itStandsFaults(() => ({ broker, messages }))

  it('can be killed while it is paused', async () => {
    await broker.pause()
    await broker.kill()
    await expect(messages.send('meanwhile')).rejects.toThrow('ECONNREFUSED')
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Broker } from '../../broker/broker.ts'
import { findBroker } from '../../broker/find.ts'
import { until } from '../support/until.ts'
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

  it('keeps its address and its messages over a kill and a start', async () => {
    await messages.send('before')

    await broker.kill()
    await expect(messages.send('meanwhile')).rejects.toThrow('ECONNREFUSED')
    await broker.start()

    await messages.send('after')
    expect(await messages.read(2)).toEqual(['before', 'after'])
  })

  it('answers nobody while it is paused, and everybody once it is resumed', async () => {
    await broker.pause()
    await expect(messages.send('paused')).rejects.toThrow(/time(d )?out/i)
    await broker.resume()

    await until(() => messages.send('resumed').then(() => true), { message: 'a resumed broker takes messages' })
  })

  it('refuses to start while it runs', async () => {
    await expect(broker.start()).rejects.toMatchObject({ code: 'WRONG_STATE' })
  })

  it('can be killed while it is paused', async () => {
    await broker.pause()
    await broker.kill()
    await expect(messages.send('meanwhile')).rejects.toThrow('ECONNREFUSED')
  })
})

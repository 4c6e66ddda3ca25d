import { expect, it } from 'vitest'
import type { Broker } from '../../broker/broker.ts'
import { until } from '../support/until.ts'
import type { Messages } from './messages.ts'

/** What every broker that is ours to break does under faults, whichever way it was found. `parts`: asked once the broker runs. */
export function itStandsFaults(parts: () => { broker: Broker; messages: Messages }): void {
  it('keeps its address and its messages over a kill and a start', async () => {
    const { broker, messages } = parts()
    await messages.send('before')

    await broker.kill()
    await expect(messages.send('meanwhile')).rejects.toThrow('ECONNREFUSED')
    await broker.start()

    await messages.send('after')
    expect(await messages.read(2)).toEqual(['before', 'after'])
  })

  it('answers nobody while it is paused, and everybody once it is resumed', async () => {
    const { broker, messages } = parts()
    await broker.pause()
    await expect(messages.send('paused')).rejects.toThrow('timed out')
    await broker.resume()

    await until(() => messages.send('resumed').then(() => true), { message: 'a resumed broker takes messages' })
  })

  it('refuses to start while it runs', async () => {
    await expect(parts().broker.start()).rejects.toMatchObject({ code: 'WRONG_STATE' })
  })
}

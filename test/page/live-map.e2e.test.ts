import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDiscoveryAgent, type DiscoveryAgent } from '../../src/sdk.ts'
import { quietKafka } from '../e2e/workload.ts'
import { startReplicas, stopReplicas, type Replica } from '../support/replicas.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { drawn, positionOf, shown, useBrowser, violations } from './browser.ts'

describe('the page of a replica that counts what agents publish', () => {
  const { brokers } = sharedBroker()
  const topicPrefix = uniquePrefix()
  const { open } = useBrowser()
  let replicas: Replica[] = []
  let agents: Readonly<Record<'web' | 'cart', DiscoveryAgent>> | undefined

  beforeAll(async () => {
    replicas = await startReplicas(1, { brokers, topicPrefix })
    const kafka = quietKafka(brokers)
    const agentOf = (service: string) =>
      createDiscoveryAgent({ kafka, topicPrefix, namespace: 'shop', service, instance: `${service}-0`, version: '2.7.1', reportIntervalMs: 0 })
    agents = { web: agentOf('web'), cart: agentOf('cart') }
  })

  afterAll(async () => {
    await Promise.all(Object.values(agents ?? {}).map(agent => agent.close()))
    await stopReplicas(replicas)
  })

  it('is empty and says what to do, then fills by itself, without a jump, with what is looked up', async () => {
    const { page, complaints } = await open(replicas[0]?.url ?? '')
    await page.getByRole('heading', { name: 'No look-ups yet' }).waitFor()

    agents?.cart.recordRegistration({ operation: 'REGISTER', outcome: 'SUCCESS', status: 'PASSING' })
    agents?.web.recordLookup({ namespace: 'shop', service: 'cart', outcome: 'SUCCESS', cache: 'MISS', durationMicros: 2_400 })
    await Promise.all([agents?.web.flush(), agents?.cart.flush()])
    await expect.poll(() => drawn(page), { timeout: 30_000 }).toEqual(['shop/cart', 'shop/web'])
    await shown(page)

    const before = await positionOf(page, 'shop/cart')
    agents?.cart.recordLookup({ namespace: 'shop', service: 'gone', outcome: 'FAILURE', errorCategory: 'NOT_FOUND', errorCode: 'NXDOMAIN' })
    await agents?.cart.flush()
    await expect.poll(() => drawn(page), { timeout: 30_000 }).toEqual(['shop/cart', 'shop/gone', 'shop/web'])
    expect(await positionOf(page, 'shop/cart')).toEqual(before)

    const at = await positionOf(page, 'shop/cart')
    await page.mouse.click(at.x, at.y)
    const panel = page.getByRole('complementary', { name: 'Service' })
    await panel.getByText('1 instance passing').waitFor()
    await panel.getByText('2.7.1').first().waitFor()
    await panel.getByText('100 % failed').waitFor()
    expect(await violations(page)).toEqual([])
    expect(complaints).toEqual([])
  })
})

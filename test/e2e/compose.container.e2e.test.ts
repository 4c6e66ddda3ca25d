import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../broker/ports.ts'
import { until } from '../support/until.ts'
import { docker } from './image.ts'
import { PrometheusClient } from './prometheus-server.ts'

const file = fileURLToPath(new URL('../../docker-compose.yml', import.meta.url))
const UP_MS = 170_000
const ports = ['REPLICA_A_PORT', 'REPLICA_B_PORT', 'PROMETHEUS_PORT'] as const

interface Listed {
  readonly Publishers: readonly { readonly URL: string; readonly PublishedPort: number }[]
}

describe('docker compose', () => {
  const project = `discovery-metrics-test-${randomBytes(4).toString('hex')}`
  const compose = (...args: string[]): Promise<string> => docker(['compose', '--project-name', project, '--file', file, ...args], UP_MS)
  let prometheus: PrometheusClient

  beforeAll(async () => {
    for (const port of ports) process.env[port] = String(await freePort())
    prometheus = new PrometheusClient(`http://127.0.0.1:${process.env['PROMETHEUS_PORT']}`)
    await compose('up', '--build', '--pull', 'never', '--wait')
  })

  afterAll(async () => {
    await compose('down', '--volumes', '--timeout', '12')
    for (const port of ports) delete process.env[port]
  })

  it('publishes ports on loopback only', async () => {
    const lines = (await compose('ps', '--format', 'json')).split('\n')
    const published = lines.flatMap(line => (JSON.parse(line) as Listed).Publishers).filter(({ PublishedPort }) => PublishedPort > 0)
    expect(published).toHaveLength(ports.length)
    expect(new Set(published.map(({ URL }) => URL))).toEqual(new Set(['127.0.0.1']))
  })

  it("brings the demo's look-ups from both replicas into Prometheus", async () => {
    const services = await until(async () => {
      const found = await prometheus.query('sum by (namespace, service) (discovery_lookups_total) > 0')
      return found.length >= 11 && found
    }, { timeoutMs: 60_000, message: 'the eleven services of the demo are looked up' })
    expect(services.map(({ series }) => series)).toContain('{namespace="shop",service="catalog"}')

    const owned = 'sum by (instance) (discovery_aggregator_owned_partitions{topic="discovery.lookups.v1"}) > 0'
    const owners = async (): Promise<string[]> => (await prometheus.query(owned)).map(({ series }) => series).toSorted()
    await expect.poll(owners, { timeout: 30_000, interval: 500 }).toEqual(['{instance="replica-a:9464"}', '{instance="replica-b:9464"}'])
    const shards = await prometheus.query('count by (shard) (discovery_lookups_total)')
    expect(shards.length).toBeGreaterThan(1)
    expect(await prometheus.query('{shard!="",instance!=""}')).toEqual([])
  })

  it('serves the map', async () => {
    const response = await fetch(`http://127.0.0.1:${process.env['REPLICA_A_PORT']}/api/v1/graph`)
    expect(await response.json()).toMatchObject({ windowSeconds: 300 })
  })
})
